# SPDX-License-Identifier: Apache-2.0
"""A mutating admission webhook of a test's own namespace, which makes other images of those that workloads are given."""

import base64
import http.server
import json
import ssl
import threading

from machine.wait import wait_until

IMAGE = "/spec/template/spec/containers/0/image"


class ImageWebhook:
    """Deployments of `space` get the image that `rewrite` makes of theirs, from the constructor's return on; dry runs too."""

    def __init__(self, cluster, space, workload, rewrite):
        def answer(request):
            image = request["object"]["spec"]["template"]["spec"]["containers"][0]["image"]
            patch = json.dumps([{"op": "replace", "path": IMAGE, "value": rewrite(image)}])
            return {"uid": request["uid"], "allowed": True, "patchType": "JSONPatch", "patch": base64.b64encode(patch.encode()).decode()}

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                body = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer(review["request"])}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        certificate = cluster.authority.issue(f"webhook-{space.name}")
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.crt, certificate.key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._admin = cluster.admin
        self._path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
        self._name = f"images-{space.name}"
        self._admin.must("POST", self._path, {
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": self._name},
            "webhooks": [{
                "name": "images.webhook.test", "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 5,
                "clientConfig": {"url": f"https://127.0.0.1:{self._server.server_port}/",
                                 "caBundle": base64.b64encode(cluster.authority.crt.read_bytes()).decode()},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": space.name}},
                "rules": [{"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["deployments"]}]}]})
        tried = {"spec": {"template": {"spec": {"containers": [{"name": workload.name, "image": "webhook.test/try:1"}]}}}}

        def asks_us():
            made = workload.patch(tried, dryRun="All")
            return made["spec"]["template"]["spec"]["containers"][0]["image"] == rewrite("webhook.test/try:1")
        wait_until("the API server asks the webhook", asks_us)

    def stop(self):
        self._admin.must("DELETE", f"{self._path}/{self._name}")
        self._server.shutdown()
        self._server.server_close()
