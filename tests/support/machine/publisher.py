# SPDX-License-Identifier: Apache-2.0
"""The one who publishes a demo agent: a package repository and a release channel on one web server."""

import functools

from .channel import Channel
from .keys import Keys
from .kinds import KINDS
from .webserver import WebServer


class WebSite:
    """A web server with the keys of whoever runs it. Publishers share it, each below a folder of its own."""

    def __init__(self, workspace):
        self.folder = workspace.folder / "www"
        self.folder.mkdir()
        self.pool = workspace.folder / "packages"
        self.keys = Keys(workspace.folder / "keys")
        self.server = WebServer(workspace, self.keys, self.folder).start()

    @functools.cached_property
    def strangers_keys(self):
        """Of somebody whom no machine trusts."""
        return Keys(self.keys.folder.with_name("strangers-keys"))

    def publisher(self, name, kind="apt"):
        return Publisher(self, name, kind)


class Publisher:
    """`repo` and `channel` are what it publishes, for machines of `kind`; the rest says where."""

    def __init__(self, site, name, kind):
        self.site, self.name, self.kind = site, name, kind
        self.repo = KINDS[kind].repository(site.folder / name / "repo", site.keys, site.pool)
        self.channel = self.another_channel("stable")

    def another_channel(self, name):
        return Channel(self.site.folder / self.name / "channels" / name)

    @property
    def repo_url(self):
        return f"{self.site.server.url}/{self.name}/repo"

    @property
    def channels_url(self):
        return f"{self.site.server.url}/{self.name}/channels"

    def release(self, package, critical=False):
        """Offers the package and tells the channel, in this order, as a careful publisher does."""
        self.repo.offer(package)
        self.channel.publish(package.release_version, critical)
