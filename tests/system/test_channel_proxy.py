# SPDX-License-Identifier: Apache-2.0
"""A proxy of the environment is used for channels, and never sees more than where the connection goes."""


def test_the_environments_proxy_is_used(nginx, channel_show, proxy):
    server = nginx()
    assert channel_show(server.publish(), https_proxy=proxy.url).json["version"] == "1.2.3"
    assert proxy.asked == [f"127.0.0.1:{server.port}"], "one tunnel for both files"


def test_no_proxy_is_respected(nginx, channel_show, proxy):
    url = nginx().publish()
    assert channel_show(url, https_proxy=proxy.url, no_proxy="127.0.0.1").json["version"] == "1.2.3"
    assert proxy.asked == []


def test_the_server_is_checked_behind_a_proxy_too(nginx, channel_show, proxy, other_authority):
    url = nginx(other_authority.issue("behind")).publish()
    assert channel_show(url, https_proxy=proxy.url).error[0] == "denied"
    assert len(proxy.asked) == 2, "for release.json, and for the plain files"


def test_a_proxy_that_is_down_is_a_passing_trouble(nginx, channel_show, proxy):
    url = nginx().publish()
    proxy.stop()
    assert channel_show(url, https_proxy=proxy.url).error[0] == "transient"
