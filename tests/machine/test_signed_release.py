# SPDX-License-Identifier: Apache-2.0
"""A signed channel, published with `upkeep channel`, on whole machines: upgraded by it, and not by whoever only has the web server or the
package repository."""

import json
import os
import subprocess
import time

import pytest
from daemon_process import BUILD
from machine.agent import NEVER
from machine.package import Package


class SignedChannel:
    """The publisher's channel "stable", with a key of its own."""

    def __init__(self, publisher, keys):
        self.base, self.secret, self.publisher = publisher.channel.folder.parent, keys / "release.key", publisher
        self._run("keygen", keys / "release", "--no-password")
        self.public = (keys / "release.pub").read_text().splitlines()[1]
        self._run("init", self.base, "--key", keys / "release.pub")

    def release(self, package, *more, critical="no"):
        """Offers the package, and says that these very bytes are the release."""
        self.publisher.repo.offer(package)
        self.says(package.release_version, "--package", self.publisher.repo.file(package), *more, critical=critical)

    def says(self, version, *more, critical="no"):
        self._run("set", "stable", version, "--critical", critical, "--base", self.base, "--key", self.secret, *more)

    def files(self):
        return {name: (self.base / "stable" / name).read_bytes() for name in ("release.json", "release.json.minisig")}

    def put(self, files):
        """Not as of now: nginx tells files apart by their second and their size, and another document may follow at once."""
        for name, content in files.items():
            (self.base / "stable" / name).write_bytes(content)
            os.utime(self.base / "stable" / name, (time.time() - 10,) * 2)

    @staticmethod
    def _run(*words):
        subprocess.run([BUILD / "daemon/cli/upkeep", "channel", *words], check=True, timeout=60,
                       env={**os.environ, "UPKEEP_PLUGINS": str(BUILD / "plugins-built")})


@pytest.mark.parametrize("kind", ["apt", "dnf", "zypp"])
def test_only_what_was_signed_is_installed(boot, tmp_path, kind):
    host = boot(f"signed-{kind}", kind)
    channel = SignedChannel(host.publisher, tmp_path)
    channel.says("1.2.3")
    host.keep_up(more=f'[trust]\nkeys = ["{channel.public}"]\n')
    agent = host.wait_reason("up_to_date")
    assert agent["signed"]["serial"] == 1 and len(agent["signed"]["by"]) == 1

    # Whoever has the web server can write other plain files, and an old document; neither counts.
    (host.publisher.channel.folder / "version").write_text("9.9.9\n")
    old = channel.files()

    # The release that was signed, with the package that its publisher meant.
    channel.release(Package("2.3.4"))
    host.wait_result("committed", "2.3.4")
    assert host.installed() == host.running() == "2.3.4"

    new = channel.files()
    channel.put(old)
    agent = host.wait("the old document is refused", lambda agent: agent["source"]["last_error"])
    assert "an old one is served again" in agent["source"]["last_error"]["message"]
    assert agent["offered"]["version"] == "2.3.4" and agent["decision"]["reason"] == "up_to_date"
    channel.put(new)

    # Whoever has the package repository, and even its key, cannot put another package in the place of the one that was meant.
    host.configure(schedule=NEVER, more=f'[trust]\nkeys = ["{channel.public}"]\n')
    host.cli("reload")
    meant, forged = Package("2.4.0"), Package("2.4.0", behaviour="late:60")
    host.publisher.repo.offer(meant)
    channel.says("2.4.0", "--package", host.publisher.repo.file(meant))
    host.publisher.repo.offer_only(Package("1.2.3"), Package("2.3.4"), forged)
    host.cli("force", check=False)
    refused = host.history()[-1]
    assert (refused["to"], refused["result"]) == ("2.4.0-1", "refused"), refused
    assert "is not what was released" in json.dumps(refused), refused
    assert host.installed() == host.running() == "2.3.4"
