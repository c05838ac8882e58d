# SPDX-License-Identifier: Apache-2.0
"""Configuration files of agents, and windows that are open or closed now."""

import datetime
import json

ALWAYS = "always = true"
NEVER = "never = true"

TEXT = """[source]
use = "https"
url = "{url}"
channel = "{channel}"
poll = "{poll}"
ca_file = "{ca_file}"

[[schedule]]
use = "window"
{schedule}

[installer]
use = "{use}"
{package}
restart = "{name}.service"
{installer}
[health]
unit = "{name}.service"
soak = "{soak}"
{more}"""


def agent_toml(name, url, ca_file, use="apt", packages=None, installer="", schedule=ALWAYS, soak="2s", poll="1s", channel="stable", more=""):
    """The file of agent `name`, which is also its package and its unit.

    `packages` are its alternative packages instead, `installer` more lines about the installer; `more` is appended.
    """
    package = f"packages = {json.dumps(packages)}" if packages else f'package = "{name}"'
    return TEXT.format(**locals())


def window(starts_in, length="1h"):
    """The schedule of one hour a day, which starts so many minutes from now (negative: it began before)."""
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=starts_in)
    return f'start = "{start:%H:%M}"\nlength = "{length}"\ntime_zone = "UTC"'
