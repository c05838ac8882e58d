# SPDX-License-Identifier: Apache-2.0
"""Outside of a cluster the daemon takes a kubeconfig: with a token, or a client's certificate. What would have it run a program is refused."""

import base64
import json


def write(cluster, folder, user):
    """The certificate authority inline, as kind and others write it."""
    ca = base64.b64encode(cluster.authority.crt.read_bytes()).decode()
    file = folder / "kubeconfig"
    file.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "clusters": [{"name": "test", "cluster": {"server": cluster.url, "certificate-authority-data": ca}}],
        "users": [{"name": "me", "user": user}], "contexts": [{"name": "here", "context": {"cluster": "test", "user": "me"}}]}))
    return file


def test_token(cluster, space, daemon):
    web = space.workload()
    upkeepd = daemon(web, kubeconfig=cluster.kubeconfig("admin"), version="2.3.4")
    upkeepd.wait_result("committed", "2.3.4")


def test_client_certificate(cluster, space, daemon, tmp_path):
    """Inline, and as files."""
    web = space.workload()
    mine = cluster.authority.issue("operator", usage="clientAuth", organization="system:masters")
    inline = {"client-certificate-data": base64.b64encode(mine.crt.read_bytes()).decode(),
              "client-key-data": base64.b64encode(mine.key.read_bytes()).decode()}
    upkeepd = daemon(web, kubeconfig=write(cluster, tmp_path, inline), version="2.3.4")
    upkeepd.wait_result("committed", "2.3.4")
    write(cluster, tmp_path, {"client-certificate": str(mine.crt), "client-key": str(mine.key)})
    upkeepd.stop()
    upkeepd.start()
    upkeepd.release("2.3.5")
    upkeepd.wait_result("committed", "2.3.5")


def test_programs_are_refused(cluster, space, daemon, tmp_path):
    web = space.workload(wait=False)
    ran = tmp_path / "ran"
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": [str(ran)], "interactiveMode": "Never"}}
    upkeepd = daemon(web, kubeconfig=write(cluster, tmp_path, user), version="2.3.4")
    upkeepd.wait_for(lambda now: "exec" in str(now), "it says what it does not do")
    assert not ran.exists() and web.tag() == "1.2.3"
