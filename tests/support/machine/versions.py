# SPDX-License-Identifier: Apache-2.0
"""An agent of a third party's making on a machine: demo, unpacked below /opt/demo, its releases the tags of /srv/demo.git.

Both plugins are built outside of the tree against the installed SDK (example-installer, example-source).
"""

import base64
import signal

from .agent import ALWAYS
from .moment import Journal, kill
from .wait import wait_until

AGENT = "demo"
PREFIX = "/opt/demo"
FILE = f"/etc/upkeep/agents.d/{AGENT}.toml"
TAGS = "/srv/demo.git/refs/tags"
PLUGINS = "/usr/lib/upkeep/plugins"
DROP_IN = "/etc/systemd/system/upkeepd.service.d/demo.conf"

TEXT = """[source]
use = "tags"
repository = "/srv/demo.git"
poll = "1s"

[[schedule]]
use = "window"
{schedule}

[installer]
use = "versions"
prefix = "/opt/demo"
archive = "/srv/releases/demo-{{version}}.tar.gz"
restart = "demo.service"

[health]
soak = "{soak}"
unit = "demo.service"
"""

UNIT = """[Unit]
StartLimitIntervalSec=0
[Service]
User=nobody
RuntimeDirectory=demo
ExecStart=/opt/demo/current/bin/demo
Restart=on-failure
RestartSec=100ms
[Install]
WantedBy=multi-user.target
"""

LIVES = {"good": "exec sleep infinity", "crash": "exit 1"}
# $1 version, $2 what the program does once started, $3 megabytes that take their time to be unpacked
MAKE_ARCHIVE = """set -e
tree=$(mktemp -d); mkdir -p $tree/bin /srv/releases
printf '#!/bin/sh\\necho %s > /run/demo/version\\n%s\\n' "$1" "$2" > $tree/bin/demo
[ "$3" = 0 ] || head -c ${3}M /dev/urandom > $tree/ballast
chmod 755 $tree/bin $tree/bin/demo
GZIP=-1 tar -czf /srv/releases/demo-$1.tar.gz -C $tree bin $([ "$3" = 0 ] || echo ballast)
rm -r $tree
"""


class VersionsAgent:
    """`host` has Upkeep; `modules` are the two plugins. Afterwards 1.2.3 runs and is tagged; nothing is configured yet."""

    def __init__(self, host, modules):
        self.host = host
        for module in modules:
            host.run(f"base64 -d > {PLUGINS}/{module.name}", input=base64.b64encode(module.read_bytes()).decode())
        host.run(f"mkdir -p {TAGS}/critical {PREFIX}/versions/1.2.3 && chmod 755 {PREFIX} {PREFIX}/versions/*")
        self.publish("1.2.3")
        host.run(f"tar -xzf /srv/releases/demo-1.2.3.tar.gz -C {PREFIX}/versions/1.2.3 && ln -s versions/1.2.3 {PREFIX}/current")
        host.write("/etc/systemd/system/demo.service", UNIT)
        host.run("systemctl daemon-reload && systemctl enable --now demo")

    def publish(self, version, behaviour="good", critical=False, ballast=0):
        """The archive first, then the tags, as a careful publisher does."""
        self.host.run(["/bin/sh", "-c", MAKE_ARCHIVE, "sh", version, LIVES[behaviour], str(ballast)])
        for name in ([f"critical/v{version}"] if critical else []) + [f"v{version}"]:
            self.host.run(f"echo 4b825dc642cb6eb9a060e54bf8d69288fbee4904 > {TAGS}/{name}.lock && mv {TAGS}/{name}.lock {TAGS}/{name}")

    def configure(self, schedule=ALWAYS, soak="2s", more=""):
        self.host.write(FILE, TEXT.format(schedule=schedule, soak=soak) + more)

    def allow(self):
        """What its README says."""
        self.host.run(f"chown -R upkeep: {PREFIX}")
        self.host.write(DROP_IN, f"[Service]\nReadWritePaths={PREFIX}\nNoExecPaths={PREFIX}\n")
        self.host.run("systemctl daemon-reload && systemctl restart upkeepd")
        return self.host.cli("enable", AGENT).stdout

    def keep_up(self, **settings):
        self.configure(**settings)
        self.allow()
        self.host.cli("reload")
        return self.host.wait("demo is known", lambda agent: agent["installed"] and agent["offered"], AGENT)

    def installed(self):
        """What the link leads to, if that is there."""
        return self.host.run(f"test -d {PREFIX}/current/ && readlink {PREFIX}/current", check=False).stdout.strip().removeprefix("versions/")

    def freeze_unpacking(self, since):
        """Returns when the operation behind entry `since` of the journal unpacks, and its tar stands still."""
        Journal(self.host.machine, AGENT).wait("applying", since)
        wait_until("tar is stopped", lambda: self.signal_tar(signal.SIGSTOP), every=0.001)

    def signal_tar(self, how=0):
        """How many there are."""
        return kill(self.host.machine, "tar", how)
