# SPDX-License-Identifier: Apache-2.0
"""A channel's server that can no longer be believed or reached: its certificate, its TLS, its connections."""

import ssl
import time

import pytest
from hostile_server import reset, tls


def hold(connection):
    """Says nothing, until the client goes away."""
    while connection.recv(4096):
        pass


def test_a_certificate_of_another_authority(siege, other_authority):
    siege.server.be(context=tls(other_authority.issue("hostile")))
    siege.withstands("denied", "certificate", "test-ca.crt")


def test_a_certificate_that_signs_itself(siege, other_authority):
    siege.server.be(context=tls(other_authority))
    siege.withstands("denied", "certificate", "test-ca.crt")


def test_an_expired_certificate(siege, authority):
    siege.server.be(context=tls(authority.issue("hostile-expired", days=-1)))
    siege.withstands("denied", "certificate has expired")


def test_a_certificate_of_another_name(siege, authority):
    siege.server.be(context=tls(authority.issue("hostile-name", subject="DNS:elsewhere.example.com")))
    siege.withstands("denied", "127.0.0.1")


def test_a_certificate_that_is_for_clients_only(siege, authority):
    siege.server.be(context=tls(authority.issue("hostile-usage", usage="clientAuth")))
    siege.withstands("denied", "certificate")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_tls_1_1_only(siege, certificate):
    old = tls(certificate)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    siege.server.be(context=old)
    siege.withstands("transient", "version")


def test_a_handshake_that_never_comes(siege):
    siege.server.be(accept=hold)
    siege.withstands("timeout", agent="hasty")


def test_a_handshake_of_one_byte_a_moment(siege):
    def accept(plain):
        plain.recv(4096)
        plain.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB begins
        while True:
            plain.sendall(b"\x02")
            time.sleep(0.1)
    siege.server.be(accept=accept)
    siege.withstands("timeout", agent="hasty")


def test_a_server_that_speaks_something_else(siege):
    def accept(plain):
        plain.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
        hold(plain)
    siege.server.be(accept=accept)
    siege.withstands("transient", "version")


def test_a_server_that_speaks_no_tls(siege):
    def accept(plain):
        plain.recv(4096)
        plain.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        hold(plain)
    siege.server.be(accept=accept)
    siege.withstands("transient", "version")


def test_a_reset_at_once(siege):
    siege.server.be(accept=reset)
    siege.withstands("transient")


def test_a_reset_in_the_handshake(siege):
    def accept(plain):
        plain.recv(1)
        reset(plain)
    siege.server.be(accept=accept)
    siege.withstands("transient")


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nETag: \"half", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n99.0"],
                         ids=["after-the-request", "in-the-headers", "in-the-body"])
@pytest.mark.parametrize("end", [reset, lambda connection: connection.shutdown(2)], ids=["reset", "cut"])
def test_an_end(siege, sent, end):
    def play(connection, request):
        connection.sendall(sent)
        end(connection)
    siege.server.be(play)
    siege.withstands("transient")


def test_a_body_without_length_whose_connection_is_cut(siege):
    """Or 99.0.10 could be cut to 99.0.1 by anybody on the way."""
    def play(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n99.0.1")
        connection.shutdown(2)
    siege.server.be(play)
    siege.withstands("transient")
