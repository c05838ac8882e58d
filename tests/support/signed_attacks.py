# SPDX-License-Identifier: Apache-2.0
"""What a signed channel may serve that nobody should believe: a table of files, with the error that each must lead to."""

import dataclasses
import gzip
import json
import time
from collections.abc import Callable

from hostile_server import answer, endless
from minisign import Signer

OK = b"HTTP/1.1 200 OK\r\n"
BOMB = answer(gzip.compress(b" " * 100_000_000), headers=["Content-Encoding: gzip"])
GOOD_SERIAL = 5     # of the document that is in force
ANNA, EVE = Signer(), Signer()      # whom the agents trust, and a stranger


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def document(channel, **members):
    """release.json; `members` beside or instead of the usual ones."""
    usual = {"channel": channel, "version": "99.0.0", "critical": True, "serial": GOOD_SERIAL + 1, "issued": at(-60), "expires": at(3600)}
    return json.dumps({**usual, **members}).encode()


def signed(text, signer=ANNA, **how):
    """The files of a channel whose document is this text."""
    return {"release.json": text, "release.json.minisig": signer.sign(text, **how)}


def good(channel, version, serial):
    return signed(document(channel, version=version, serial=serial, critical=False))


@dataclasses.dataclass
class Attack:
    """`files`(channel): name → bytes, or a play that answers by itself. What status must say: the code, and these words, or one of these
    if there are several, as sources say it in their own way."""
    files: Callable
    code: str
    words: str | list
    source: dict = dataclasses.field(default_factory=dict)     # further keys of the agent's [source]

    def __post_init__(self):
        self.words = [self.words] if isinstance(self.words, str) else self.words


def says(code, words, **members):
    """A document with these members, well signed."""
    return Attack(lambda channel: signed(document(channel, **members)), code, words)


def text(code, words, make):
    """What make(document) makes of a good document, well signed."""
    return Attack(lambda channel: signed(make(document(channel))), code, words)


def with_signature(code, words, make):
    """A good document with the signature file that make(document) makes."""
    return Attack(lambda channel: {"release.json": document(channel), "release.json.minisig": make(document(channel))}, code, words)


def replaced(old, new):
    return lambda good_text: good_text.replace(old, new)


def version(shown):
    return says("invalid", "version: ", version=shown)


def moved(place):
    return lambda connection, request: connection.sendall(answer(b"", "302 Found", [f"Location: {place}"]))


NOT_FOLLOWED = ["it sends the request elsewhere", "but only https is followed", "a link-local address"]
UNREADABLE = "a signature file cannot be read"
NESTED = "it is nested deeper than 16"

SIGNATURES = {
    "no-signature": Attack(lambda channel: {"release.json": document(channel)}, "denied", "there is no signature file"),
    "a-strangers": Attack(lambda channel: signed(document(channel), EVE), "denied", f"key {EVE.id} is not trusted"),
    "a-strangers-under-a-trusted-id": with_signature("denied", f"the signature of key {ANNA.id} does not fit", lambda good_text: EVE.sign(good_text)
                                                     .replace(EVE.sign(good_text).split(b"\n")[1][:14], ANNA.sign(good_text).split(b"\n")[1][:14])),
    "changed-afterwards": Attack(lambda channel: {**signed(document(channel)), "release.json": document(channel) + b" "}, "denied",
                                 f"the signature of key {ANNA.id} does not fit"),
    "another-comment": Attack(lambda channel: signed(document(channel), shown=b"version 98"), "denied", f"the signature of key {ANNA.id} does not fit"),
    "another-algorithm": Attack(lambda channel: signed(document(channel), algorithm=b"RS"), "denied", UNREADABLE),
    "not-prehashed-says-it": Attack(lambda channel: signed(document(channel), algorithm=b"Ed"), "denied", f"the signature of key {ANNA.id} does not fit"),
    "signature-cut": with_signature("denied", UNREADABLE, lambda good_text: ANNA.sign(good_text)[:150]),
    "signature-empty": with_signature("denied", UNREADABLE, lambda good_text: b""),
    "signature-binary": with_signature("denied", UNREADABLE, lambda good_text: bytes(range(256))),
    "signature-a-page": with_signature("denied", UNREADABLE, lambda good_text: b"<html><body>Sign in</body></html>"),
    "signature-long": with_signature("invalid", "longer than 4096 bytes", lambda good_text: ANNA.sign(good_text) + b"x" * 5000),
    "signature-elsewhere": with_signature("invalid", NOT_FOLLOWED, lambda good_text: moved("http://127.0.0.1:1/release.json.minisig")),
    "signature-endless": with_signature("invalid", "the body is longer than 65536 bytes", lambda good_text: endless(OK + b"\r\n", b"x" * 10_000)),
}

STANDING = {
    "plain-files-only": Attack(lambda channel: {"version": b"99.0.0", "critical": b"yes"}, "invalid", "release.json does not exist"),
    "another-channels": Attack(lambda channel: signed(document("another")), "denied", 'that of the channel "another", not of "another-channels"'),
    "expired": says("denied", "release.json expired at", issued=at(-9000), expires=at(-3600)),
    "from-tomorrow": says("denied", "one of the two clocks is wrong", issued=at(86400), expires=at(90000)),
    "ends-before-it-begins": says("invalid", "expires: is not later than issued", issued=at(-60), expires=at(-120)),
    "replayed": says("denied", f"has serial {GOOD_SERIAL - 1}, and {GOOD_SERIAL} was seen before", serial=GOOD_SERIAL - 1),
    "two-with-one-serial": says("denied", f"has the serial {GOOD_SERIAL} that another document had before", serial=GOOD_SERIAL),
    "requires-what-is-unknown": says("unsupported", 'requires "teleportation"', requires=["teleportation"]),
}

JSON = {
    "empty": text("invalid", "it is no JSON", lambda _: b""),
    "cut": text("invalid", "it is no JSON", lambda good_text: good_text[:-1]),
    "a-page": text("invalid", "it is no JSON", lambda _: b"<!DOCTYPE html><html></html>"),
    "binary": text("invalid", "it is no JSON", lambda _: bytes(range(256))),
    "utf-16": text("invalid", "it is no JSON", lambda good_text: good_text.decode().encode("utf-16")),
    "invalid-utf-8": text("invalid", "it is no JSON", replaced(b"99.0.0", b"99.0.0\xff")),
    "overlong-utf-8": text("invalid", "it is no JSON", replaced(b"99.0.0", b"99.0.0\xc0\xaf")),
    "behind-the-end": text("invalid", "it is no JSON", lambda good_text: good_text + b"{}"),
    "a-list": text("invalid", "it is no JSON object", lambda good_text: b"[" + good_text + b"]"),
    "a-name-twice": text("invalid", 'the member "serial" stands there twice', replaced(b'"serial"', b'"serial": 1, "serial"')),
    "nested-100-deep": text("invalid", NESTED, replaced(b"{", b'{"x": ' + b"[" * 100 + b"]" * 100 + b", ")),
    "nested-20000-deep": text("invalid", NESTED, replaced(b"{", b'{"x": ' + b"[" * 20_000 + b"]" * 20_000 + b", ")),
    "nested-and-cut": text("invalid", NESTED, lambda _: b'{"x": ' + b"[" * 60_000),
    "65-bits": text("invalid", "serial: must be a whole number", replaced(b'"serial": 6', b'"serial": 18446744073709551616')),
    "54-bits": text("invalid", "serial: must be a whole number", replaced(b'"serial": 6', b'"serial": 9007199254740992')),
    "huge-exponent": text("invalid", "it has a number that is out of range", replaced(b'"serial": 6', b'"serial": 1e999999')),
    "ten-thousand-digits": text("invalid", "", replaced(b'"serial": 6', b'"serial": ' + b"9" * 10_000)),
    "negative": says("invalid", "serial: must be a whole number", serial=-1),
    "a-fraction": says("invalid", "serial: must be a whole number", serial=6.5),
    "many-entries": says("invalid", "has more than 1000 entries", withdrawn=[{"version": f"1.0.{n}"} for n in range(1001)]),
    "too-long": Attack(lambda channel: signed(document(channel, notes="https://" + "x" * 65_536)), "invalid", "longer than 65536 bytes"),
    "endless": Attack(lambda channel: {"release.json": endless(OK + b"\r\n", b" " * 10_000)}, "invalid", "the body is longer than 65536 bytes"),
    "slow": Attack(lambda channel: {"release.json": endless(OK + b"Content-Length: 900\r\n\r\n", b" ", pause=0.2)}, "timeout", "",
                   {"timeout": "3s"}),
    "elsewhere-in-plain-text": Attack(lambda channel: {"release.json": moved("http://127.0.0.1:1/release.json")}, "invalid", NOT_FOLLOWED),
    "elsewhere-at-a-metadata-service": Attack(lambda channel: {"release.json": moved("https://169.254.169.254/release.json")}, "invalid",
                                              NOT_FOLLOWED),
    "a-bomb": Attack(lambda channel: {"release.json": lambda connection, request: connection.sendall(BOMB)}, "invalid",
                     "the body is longer than 65536 bytes"),
}

MEMBERS = {
    "version-with-a-command": version("99.0.0; rm -rf /"),
    "version-with-a-substitution": version("99.0.0-$(reboot)"),
    "version-with-back-ticks": version("`reboot`"),
    "version-with-a-path": version("../../../etc/passwd"),
    "version-with-a-slash": version("99.0.0/../1.0.0"),
    "version-like-an-option": version("--allow-downgrade"),
    "version-with-a-nul": version("99.0.0\0"),
    "version-with-a-newline": version("99.0.0\nFAKE LOG LINE"),
    "version-with-terminal-codes": version("99.0.0-\x1b[2J\x1b]0;owned\x07"),
    "version-in-wide-digits": version("９９.０.０"),
    "version-a-number": version(99),
    "version-an-object": version({"99": 0}),
    "version-long": version("9" * 60_000 + ".0.0"),
    "critical-as-text": says("invalid", "critical: must be true or false", critical="yes"),
    "time-that-is-none": says("invalid", "expires: ", expires="9999-99-99T00:00:00Z"),
    "notes-that-run": says("invalid", "notes: must be an https address", notes="javascript:alert(1)"),
    "rollout-of-1000-percent": says("invalid", "rollout: percent must be", rollout=[{"starts": at(0), "percent": 1000}]),
    "package-with-a-path": says("invalid", "packages: names a file with a folder", packages={"../../x.deb": "0" * 64}),
    "digest-that-is-none": says("invalid", "images: ", images={"a": "sha256:$(reboot)"}),
    "key-that-anybody-signs-for": says("invalid", "keys: this is a key that anybody could sign for", keys=["RWQ" + "A" * 53]),
    "seventeen-keys": says("invalid", "keys: must be a list of at most 16 keys", keys=[EVE.public] * 17),
    "a-key-twice": says("invalid", f"keys: names the key {EVE.id} twice", keys=[EVE.public] * 2),
}

ATTACKS = {**SIGNATURES, **STANDING, **JSON, **MEMBERS}
