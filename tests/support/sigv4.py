# SPDX-License-Identifier: Apache-2.0
"""AWS Signature Version 4, as the tests sign what they ask of object stores: written apart from the program's own signer, so that the
two agree only where both are right."""

import collections
import datetime
import hashlib
import hmac
import urllib.parse

Credentials = collections.namedtuple("Credentials", "key_id secret token", defaults=[None])


def encoded(text, keep=""):
    """Percent-encoded as SigV4 wants it: all but letters, digits and -._~ (and what to `keep`)."""
    return urllib.parse.quote(text, safe="-._~" + keep)


def signed(credentials, method, host, path, query=None, body=b"", region="us-east-1", service="s3", headers=None, now=None):
    """The headers of a request that is signed. `path` is percent-encoded already; `query` is a dict of plain texts."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    payload = hashlib.sha256(body).hexdigest()
    headers = {name.lower(): value.strip() for name, value in (headers or {}).items()}
    headers |= {"host": host, "x-amz-date": stamp, "x-amz-content-sha256": payload}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    lines = (f"{name}:{headers[name]}" for name in sorted(headers))
    canonical = "\n".join([method, path, query_text(query), *lines, "", names, payload])
    scope = f"{day}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + credentials.secret).encode()
    for piece in (day, region, service, "aws4_request"):
        key = hmac.digest(key, piece.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={credentials.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers


def query_text(query):
    """A query string in the order in which it is signed."""
    return "&".join(f"{name}={value}" for name, value in sorted((encoded(name), encoded(value)) for name, value in (query or {}).items()))
