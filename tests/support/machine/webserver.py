# SPDX-License-Identifier: Apache-2.0
"""nginx with TLS on a free port of 127.0.0.1, serving one folder."""

import random
import socket
import subprocess

from .cgroup import Cgroup
from .wait import wait_until

CONFIGURATION = """
user root; worker_processes 1; daemon off; pid {run}/nginx.pid; error_log {run}/error.log;
events {{}}
http {{
  access_log {run}/access.log; types {{}} default_type application/octet-stream;
  client_body_temp_path {run}; proxy_temp_path {run}; fastcgi_temp_path {run}; uwsgi_temp_path {run}; scgi_temp_path {run};
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {keys.crt}; ssl_certificate_key {keys.key};
    root {www};
    location ~ /repo/ {{
      # A repository rewritten within one second must be seen as new, also by apt's request for the rest of a partial file.
      if_modified_since off; max_ranges 0; etag off;
    }}
  }}
}}
"""


class WebServer:
    """Serves `www` from start() until stop(); always on the same port."""

    def __init__(self, workspace, keys, www, name="web"):
        self.folder = workspace.folder / name
        self.folder.mkdir()
        self._cgroup = Cgroup(workspace.name(name))
        self._keys, self._www = keys, www
        self._process = None
        self.port = None

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def start(self):
        self.port = self.port or _free_port()
        self._launch()
        wait_until("nginx answers or ends", lambda: _taken(self.port) or self._process.poll() is not None, seconds=10, every=0.02)
        assert self._process.poll() is None, f"nginx does not start:\n{(self.folder / 'error.log').read_text()}"
        return self

    def stop(self):
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None
        self._cgroup.end()

    def _launch(self):
        configuration = self.folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(run=self.folder, keys=self._keys, www=self._www, port=self.port))
        argv = ["nginx", "-c", configuration, "-e", self.folder / "error.log"]
        self._process = subprocess.Popen(self._cgroup.entering(argv), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, start_new_session=True)


def _free_port():
    # below the ports that the kernel gives to outgoing connections
    return next(port for port in iter(lambda: random.randint(20000, 30000), None) if not _taken(port))


def _taken(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
