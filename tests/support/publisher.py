# SPDX-License-Identifier: Apache-2.0
"""A publisher's folder of channels, and the keys beside it."""

import json


class Publisher:
    """`publisher("set", "stable", "1.2.3", …)` is `upkeep channel set stable 1.2.3 … --base FOLDER --json`; see Answer."""

    def __init__(self, upkeep, folder, keys=0, signatures=1):
        self._upkeep, self.folder = upkeep, folder
        self.base = folder / "channels"
        self.secrets = [folder / f"key{number}.key" for number in range(keys)]
        self.publics = [file.with_suffix(".pub") for file in self.secrets]
        for secret in self.secrets:
            assert upkeep("channel", "keygen", secret.with_suffix(""), "--no-password").status == 0
        self.init(*self.given(self.publics), *(["--signatures", signatures] if keys else []))

    @staticmethod
    def given(keys):
        """The options that name these keys."""
        return [word for key in keys for word in ("--key", key)]

    def init(self, *words):
        answer = self._upkeep("channel", "init", self.base, *words, "--json")
        assert answer.status == 0, answer.err
        return answer.json

    def __call__(self, *words, **environment):
        return self._upkeep("channel", *words, "--base", self.base, "--json", **environment)

    def must(self, *words, signed=True, **environment):
        """With all the keys, unless `signed` is false or some are named. Returns its document."""
        keys = self.given(self.secrets) if signed and "--key" not in words and words[0] in ("set", "promote", "withdraw", "sign") else []
        answer = self(*words, *keys, **environment)
        assert answer.status == 0, answer.err
        return answer.json

    def verify(self, where=None, *words, **environment):
        """`upkeep channel verify`; where: otherwise the channel in the folder."""
        return self._upkeep("channel", "verify", where or self.path(), *words, "--json", **environment)

    def show(self, where=None, *words, **environment):
        return self._upkeep("channel", "show", where or self.path(), *words, "--json", **environment)

    def path(self, channel="stable"):
        return self.base / channel

    def files(self, channel="stable"):
        """Name → text."""
        return {file.name: file.read_text() for file in self.path(channel).iterdir() if file.is_file()}

    def document(self, channel="stable"):
        return json.loads((self.path(channel) / "release.json").read_text())

    def id(self, number):
        return self.publics[number].read_text().split()[5]
