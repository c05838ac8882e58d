# SPDX-License-Identifier: Apache-2.0
"""A real control plane on loopback: etcd, API server, controllers and scheduler; KWOK plays the nodes and the pods on them."""

import contextlib
import json
import os
import pathlib
import random
import secrets
import socket
import subprocess
import threading

from identity import RsaKey
from kube.client import Client
from kube.programs import program
from kube.stages import stages
from machine.wait import wait_until
from servers import Authority

ISSUER = "https://kubernetes.default.svc.cluster.local"   # of service accounts' tokens
AUDIT = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
         "rules": [{"level": "None", "userGroups": ["system:serviceaccounts:kube-system"]},
                   {"level": "Request", "userGroups": ["system:serviceaccounts", "people"]}, {"level": "None"}]}
PEOPLE = {"admin": "system:masters", "system:kube-controller-manager": "", "system:kube-scheduler": "", "kwok": "system:masters"}


def fixed_ports(count):
    """Free ones that no outgoing connection is ever given, so that a server which goes down and comes up again finds its own free. Each of the
    processes that test at the same time has a stretch of its own: what one has only chosen looks free to the others."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 15000 + 2000 * (worker % 8)
    found = []
    for port in random.sample(range(first, first + 2000), 2000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError(f"no {count} free ports from {first} on")


class ControlPlane:
    """Runs from start() to stop(), and dies with the thread that started it. `url` is the API server's, `admin` a Client that may do all.

    people: more names → groups that a token of self.tokens is for. flags: more of the API server's.
    """

    def __init__(self, folder, people=(), nodes=3, flags=()):
        self.folder, self.nodes, self._flags = pathlib.Path(folder), nodes, list(flags)
        self.folder.mkdir(exist_ok=True)
        self.port, self._etcd, self._peer, self._kwok = fixed_ports(4)
        self.url = f"https://127.0.0.1:{self.port}"
        self.authority = Authority(self.folder, "cluster-ca")
        self._certificate = self.authority.issue("apiserver", "IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes.default.svc")
        self.key = RsaKey()     # of service accounts' tokens
        self.key.name = self.key.kubernetes_id()
        (self.folder / "accounts.pem").write_text(self.key.pem)
        everybody = {**PEOPLE, **dict(people)}
        self.tokens = {name: secrets.token_hex(16) for name in everybody}
        (self.folder / "tokens.csv").write_text("".join(f'{token},{name},{name},"{everybody[name]}"\n' for name, token in self.tokens.items()))
        (self.folder / "audit.yaml").write_text(json.dumps(AUDIT))
        (self.folder / "stages.yaml").write_text(stages())
        self.admin = self.client("admin")
        self._running, self._begun, self._ended = {}, {}, threading.Event()
        self._tender = threading.Thread(target=self._tend, daemon=True)

    def client(self, person):
        return Client(self.port, self.authority, self.tokens[person])

    def kubeconfig(self, person="admin", server=None):
        """The file of somebody who has a token."""
        file = self.folder / f"{person.replace(':', '-')}.kubeconfig"
        file.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": server or self.url, "certificate-authority": str(self.authority.crt)}}],
            "users": [{"name": person, "user": {"token": self.tokens[person]}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": person}}]}))
        return file

    def start(self):
        self._run("etcd", program("etcd"), *self._etcd_flags())
        wait_until("etcd is up", lambda: socket.create_connection(("127.0.0.1", self._etcd), 1).close() or True, seconds=20, every=0.02)
        self.up()
        key = f"--service-account-private-key-file={self.folder}/accounts.pem"
        ca = [f"--cluster-signing-cert-file={self.authority.crt}", f"--cluster-signing-key-file={self.authority.key}"]
        fast = ["--kube-api-qps=300", "--kube-api-burst=600", "--secure-port=0", "--leader-elect=false"]
        self._run("controllers", program("hyperkube"), "kube-controller-manager", f"--kubeconfig={self.kubeconfig('system:kube-controller-manager')}",
                  key, f"--root-ca-file={self.authority.crt}", "--use-service-account-credentials=true", *ca, *fast)
        self._run("scheduler", program("hyperkube"), "kube-scheduler", f"--kubeconfig={self.kubeconfig('system:kube-scheduler')}", *fast)
        self._run("kwok", program("kwok"), f"--kubeconfig={self.kubeconfig('kwok')}", f"--config={self.folder}/stages.yaml",
                  "--manage-all-nodes=true", f"--server-address=127.0.0.1:{self._kwok}", "--cidr=10.244.0.0/16", "--node-ip=127.0.0.1", "--node-lease-duration-seconds=40")
        for number in range(self.nodes):
            self._add_node(f"node-{number}")
        wait_until("the nodes are ready", lambda: [self._is_ready(node) for node in self.admin.get("nodes")], all, seconds=60, every=0.05)
        wait_until("namespaces get their account", lambda: self.admin.get("serviceaccounts", "default", "default"), seconds=60, every=0.05)
        self._tender.start()
        return self

    def stop(self):
        self._ended.set()
        if self._tender.is_alive():
            self._tender.join()
        for process in reversed(self._running.values()):
            process.kill()
            process.wait()
        self._running.clear()

    def down(self):
        """The API server is gone at once, as on a machine that crashed. (SIGTERM would wait a minute for those who watch.)"""
        self._running["apiserver"].kill()
        self._running.pop("apiserver").wait()

    def up(self):
        """Starts the API server, and returns when it is ready."""
        files = {"tls-cert-file": self._certificate.crt, "tls-private-key-file": self._certificate.key, "client-ca-file": self.authority.crt,
                 "token-auth-file": "tokens.csv", "audit-policy-file": "audit.yaml", "audit-log-path": "audit.log",
                 "service-account-key-file": "accounts.pem", "service-account-signing-key-file": "accounts.pem", "cert-dir": "apiserver"}
        self._run("apiserver", program("hyperkube"), "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{self._etcd}",
                  "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={self.port}", "--endpoint-reconciler-type=none",
                  "--audit-log-maxsize=100000",     # MB: what was asked for is counted over the whole file
                  *(f"--{flag}={self.folder / file}" for flag, file in files.items()), f"--service-account-issuer={ISSUER}",
                  "--authorization-mode=Node,RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--shutdown-delay-duration=0s", *self._flags)
        wait_until("the API server is ready", self._answers, seconds=90, every=0.02)

    def restart(self, seconds=0):
        """Down for a moment, and up again."""
        self.down()
        self.up()

    def crash(self, name):
        """etcd, apiserver, controllers, scheduler or kwok ends."""
        self._running[name].kill()

    def log(self, name):
        """What etcd, apiserver, controllers, scheduler or kwok said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def audit(self):
        """The requests of service accounts and of the group people that were answered, or whose answer has begun: audit.k8s.io/v1 Events."""
        file = self.folder / "audit.log"
        return [json.loads(line) for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")] if file.exists() else []

    def _answers(self):
        assert self._running["apiserver"].poll() is None, self.log("apiserver")[-3000:]
        return self.admin.ask("GET", "/readyz", seconds=5).status == 200

    def _etcd_flags(self):
        here, peers = f"http://127.0.0.1:{self._etcd}", f"http://127.0.0.1:{self._peer}"
        return ["--name=n0", f"--data-dir={self.folder}/etcd", f"--listen-client-urls={here}", f"--advertise-client-urls={here}",
                f"--listen-peer-urls={peers}",
                f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=n0={peers}", "--unsafe-no-fsync=true"]

    def _run(self, name, *argv):
        with (self.folder / f"{name}.log").open("a") as log:
            self._running[name] = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *map(str, argv)], stdin=subprocess.DEVNULL, stdout=log,
                                                   stderr=log, cwd=self.folder)
        self._begun[name] = argv

    def _tend(self):
        """A scheduler whose cache does not fit what a restarted API server says ends itself; in a cluster a kubelet begins it anew."""
        while not self._ended.wait(0.5):
            for name in ("controllers", "scheduler", "kwok"):
                if self._running[name].poll() is not None:
                    self._run(name, *self._begun[name])

    def _add_node(self, name):
        room = {"cpu": "32", "memory": "256Gi", "pods": "500"}
        self.admin.create("nodes", None, {"metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}})
        self.admin.patch("nodes", None, name, {"status": {"capacity": room, "allocatable": room}}, sub="status")

    @staticmethod
    def _is_ready(node):
        return any(one["type"] == "Ready" and one["status"] == "True" for one in node["status"].get("conditions", []))
