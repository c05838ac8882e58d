# SPDX-License-Identifier: Apache-2.0
"""A person who reads only README.md succeeds: its commands, in its order, typed on a machine by somebody who is not root.

They are taken from README.md as they stand, but for what must differ here: the editor puts in the address of this publisher, days on which
the window is closed whenever this runs, and a soak of seconds; VERSION, AGENT, ID, FILE and URL of the table become real ones; `sudo` stands
for root.
"""

import datetime
import os
import pathlib
import re
import tomllib

import pytest
from daemon_process import BUILD
from machine import shell
from machine.package import Package
from machine.wait import wait_until

README = (pathlib.Path(__file__).resolve().parents[2] / "README.md").read_text()
EXAMPLE = "/usr/share/doc/upkeep/examples/agent.toml"
FILE = "/etc/upkeep/agents.d/example-agent.toml"
READER = "reader"

# What VERSION is, by the command.
VERSIONS = {"pin": "2.3.4", "rollback": "1.2.2", "unquarantine": "2.3.4"}


def section(name):
    return README.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)     # files and output; what is typed is indented


def typing(text):
    """The commands that it says to type."""
    return [line[4:] for line in FENCED.sub("", text).splitlines() if line.startswith("    ")]


def typed(host, line, **more):
    """As the reader's shell does it."""
    if line.startswith("sudo "):
        return host.run(f"USER={READER}; {line.removeprefix('sudo ')}", **more)
    return host.run(line, user=READER, **more)


def shape(text):
    """Without what differs by time and place: addresses, days, times, how long ago."""
    for pattern in (r"https://[^\s,]+", r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b", r"\d{4}-\d\d-\d\dT[\d:]+Z", r"\(in [^)]+\)",
                    r"\bnow\b|\b\d[\dhms ]* ago\b"):
        text = re.sub(pattern, "…", text)
    return text


def editor(host):
    """What the reader changes with the editor."""
    url = f"{host.publisher.site.server.url}/{host.publisher.name}/v1"
    today = datetime.datetime.now(datetime.timezone.utc)
    days = [f"{today + datetime.timedelta(days=more):%a}" for more in (3, 5)]
    host.write("/usr/bin/editor", "#!/bin/sh\nexec sed -i"
               f" -e 's|^url = \"https://updates.example.com/v1\"|url = \"{url}\"|'"
               f" -e 's|^days = \\[\"Tue\", \"Thu\"\\]|days = [\"{days[0]}\", \"{days[1]}\"]|'"
               " -e 's|^soak = \"2m\"|soak = \"2s\"|' \"$1\"\n", mode="755")
    return url


@pytest.fixture
def host(boot):
    """Has example-agent 1.2.3 running, an apt repository that offers more, and somebody with a login."""
    host = boot("readme")
    host.publisher.repo.offer(*(Package(version, name="example-agent") for version in ("1.2.2", "1.2.3", "2.3.4")))
    host.read_lists()
    host.install("example-agent=1.2.3-1")
    host.run("systemctl enable --now example-agent")
    host.run(f"useradd -m {READER}")
    return host


def publish(commands, served, folder):
    """On the publisher's machine, which is this one, in an empty folder; the last channels are the signed ones, which are not pushed here."""
    (folder / "upkeep").symlink_to(BUILD / "daemon/cli/upkeep")
    assert "/srv/www/v1" in commands
    shell.run(["env", "-C", folder, f"PATH={folder}:{os.environ['PATH']}", f"UPKEEP_PLUGINS={BUILD}/plugins-built", "UPKEEP_KEY_PASSWORD=a reader's",
               "sh", "-ec", commands.replace("/srv/www/v1", str(served))])
    assert sorted(file.name for file in (served / "stable").iterdir()) == ["critical", "version"]
    assert "release.json.minisig" in {file.name for file in (folder / "channels/stable").iterdir()}


def test_who_does_what_it_says_succeeds(host, tmp_path):
    url = editor(host)

    joining = typing(section("Install"))[-1]
    assert "adduser" in joining
    typed(host, joining)

    publish("\n".join(typing(section("Publish"))), host.publisher.site.folder / host.publisher.name / "v1", tmp_path)

    configure = section("Configure")
    written, shown = FENCED.findall(configure)
    assert tomllib.loads(written) == tomllib.loads(host.read(EXAMPLE))
    commands = typing(configure)
    assert commands[-1] == "upkeep status"
    for command in commands[:-1]:
        typed(host, command)
    wait_until("status reads as the README shows", lambda: shape(typed(host, commands[-1]).stdout), lambda seen: seen == shape(shown), seconds=60)

    operate(host, f"{url}/stable")
    ways = [(operation["from"], operation["to"], operation["result"]) for operation in host.history("example-agent")]
    assert ways == [("1.2.3-1", "2.3.4-1", "committed"), ("2.3.4-1", "1.2.3-1", "committed"), ("1.2.3-1", "1.2.2-1", "committed")]


def operate(host, channel):
    """Every command of the table: 2.3.4 is forced, then it is gone back to 1.2.3, and to 1.2.2."""
    cells = [line.rpartition(" | ")[2] for line in section("Operate").splitlines() if line.startswith("| ")]
    commands = re.findall(r"`(upkeep [^`]+)`", "\n".join(cells))
    assert len(commands) > 15
    for command in commands:
        line = filled(host, command, channel)
        typed(host, f"timeout 2 {line} || [ $? = 124 ]" if line == "upkeep events" else line)


def filled(host, command, channel):
    verb = command.split()[1]
    words = {"AGENT": "example-agent", "FILE": FILE, "URL": channel, "VERSION": VERSIONS.get(verb)}
    if "ID" in command.split():
        words["ID"] = host.history("example-agent")[-1]["id"]
    return re.sub(r"\b(AGENT|FILE|URL|VERSION|ID)\b", lambda word: words[word[0]], command)
