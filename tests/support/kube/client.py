# SPDX-License-Identifier: Apache-2.0
"""A small client of an API server: one request at a time, JSON both ways, errors as they came."""

import dataclasses
import http.client
import json
import ssl
import urllib.parse

MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
GROUPS = {"deployments": "apps/v1", "statefulsets": "apps/v1", "daemonsets": "apps/v1", "replicasets": "apps/v1", "controllerrevisions": "apps/v1",
          "leases": "coordination.k8s.io/v1", "roles": "rbac.authorization.k8s.io/v1", "rolebindings": "rbac.authorization.k8s.io/v1",
          "clusterroles": "rbac.authorization.k8s.io/v1", "clusterrolebindings": "rbac.authorization.k8s.io/v1", "events": "events.k8s.io/v1",
          "validatingadmissionpolicies": "admissionregistration.k8s.io/v1",
          "validatingadmissionpolicybindings": "admissionregistration.k8s.io/v1"}


def path_of(kind, space=None, name=None, sub=None):
    """`kind` is the plural: "deployments"; what is not in GROUPS is of the core group."""
    group = GROUPS.get(kind)
    within = f"/namespaces/{space}" if space else ""
    return "/".join([f"/apis/{group}{within}" if group else f"/api/v1{within}", kind, *filter(None, (name, sub))])


class Refused(AssertionError):
    """An answer other than 2xx to a request that had to succeed; `status` and `json` are the server's."""

    def __init__(self, asked, answer):
        super().__init__(f"{asked}: {answer.status} {answer.text[:500]}")
        self.status, self.json = answer.status, answer.json


@dataclasses.dataclass
class Answer:
    status: int
    text: str
    headers: dict

    @property
    def json(self):
        return json.loads(self.text) if self.text else None


class Client:
    """Of the server at 127.0.0.1:`port`, whose certificate is of `authority`, as whom `token` says (None: as nobody)."""

    def __init__(self, port, authority, token=None):
        self.port, self.token = port, token
        self._tls = ssl.create_default_context(cafile=authority.crt)

    def ask(self, method, path, body=None, kind="application/json", seconds=30, **query):
        """The Answer, whatever it says; OSError when there is none."""
        query = {key: str(value).lower() if isinstance(value, bool) else value for key, value in query.items() if value is not None}
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=seconds, context=self._tls)
        try:
            connection.request(method, path + ("?" + urllib.parse.urlencode(query) if query else ""), None if body is None else json.dumps(body),
                               {"Content-Type": kind, "Accept": "application/json",
                                **({"Authorization": f"Bearer {self.token}"} if self.token else {})})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read().decode(), dict(answer.getheaders()))
        finally:
            connection.close()

    def must(self, method, path, body=None, **options):
        """The document that a request brings which has to succeed."""
        answer = self.ask(method, path, body, **options)
        if not 200 <= answer.status < 300:
            raise Refused(f"{method} {path}", answer)
        return answer.json

    def get(self, kind, space=None, name=None, sub=None, **query):
        """The object; without a name the list of them."""
        found = self.must("GET", path_of(kind, space, name, sub), **query)
        return found if name else found["items"]

    def create(self, kind, space, body, sub_of=None, sub=None, **query):
        return self.must("POST", path_of(kind, space, sub_of, sub), body, **query)

    def replace(self, kind, space, body, sub=None, **query):
        return self.must("PUT", path_of(kind, space, body["metadata"]["name"], sub), body, **query)

    def patch(self, kind, space, name, body, how=STRATEGIC, sub=None, **query):
        return self.must("PATCH", path_of(kind, space, name, sub), body, kind=how, **query)

    def delete(self, kind, space, name, **query):
        """True; False when it was not there."""
        answer = self.ask("DELETE", path_of(kind, space, name), **query)
        if answer.status not in (200, 202, 404):
            raise Refused(f"DELETE {kind} {name}", answer)
        return answer.status != 404
