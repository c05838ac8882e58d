# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the system layer's object stores, imported by its conftest. The stores are started once a session, and each test makes
buckets of its own."""

import itertools
import os
import pathlib
import subprocess

import pytest

from front import Front
from google_tokens import Google
from identity import Issuer
from object_stores import FakeGcs, Minio, Versitygw

DOMAIN = "s3.localhost"     # libcurl takes every name below localhost for this host, whatever the resolver says
NAMES = f"IP:127.0.0.1,DNS:{DOMAIN},DNS:*.{DOMAIN}"
CLOCK = pathlib.Path(__file__).resolve().parent / "machine/wall_clock.c"


@pytest.fixture(scope="session")
def store_certificate(authority):
    return authority.issue("store", subject=NAMES)


@pytest.fixture(scope="session")
def issuer():
    """An OpenID issuer that MinIO knows."""
    issuer = Issuer()
    yield issuer
    issuer.stop()


@pytest.fixture(scope="session")
def minio(tmp_path_factory, store_certificate, authority, issuer):
    store = Minio(tmp_path_factory.mktemp("minio"), store_certificate, authority, domain=DOMAIN, openid=issuer.url)
    yield store
    store.stop()


@pytest.fixture(scope="session")
def versitygw(tmp_path_factory, store_certificate, authority):
    store = Versitygw(tmp_path_factory.mktemp("versitygw"), store_certificate, authority, domain=DOMAIN)
    yield store
    store.stop()


@pytest.fixture(params=["minio", "versitygw"])
def store(request):
    """Each of the two S3 servers."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def fake_gcs(tmp_path_factory, certificate, authority):
    store = FakeGcs(tmp_path_factory.mktemp("gcs"), certificate, authority)
    yield store
    store.stop()


@pytest.fixture(scope="session")
def google_store(tmp_path_factory, authority):
    """What verifies HMAC keys as Google's store does: under its name, for the region "auto"."""
    certificate = authority.issue("google", subject="DNS:storage.googleapis.com,IP:127.0.0.1")
    store = Minio(tmp_path_factory.mktemp("google"), certificate, authority, region="auto")
    yield store
    store.stop()


@pytest.fixture
def google(issuer):
    """Who gives tokens at Google; takes those of `issuer`."""
    google = Google(issuer)
    yield google
    google.stop()


_numbers = itertools.count(1)


@pytest.fixture
def bucket():
    """A name that no other test uses; make_bucket() makes it."""
    return f"channels-{next(_numbers)}"


@pytest.fixture
def front(store_certificate, authority):
    """front(store): a Front before it."""
    started = []

    def front(store):
        started.append(Front(store, store_certificate, authority))
        return started[-1]
    yield front
    for one in started:
        one.stop()


@pytest.fixture
def moved_clock(tmp_path):
    """moved_clock(SECONDS): the environment of a program whose wall clock is off by that much."""
    def moved_clock(seconds):
        library, file = tmp_path / "wall_clock.so", tmp_path / "wall-clock"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, CLOCK, "-ldl"], check=True)
        file.write_text(f"{seconds}\n")
        return {"LD_PRELOAD": str(library), "UPKEEP_WALL_CLOCK": str(file),
                "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
    return moved_clock
