# SPDX-License-Identifier: Apache-2.0
"""conf/version-server: the five steps of its README up to an upgraded host, the examples of web servers, and the pipeline's script."""

import os
import re
import shlex
import shutil
import subprocess

import pytest
from conftest import BUILD, TESTS
from machine.wait import wait_until
from plugin_daemon import PluginDaemon
from sdk_prefix import build_example, install_sdk
from servers import Nginx, free_port
from tools import of_debian

CONF = TESTS.parent / "conf/version-server"
README = (CONF / "README.md").read_text()
STEPS = README[:README.index("## At Amazon")]
URL = "https://updates.example.com"


def commands(text):
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


class Shell:
    """Runs `upkeep` as a person in an empty folder would; what stands for the machine is put in its place."""

    def __init__(self, folder, **environment):
        self.folder, self.instead = folder, {}
        (folder / "bin").mkdir(parents=True)
        (folder / "bin/upkeep").symlink_to(BUILD / "daemon/cli/upkeep")
        self.environment = {**{key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")},
                            "PATH": f"{folder}/bin:{os.environ['PATH']}", "UPKEEP_PLUGINS": str(BUILD / "plugins-built"), **environment}

    def __call__(self, command, *more):
        for ours, theirs in self.instead.items():
            command = command.replace(ours, str(theirs))
        done = subprocess.run([*shlex.split(command), *map(str, more)], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout


def nginx_example(certificate, www, port):
    """The file, with another address, certificate and folder."""
    text = (CONF / "nginx.conf").read_text()
    for ours, theirs in (("    listen [::]:443 ssl http2;\n", ""), ("listen 443", f"listen 127.0.0.1:{port}"), ("/srv/channels", str(www)),
                         ("/etc/ssl/updates.example.com/fullchain.pem", str(certificate.crt)),
                         ("/etc/ssl/updates.example.com/key.pem", str(certificate.key))):
        assert ours in text, ours
        text = text.replace(ours, theirs)
    return text


class ExampleNginx(Nginx):
    """nginx with the example's server in place of its own."""

    def __init__(self, folder, certificate):
        self.folder, self.www, self.port = folder, folder / "www", free_port()
        self.www.mkdir(parents=True)
        self.url = f"https://127.0.0.1:{self.port}"
        (folder / "site.conf").write_text(nginx_example(certificate, self.www, self.port))
        user = "user root;" if os.geteuid() == 0 else ""
        paths = "".join(f"{name}_temp_path {folder}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(f"{user} master_process off; daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
                                           f"events {{ }}\nhttp {{ access_log off; {paths} include {folder}/site.conf; }}\n")
        done = subprocess.run(["nginx", "-t", "-c", folder / "nginx.conf"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and "[warn]" not in done.stderr, done.stderr
        self.run()


class ExampleCaddy:
    def __init__(self, folder, certificate):
        self.www, self.port = folder / "www", free_port()
        self.www.mkdir(parents=True)
        self.url = f"https://127.0.0.1:{self.port}"
        text = (CONF / "Caddyfile").read_text().replace("/srv/channels", str(self.www))
        site = f"https://127.0.0.1:{self.port} {{\n\ttls {certificate.crt} {certificate.key}\n"
        assert "updates.example.com {\n" in text
        (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text.replace("updates.example.com {\n", site))
        environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        caddy = [of_debian("caddy")]
        for file in (CONF / "Caddyfile", folder / "Caddyfile"):
            done = subprocess.run([*caddy, "validate", "--adapter", "caddyfile", "--config", file], capture_output=True, text=True, timeout=60,
                                  env=environment)
            assert done.returncode == 0 and "Valid configuration" in done.stdout + done.stderr, done.stderr
        done = subprocess.run([*caddy, "fmt", "--diff", CONF / "Caddyfile"], capture_output=True, text=True, timeout=60)
        assert not [line for line in done.stdout.splitlines() if line.startswith(("+", "-"))], done.stdout
        self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *caddy, "run", "--adapter", "caddyfile", "--config",
                                          folder / "Caddyfile"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                         env=environment)
        wait_until("caddy answers", lambda: fetch(self, "/").startswith("HTTP/"), seconds=20, every=0.05)

    def stop(self):
        self._process.kill()
        self._process.wait()


def fetch(server, path, *words):
    """The answer's head and body, as curl shows them; "" while nobody answers."""
    return subprocess.run(["curl", "-sik", "--noproxy", "*", "--path-as-is", *words, server.url + path], capture_output=True, text=True, timeout=30).stdout


@pytest.fixture(scope="module", params=[ExampleNginx, ExampleCaddy])
def server(request, tmp_path_factory, certificate):
    server = request.param(tmp_path_factory.mktemp("server"), certificate)
    yield server
    server.stop()


def test_a_web_server_serves_the_channels_and_nothing_else(server, publisher, authority):
    one = publisher(keys=2)
    one.must("set", "stable/cloud", "2.3.4", "--critical", "no")
    one.must("push", server.www / "v1", "--url", f"{server.url}/v1", "--ca-file", authority.crt)
    folder = server.www / "v1/stable/cloud"
    assert len(list(folder.glob("*.minisig"))) == 2
    for file in folder.iterdir():
        answer = fetch(server, f"/v1/stable/cloud/{file.name}")
        assert answer.split()[1] == "200" and "\ncache-control: no-cache" in answer.lower(), answer
        assert "\ncontent-type: text/plain" in answer.lower() and answer.replace("\r\n", "\n").endswith("\n\n" + file.read_text())
        etag = re.search(r"^etag: (.+?)\s*$", answer, re.MULTILINE | re.IGNORECASE).group(1)
        assert fetch(server, f"/v1/stable/cloud/{file.name}", "-H", f"If-None-Match: {etag}").split()[1] == "304"
    for name in (".version.new", "publisher.toml", "release.key"):
        (folder / name).write_text("SECRET")
    (server.www / "v1/version").write_text("SECRET")
    (server.www.parent / "version").write_text("SECRET")
    for path in ("/", "/v1/", "/v1/stable/cloud", "/v1/stable/cloud/", "/v1/version", "/v1/../version", "/v1/stable/../../../version",
                 "/v1/stable/cloud/.version.new", "/v1/stable/cloud/publisher.toml", "/v1/stable/cloud/release.key"):
        answer = fetch(server, path)
        assert answer.split()[1] in ("400", "404") and "SECRET" not in answer, f"{path}: {answer}"
    for method in ("PUT", "DELETE", "POST"):
        assert fetch(server, "/v1/stable/cloud/version", "-X", method).split()[1] in ("403", "404", "405")


@pytest.fixture(scope="module")
def installer(tmp_path_factory):
    return build_example(install_sdk(BUILD, tmp_path_factory.mktemp("sdk")), tmp_path_factory.mktemp("third-party"), "example-installer")


@pytest.fixture
def host(tmp_path, installer):
    """A daemon that may upgrade an agent of 1.2.3, whose versions lie in folders, without being root."""
    (tmp_path / "opt/versions/1.2.3").mkdir(parents=True)
    (tmp_path / "opt/current").symlink_to("versions/1.2.3")
    (tmp_path / "tree").mkdir()
    subprocess.run(["tar", "-czf", tmp_path / "agent-2.3.4.tar.gz", "-C", tmp_path / "tree", "."], check=True, timeout=60)
    daemon = PluginDaemon(tmp_path, installer)
    daemon.installer = f'[installer]\nuse = "versions"\nprefix = "{tmp_path}/opt"\narchive = "{tmp_path}/agent-{{version}}.tar.gz"\n'
    yield daemon
    daemon.stop()


def test_the_five_steps_end_with_an_upgraded_host(tmp_path_factory, certificate, authority, host, tmp_path):
    steps = commands(STEPS)
    assert [line.split()[2] for line in steps if line.startswith("upkeep channel")] == ["keygen", "init", "set", "push", "verify"]
    server = ExampleNginx(tmp_path_factory.mktemp("server"), certificate)
    shell = Shell(tmp_path / "home", UPKEEP_KEY_PASSWORD="correct horse")
    shell.instead = {"/srv/channels": server.www, URL: server.url}
    for step in steps[:4]:
        shown = shell(step)
        if " init " in step:
            key = re.search(r'^keys = \["(RW[^"]+)"\]$', shown, re.MULTILINE).group(1)
    assert "2.3.4" in shell(steps[4], "--ca-file", authority.crt)

    table = re.search(r"^```toml\n(.*?)^```$", STEPS, re.MULTILINE | re.DOTALL).group(1)
    table = table.replace(URL, server.url).replace("RWQ…", key).replace('channel = "stable"\n', f'channel = "stable"\nca_file = "{authority.crt}"\n')
    host.start()
    host.configure("example-agent", table + host.installer)
    assert [line.removeprefix("sudo ") for line in steps[5:]] == ["upkeep config check", "upkeep enable example-agent", "upkeep reload", "upkeep status"]
    assert host.check_config().returncode == 0, host.check_config().stderr
    assert host.cli("reload").returncode == 0    # what `enable` grants this host has: it changes its own folders
    host.wait_agent("example-agent", lambda one: (last := one["last_operation"]) and (last["result"], last["to"]) == ("committed", "2.3.4"))
    assert os.readlink(tmp_path / "opt/current") == "versions/2.3.4"
    assert "2.3.4" in host.cli("status").stdout
    server.stop()


@pytest.fixture
def pipeline(publisher, tmp_path):
    """A repository's folder, signed with one key, and publish() that a pipeline with that key runs."""
    one = publisher(keys=1)
    shell = Shell(tmp_path / "pipeline", CHANNELS=str(one.base), RELEASE_KEY=one.secrets[0].read_text(), TARGET=str(tmp_path / "www"))
    one.publish = lambda: shell(str(CONF / "publish"))
    return one


def test_the_script_of_the_pipeline_signs_what_is_not_and_publishes(pipeline, tmp_path):
    pipeline.must("set", "stable", "2.3.4", "--critical", "no", signed=False)
    pipeline.must("set", "edge/cloud", "2.4.0", "--critical", "no", signed=False)
    assert "published and read back" in pipeline.publish()
    www = tmp_path / "www"
    for channel in ("stable", "edge/cloud"):
        assert pipeline.verify(www / channel, "--key", pipeline.publics[0], "--channel", channel).status == 0
    before = shutil.copytree(www, tmp_path / "before")
    assert "as it was" in pipeline.publish()
    assert [file.read_bytes() for file in sorted(www.rglob("*.minisig"))] == [file.read_bytes() for file in sorted(before.rglob("*.minisig"))]


def test_the_script_leaves_no_key_behind_and_publishes_nothing_that_is_wrong(pipeline, tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    pipeline.must("set", "stable", "2.3.4", "--critical", "no", signed=False)
    (pipeline.path() / "release.json").write_text("{}")
    shell = Shell(tmp_path / "again", CHANNELS=str(pipeline.base), RELEASE_KEY=pipeline.secrets[0].read_text(), TARGET=str(tmp_path / "www"))
    with pytest.raises(AssertionError, match="release.json"):
        shell(str(CONF / "publish"))
    assert not (tmp_path / "www").exists() and list((tmp_path / "tmp").iterdir()) == []


def test_what_the_script_publishes_every_web_server_can_read(pipeline, tmp_path):
    pipeline.must("set", "stable", "2.3.4", "--critical", "no", signed=False)
    before = os.umask(0o022)
    try:
        pipeline.publish()
    finally:
        os.umask(before)
    for path in [tmp_path / "www", *(tmp_path / "www").rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


def test_a_channel_that_cannot_be_signed_does_not_keep_the_others_back(pipeline, tmp_path):
    pipeline.must("set", "another", "2.3.4", "--critical", "no", signed=False)
    pipeline.must("set", "stable", "2.3.4", "--critical", "no", signed=False)
    (pipeline.path("another") / "release.json").write_text("{}")
    with pytest.raises(AssertionError, match="another"):
        pipeline.publish()
    assert pipeline.verify(tmp_path / "www/stable", "--key", pipeline.publics[0]).status == 0
    assert not (tmp_path / "www/another").exists()
