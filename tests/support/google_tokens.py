# SPDX-License-Identifier: Apache-2.0
"""Who gives tokens to programs at Google, on loopback, as strict as the documents say: the token endpoint of service accounts, the exchange
of other issuers' tokens, the impersonation of a service account, the metadata server."""

import json
import time
import urllib.parse

from identity import JsonServer, RsaKey, utc

READ_ONLY = "https://www.googleapis.com/auth/devstorage.read_only"
PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
SCOPES = {READ_ONLY, "https://www.googleapis.com/auth/devstorage.read_write"}
FORM = "application/x-www-form-urlencoded"
AUDIENCE = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/fleet/providers/cluster"


class Google(JsonServer):
    """`issuer` is the other issuer whose tokens it takes. good(head) says whether a request shows a token that it gave and that still
    counts; `refused` has what was wrong with requests for one."""

    def __init__(self, issuer):
        self.key, self.issuer, self.seconds, self.refused, self.given = RsaKey("private-key-id-1"), issuer, 3600, [], []
        self.email, self.federated = "upkeep@test-project.iam.example.com", set()
        self._impersonate = f"/v1/accounts/{self.email}:generateAccessToken"
        super().__init__()

    def service_account(self, **more):
        """The JSON file of the account."""
        return json.dumps({"type": "service_account", "project_id": "test-project", "client_email": self.email, "client_id": "1",
                           "private_key_id": self.key.name, "private_key": self.key.pem, "token_uri": f"{self.url}/token", **more})

    def federation(self, token_file, impersonate=False, **more):
        """The JSON file of a workload that has a token of `issuer`."""
        impersonation = {"service_account_impersonation_url": self.url + self._impersonate} if impersonate else {}
        return json.dumps({"type": "external_account", "audience": AUDIENCE, "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                           "token_url": f"{self.url}/sts", "credential_source": {"file": str(token_file)}, **impersonation, **more})

    def good(self, head):
        shown = [line for line in head.decode().split("\r\n") if line.lower().startswith("authorization: bearer ")]
        return len(shown) == 1 and shown[0].split(" ")[2] in self.given

    def respond(self, method, path, headers, body):
        place, _, query = path.partition("?")
        if place == "/computeMetadata/v1/instance/service-accounts/default/token":
            if method != "GET" or headers.get("metadata-flavor") != "Google":
                return self._refuse("403 Forbidden", ["metadata-flavor"])
            if dict(urllib.parse.parse_qsl(query)).get("scopes") not in SCOPES:
                return self._refuse("403 Forbidden", ["scopes"])
            return "200 OK", self._token(), "Metadata-Flavor: Google"
        form = dict(urllib.parse.parse_qsl(body))
        asked = {"/token": self._of_account, "/sts": self._of_another, self._impersonate: self._of_impersonated}
        if method != "POST" or path not in asked:
            return self._refuse("404 Not Found", [f"{method} {path}"])
        return asked[path](headers, form, body)

    def _of_account(self, headers, form, body):
        claims, now = self.key.claims(form.get("assertion", "")) or {}, time.time()
        return self._judge(self._token, type=headers.get("content-type") == FORM,
                           grant=form.get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer",
                           issuer=claims.get("iss") == self.email, audience=claims.get("aud") == f"{self.url}/token",
                           scope=claims.get("scope") in SCOPES,
                           time=claims.get("iat", 0) <= now + 60 and now < claims.get("exp", 0) <= claims.get("iat", 0) + 3600)

    def _of_another(self, headers, form, body):
        claims = self.issuer.key.claims(form.get("subject_token", "")) or {}
        token = self._federated if form.get("scope") == PLATFORM else self._token
        return self._judge(token, type=headers.get("content-type") == FORM,
                           grant=form.get("grant_type") == "urn:ietf:params:oauth:grant-type:token-exchange",
                           audience=form.get("audience") == AUDIENCE, issuer=claims.get("iss") == self.issuer.url,
                           time=time.time() < claims.get("exp", 0),
                           subject=form.get("subject_token_type") == "urn:ietf:params:oauth:token-type:jwt",
                           wish=form.get("requested_token_type") == "urn:ietf:params:oauth:token-type:access_token",
                           scope=form.get("scope") in SCOPES | {PLATFORM})

    def _of_impersonated(self, headers, form, body):
        wish = json.loads(body)
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        return self._judge(lambda: {"accessToken": self._token()["access_token"], "expireTime": utc(time.time() + self.seconds)},
                           bearer=bearer in self.federated, scope=set(wish["scope"]) <= SCOPES)

    def _judge(self, token, **rules):
        wrong = [name for name, kept in rules.items() if not kept]
        return self._refuse("400 Bad Request", wrong) if wrong else ("200 OK", token())

    def _refuse(self, status, wrong):
        self.refused.append(wrong)
        return status, {"error": "invalid_grant", "error_description": f"wrong: {', '.join(wrong)}"}

    def _token(self):
        self.given.append(f"SECRET-ya29.{len(self.given)}.{self.port}")
        return {"access_token": self.given[-1], "expires_in": self.seconds, "token_type": "Bearer"}

    def _federated(self):
        self.federated.add(token := f"SECRET-federated.{len(self.federated)}")
        return {"access_token": token, "expires_in": self.seconds, "token_type": "Bearer", "issued_token_type":
                "urn:ietf:params:oauth:token-type:access_token"}
