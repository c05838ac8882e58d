# SPDX-License-Identifier: Apache-2.0
"""Redirects are followed to https only, and five of them."""

from hostile_server import answer, says


def chain(nginx, length):
    """A server on which /hop/1/… reaches the channel after `length` redirects."""
    hops = [f"location /hop/{n}/ {{ rewrite ^/hop/{n}/(.*)$ /hop/{n + 1}/$1 redirect; }}" for n in range(1, length)]
    hops.append(f"location /hop/{length}/ {{ rewrite ^/hop/{length}/(.*)$ /current/$1 redirect; }}")
    server = nginx(more="\n".join(hops))
    server.publish()
    return server


def test_five_redirects_are_followed(nginx, channel_show):
    server = chain(nginx, 5)
    assert channel_show(f"{server.url}/hop/1").json["version"] == "1.2.3"
    assert len([line for line in server.lines(18) if " 302 " in line]) == 15, "five for each file, and for release.json"


def test_a_sixth_is_not(nginx, channel_show):
    server = chain(nginx, 6)
    code, message = channel_show(f"{server.url}/hop/1").error
    assert code == "invalid"
    assert message == f"{server.url}/hop/1/version: more than 5 redirects"


def test_a_circle_of_redirects_ends(nginx, channel_show):
    server = nginx(more="location / { return 307 $request_uri; }")
    assert "more than 5 redirects" in channel_show(f"{server.url}/current").error[1]


def test_another_https_server_may_be_pointed_to(nginx, channel_show):
    target = nginx()
    target.publish("moved", "2.3.4", "yes")
    server = nginx(more=f"location /current/ {{ rewrite ^/current/(.*)$ {target.url}/moved/$1 permanent; }}")
    assert channel_show(f"{server.url}/current").json == {"version": "2.3.4", "critical": True, "signed": False, "warnings": []}


def test_another_server_must_be_trusted_too(nginx, channel_show, other_authority):
    target = nginx(other_authority.issue("target"))
    target.publish("moved")
    server = nginx(more=f"location /current/ {{ rewrite ^/current/(.*)$ {target.url}/moved/$1 redirect; }}")
    assert channel_show(f"{server.url}/current").error[0] == "denied"


def test_plain_http_is_never_followed(nginx, channel_show):
    target = nginx(listen="")
    target.publish("moved")
    plain = target.url.replace("https://", "http://")
    server = nginx(more=f"location /current/ {{ rewrite ^/current/(.*)$ {plain}/moved/$1 redirect; }}")
    code, message = channel_show(f"{server.url}/current").error
    assert code == "invalid"
    assert "only https is followed" in message
    assert target.log() == "", "nothing was sent there"


def test_a_file_of_this_host_is_never_followed(scripted, channel_show):
    server = scripted(says(answer(status="302 Found", headers=["Location: file:///etc/hostname"])))
    assert channel_show(f"{server.url}/current").error[0] == "invalid"
