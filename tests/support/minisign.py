# SPDX-License-Identifier: Apache-2.0
"""Signs as minisign does, prehashed: a key pair of the tests, and .minisig files that are what they should be, or nearly."""

import base64
import hashlib
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def line(*pieces):
    return base64.b64encode(b"".join(pieces))


class Signer:
    def __init__(self):
        self._key, self._number = Ed25519PrivateKey.generate(), os.urandom(8)
        self.id = self._number[::-1].hex().upper()
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = line(b"Ed", self._number, raw).decode()

    def sign(self, document, comment=b"a test", shown=None, algorithm=b"ED"):
        """The bytes of a .minisig file. `shown`: the trusted comment that stands there, whatever was signed."""
        signature = self._key.sign(hashlib.blake2b(document).digest())
        return b"\n".join([b"untrusted comment: a test", line(algorithm, self._number, signature), b"trusted comment: " + (shown or comment),
                           line(self._key.sign(signature + comment)), b""])
