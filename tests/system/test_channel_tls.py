# SPDX-License-Identifier: Apache-2.0
"""Whom `source/https` believes: TLS 1.2 or later, a certificate of a trusted authority, valid now, for this host."""

import socket
import ssl

import pytest


def test_a_private_authority_is_trusted_when_it_is_named_and_no_other(nginx, channel_show, authority, other_authority):
    url = nginx().publish()
    assert channel_show(url, authority.crt).json["version"] == "1.2.3"
    code, message = channel_show(url, other_authority.crt).error
    assert code == "denied"
    assert str(other_authority.crt) in message and f"{url}/version" in message
    assert channel_show(url, ca_file=None).error[0] == "denied"


def test_an_expired_certificate_is_refused(nginx, channel_show, authority):
    url = nginx(authority.issue("expired", days=-1)).publish()
    code, message = channel_show(url).error
    assert code == "denied"
    assert "expired" in message


def test_a_certificate_of_another_name_is_refused(nginx, channel_show, authority):
    url = nginx(authority.issue("elsewhere", subject="DNS:elsewhere.example.com")).publish()
    code, message = channel_show(url).error
    assert code == "denied"
    assert "127.0.0.1" in message


def test_a_ca_file_that_is_missing_or_holds_no_certificate_is_named(nginx, channel_show, tmp_path):
    url = nginx().publish()
    for content in (None, "not a certificate\n"):
        path = tmp_path / "ca.pem"
        if content is not None:
            path.write_text(content)
        _, message = channel_show(url, path).error
        assert str(path) in message


def test_plain_http_is_refused_without_a_request(nginx, channel_show):
    server = nginx(listen="")
    url = server.publish().replace("https://", "http://")
    code, message = channel_show(url).error
    assert code == "invalid"
    assert "must begin with https://" in message
    assert server.log() == ""


def test_a_server_that_speaks_no_tls_is_an_error(nginx, channel_show):
    code, _ = channel_show(nginx(listen="").publish()).error
    assert code == "transient"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_1_1_is_refused(nginx, channel_show):
    url = nginx(more="ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;").publish()
    assert spoken_by(url, ssl.TLSVersion.TLSv1_1) == "TLSv1.1", "the server would speak it"
    code, message = channel_show(url).error
    assert code == "transient"
    assert f"{url}/version" in message


def test_tls_1_2_is_enough(nginx, channel_show):
    url = nginx(more="ssl_protocols TLSv1.2;").publish()
    assert channel_show(url).json["version"] == "1.2.3"


def spoken_by(url, version):
    """The protocol that the server agrees to with a client that knows just this one and asks for no safety at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    port = int(url.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain) as connection:
        return connection.version()
