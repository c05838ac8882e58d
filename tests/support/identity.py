# SPDX-License-Identifier: Apache-2.0
"""Who gives credentials to programs in a cloud, on loopback: an OpenID issuer, the metadata service of an EC2 host, a container's endpoint.
What they hand out is real: a token that is verified, or a session of the store that the program then reads from."""

import base64
import hashlib
import json
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from hostile_server import answer
from object_stores import Program
from servers import LoopbackServer, free_port, read_head


def base64url(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def utc(seconds):
    """A time as AWS's endpoints write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class RsaKey:
    """Signs and verifies tokens (RS256)."""

    def __init__(self, name="key-1"):
        self.name, self._key = name, rsa.generate_private_key(65537, 2048)

    @property
    def pem(self):
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()

    @property
    def public_der(self):
        return self._key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    @property
    def jwk(self):
        numbers = self._key.public_key().public_numbers()
        modulus, exponent = (base64url(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, numbers.e))
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.name, "n": modulus, "e": exponent}

    def kubernetes_id(self):
        """The name that an API server, which has no other, gives to a key: a hash of its public half."""
        return base64url(hashlib.sha256(self.public_der).digest())

    def token(self, claims):
        text = base64url({"alg": "RS256", "typ": "JWT", "kid": self.name}) + "." + base64url(claims)
        return text + "." + base64url(self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))

    def claims(self, token):
        """Of a token that this key signed; None when it did not."""
        try:
            text, _, signature = token.rpartition(".")
            self._key.public_key().verify(from_base64url(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
            return json.loads(from_base64url(text.split(".")[1]))
        except (InvalidSignature, ValueError, IndexError):
            return None


class JsonServer(LoopbackServer):
    """Plain HTTP: respond(method, path, headers, body) of whoever inherits returns a status, a document and more headers. `asked` has
    the paths."""

    def __init__(self):
        self.asked = []
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, connection):
        while (request := read_head(connection)) is not None:
            head, _, body = request.partition(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")
            method, path, _ = first.split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            while len(body) < int(headers.get("content-length", 0)):
                body += connection.recv(65536)
            self.asked.append(path)
            status, document, *more = self.respond(method, path, headers, body.decode())
            connection.sendall(answer(json.dumps(document).encode(), status, ["Content-Type: application/json", *more]))


class Issuer(JsonServer):
    """An OpenID issuer: discovery, its keys, and token(...) for a program that it vouches for."""

    def __init__(self):
        self.key = RsaKey()
        super().__init__()

    def respond(self, method, path, headers, body):
        if path == "/keys":
            return "200 OK", {"keys": [self.key.jwk]}
        return "200 OK", {"issuer": self.url, "jwks_uri": f"{self.url}/keys", "authorization_endpoint": f"{self.url}/authorize",
                          "token_endpoint": f"{self.url}/token", "id_token_signing_alg_values_supported": ["RS256"],
                          "response_types_supported": ["id_token"], "subject_types_supported": ["public"]}

    def token(self, seconds=3600, audience="upkeep", key=None):
        """Good for that long. MinIO's sessions end with the token they were given for, so this is also how long those last."""
        now = int(time.time())
        return (key or self.key).token({"iss": self.url, "sub": "system:serviceaccount:upkeep:upkeepd", "aud": audience, "iat": now,
                                        "exp": now + seconds})


class ContainerCredentials(JsonServer):
    """Hands out `credentials`, which end in `seconds`, to who shows `authorization`; `given` counts."""

    def __init__(self, credentials, authorization, seconds=3600):
        self.credentials, self.authorization, self.seconds, self.given = credentials, authorization, seconds, 0
        super().__init__()

    def respond(self, method, path, headers, body):
        if headers.get("authorization") != self.authorization:
            return "401 Unauthorized", {"Code": "Unauthorized", "Message": "who are you?"}
        self.given += 1
        return "200 OK", credentials_document(self.credentials, self.seconds)


def credentials_document(credentials, seconds):
    return {"AccessKeyId": credentials.key_id, "SecretAccessKey": credentials.secret, "Token": credentials.token,
            "Expiration": utc(time.time() + seconds)}


class Imds(Program):
    """The metadata service of an EC2 host, version 2 only, with one role whose session is `credentials`, good for `seconds`."""

    def __init__(self, folder, credentials, role="upkeep-host", seconds=3600):
        document = {"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": utc(time.time()), **credentials_document(credentials, seconds)}
        (folder / "imds.json").write_text(json.dumps({"metadata": {"values": {
            "iam-security-credentials-role": role, "iam-security-credentials": document}}}))
        port = free_port()
        self.url, self.role = f"http://127.0.0.1:{port}", role
        super().__init__(folder, "ec2-metadata-mock", "--hostname", "127.0.0.1", "--port", port, "--imdsv2", "-c", folder / "imds.json",
                         port=port)
        self.wait_ready(self.listens)
