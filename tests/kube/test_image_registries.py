# SPDX-License-Identifier: Apache-2.0
"""Which image may be deployed, asked of real registries about images that the real cosign signed: every form and kind of key, registries that
want to know who asks, and what was tampered with. The program image-check asks as an installer does; no cluster is needed."""

import base64
import hashlib
import itertools
import json
import urllib.request

import pytest

from daemon_process import BUILD, without_proxies
from hostile_server import HostileServer, answer, endless, says
from kube.docker_registry import PASSWORD, USER, DockerRegistry, Tokens
from machine.shell import run
from servers import Authority

KINDS = {"P-256": None, "P-384": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
         "RSA-3072": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"), "Ed25519": ("-algorithm", "ED25519",)}
FORMS = {"classic": (False, True), "bundle": (True, True), "bundle under a tag": (True, False)}


def check(image, *words):
    """What is to be deployed; else "CODE: why not"."""
    done = run([BUILD / "test-programs/image-check", image, *words], check=False, env=without_proxies())
    assert done.returncode in (0, 1) and done.stdout.count("\n") == 1, f"{done.stdout}{done.stderr}"
    assert "SECRET" not in done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "registry-ca")


@pytest.fixture
def protected(authority, tmp_path_factory):
    """protected("basic"), protected("tokens"): a DockerRegistry; its `auth` is what it asks."""
    made = []

    def one(how):
        folder = tmp_path_factory.mktemp("protected")
        auth = Tokens(folder, authority.issue(f"{folder.name}-tokens", "DNS:localhost")) if how == "tokens" else how
        registry = DockerRegistry(folder, authority, auth)
        registry.auth = auth
        made.extend([registry, *([auth] if how == "tokens" else [])])
        return registry
    yield one
    for one in made:
        one.stop()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_signed(registry, kind, form):
    bundle, referrers = FORMS[form]
    here = registry(referrers)
    mine, stranger = here.key("mine", KINDS[kind]), here.key("stranger", KINDS[kind])
    image, trust = f"{here.repository}:1.0", ("plain_http=true", f"keys={mine}")
    digest = here.push_index("1.0")
    assert check(image, *trust) == f"denied: no valid signature found for img {image}@{digest}: there is none"
    here.sign(digest, stranger, bundle)
    assert check(image, *trust).startswith(f"denied: no valid signature found for img {image}@{digest}: ")
    assert "it is not signed with " in check(image, *trust)
    assert check(image, *trust, f"keys={stranger}") == f"{image}@{digest}", "one of several keys is enough"
    here.sign(digest, mine, bundle)
    assert check(image, *trust) == f"{image}@{digest}", "beside a stranger's, too"


def test_moved_tag(registry):
    """Whoever may push can move a tag, and copy a signature; neither makes another image trusted."""
    here = registry()
    mine, image = here.key(), f"{here.repository}:1.0"
    trust = ("plain_http=true", f"keys={mine}")
    good = here.push("1.0")
    here.sign(good, mine, bundle=False)
    assert check(image, *trust) == f"{image}@{good}"
    bad = here.push("bad")
    here.move("1.0", bad)
    assert check(image, *trust) == f"denied: no valid signature found for img {image}@{bad}: there is none"
    here.move(f"{bad.replace(':', '-')}.sig", here.digest(f"{good.replace(':', '-')}.sig"))
    assert f"it is signed, but for {good}, which is another image" in check(image, *trust)
    assert check(image, *trust, f"digest={good}") == f"{image}@{good}", "a release that names the digest is not led astray"


def test_attestation_is_no_signature(registry):
    here = registry()
    mine, digest = here.key(), here.push("1.0")
    here.attest(digest, mine)
    trust = ("plain_http=true", f"keys={mine}")
    assert 'it says "https://slsa.dev/provenance/v1" of the image, and is no signature' in check(f"{here.repository}:1.0", *trust)
    here.sign(digest, mine, bundle=True)
    assert check(f"{here.repository}:1.0", *trust) == f"{here.repository}:1.0@{digest}"


def test_tampered_signature(registry):
    """A signature's layer is another one than what was signed."""
    here = registry()
    mine, digest = here.key(), here.push("1.0")
    here.sign(digest, mine, bundle=False)
    base, tag = f"http://{here.repository.replace('/apps', '/v2/apps', 1)}", f"{digest.replace(':', '-')}.sig"

    def ask(method, path, body=None, **headers):
        wanted = urllib.request.Request(f"{base}/{path}", body, {name.replace("_", "-"): value for name, value in headers.items()}, method=method)
        return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(wanted, timeout=30).read()
    manifest = json.loads(ask("GET", f"manifests/{tag}", Accept="application/vnd.oci.image.manifest.v1+json"))
    signature = manifest["layers"][0]["annotations"]["dev.cosignproject.cosign/signature"]
    bent = bytearray(base64.b64decode(signature))
    bent[-1] ^= 1
    manifest["layers"][0]["annotations"]["dev.cosignproject.cosign/signature"] = base64.b64encode(bent).decode()
    ask("PUT", f"manifests/{tag}", json.dumps(manifest).encode(), Content_Type="application/vnd.oci.image.manifest.v1+json")
    assert f"signature 1 in {tag}: it is not signed with ECDSA P-256 key " in check(f"{here.repository}:1.0", "plain_http=true", f"keys={mine}")


def test_not_there(registry):
    here = registry()
    here.push("1.0")
    image = f"{here.repository}:2.0"
    assert check(image, "plain_http=true") == f"invalid: {image}: the registry has no such image"
    here.stop()
    assert check(image, "plain_http=true").startswith("transient: http://127.0.0.1:")
    assert check(image, "resolve=false") == image


@pytest.mark.parametrize("how", ["basic", "tokens"])
def test_protected_registry(protected, authority, how, tmp_path):
    here = protected(how)
    mine, image = here.key(), f"{here.repository}:1.0"
    digest = here.push_index("1.0")
    here.sign(digest, mine, bundle=True)
    here.sign(here.push("classic"), mine, bundle=False)
    trust = (f"registry_ca={authority.crt}", f"keys={mine}")
    assert check(image, *trust, f"docker_config={here.config}") == f"{image}@{digest}"
    assert check(f"{here.repository}:classic", *trust, f"docker_config={here.config}").startswith(f"{here.repository}:classic@sha256:")
    assert check(image, *trust).startswith(f"denied: https://{here.host}/v2/apps/web/manifests/1.0: ")
    numbers = itertools.count()

    def config(entry):
        return f"docker_config={here.write_config(tmp_path / f'{next(numbers)}.json', entry)}"
    assert check(image, *trust, config({"username": USER, "password": PASSWORD})) == f"{image}@{digest}"
    refused = check(image, *trust, config({"username": USER, "password": "SECRETwrong"}))
    assert refused.startswith("denied: ") and "it does not let in the credentials in " in refused
    untrusted = check(image, f"docker_config={here.config}")
    assert untrusted.startswith("denied: ") and "certificate" in untrusted


def test_identity_token(protected, authority, tmp_path):
    here = protected("tokens")
    digest, image = here.push("1.0"), f"{here.repository}:1.0"
    file = here.write_config(tmp_path / "identity.json", {"identitytoken": Tokens.identity_token})
    assert check(image, f"registry_ca={authority.crt}", f"docker_config={file}") == f"{image}@{digest}"
    assert here.auth.shown[-1] == Tokens.identity_token


def test_realm_on_a_foreign_host(protected, authority, tmp_path):
    """127.0.0.1 is not localhost: no password goes there, until the configuration says so."""
    here = protected("tokens")
    digest, host = here.push("1.0"), f"127.0.0.1:{here.port}"
    image = f"{host}/apps/web:1.0"
    file = here.write_config(tmp_path / "config.json", {"username": USER, "password": PASSWORD}, host)
    words = (f"registry_ca={authority.crt}", f"docker_config={file}")
    here.auth.shown.clear()
    assert check(image, *words) == (f"denied: https://{host}/v2/apps/web/manifests/1.0: the token that it wants is not asked for: \"localhost\" is no "
                                    f"host of {host}; if that is as it should be, name it in token_hosts")
    assert here.auth.shown == []
    assert check(image, *words, "token_hosts=localhost") == f"{image}@{digest}"


MANIFEST = b'{"schemaVersion":2,"layers":[]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oci.image.manifest.v1+json\r\n"
HOSTILE = {
    "an endless manifest": (endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
                            "invalid: {url}: the body is longer than 4194304 bytes"),
    "endless headers": (endless(HEAD, b"X: y\r\n" * 1000), "invalid: {url}: the headers are longer than 65536 bytes"),
    "another digest": (says(answer(MANIFEST, headers=["Content-Type: application/vnd.oci.image.manifest.v1+json", f"Docker-Content-Digest: sha256:{'0' * 64}"])),
                       f"invalid: {{url}}: the digest of what the registry sends is sha256:{hashlib.sha256(MANIFEST).hexdigest()}, not the one that it is called by"),
    "a page for people": (says(answer(b"<html>", headers=["Content-Type: text/html"])),
                          "invalid: {url}: the answer is no manifest that is known here (OCI's, or docker's of schema 2)"),
    "nothing at all": (says(answer(b"", headers=["Content-Type: application/vnd.oci.image.manifest.v1+json"])), "invalid: {url}: the answer is no JSON (or no UTF-8)"),
    "a way to nowhere": (says(answer(status="307 Temporary Redirect", headers=["Location: /v2/app/manifests/1.0"])), "invalid: {url}: more than 5 redirects"),
    "a way to plain http": (says(answer(status="307 Temporary Redirect", headers=["Location: http://169.254.169.254/latest"])),
                            "invalid: {url}: sends elsewhere, but not to an https address"),
    "a foreign realm": (says(answer(status="401 Unauthorized", headers=['WWW-Authenticate: Bearer realm="https://tokens.example.net/"'])),
                        'denied: {url}: the token that it wants is not asked for: "tokens.example.net" is no host of {host}; if that is as it should be, '
                        "name it in token_hosts"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_registry(authority, case):
    play, answer_to_it = HOSTILE[case]
    server = HostileServer(authority.issue(f"hostile-{list(HOSTILE).index(case)}"), play=play)
    host = f"127.0.0.1:{server.port}"
    try:
        assert check(f"{host}/app:1.0", f"registry_ca={authority.crt}") == answer_to_it.format(url=f"https://{host}/v2/app/manifests/1.0", host=host)
    finally:
        server.stop()
