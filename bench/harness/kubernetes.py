"""The Kubernetes API, as far as a measurement needs it: create, patch, and watch who is ready since when."""

from __future__ import annotations

import base64
import http.client
import json
import re
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from .processes import Failed

Json = dict[str, Any]
GROUP = "/apis/palisade.dev/v1alpha1"
CREATING_THREADS = 8
IDLE_SECONDS = 10
ATTEMPTS = 10


class Kubernetes:
    def __init__(self, kubeconfig: str) -> None:
        text = Path(kubeconfig).read_text()

        def value(key: str) -> str:
            found = re.search(rf"{key}: (\S+)", text)
            if not found:
                raise Failed(f"{kubeconfig} has no {key}")
            return found[1]

        def file(key: str) -> str:
            path = Path(kubeconfig).with_name(f"bench-{key}.pem")
            path.write_bytes(base64.b64decode(value(f"{key}-data")))
            return str(path)

        self.host = urlparse(value("server")).netloc
        self.tls = ssl.create_default_context(cafile=file("certificate-authority"))
        self.tls.load_cert_chain(file("client-certificate"), file("client-key"))
        self.local = threading.local()

    def connect(self, timeout: float | None = 60) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self.host, context=self.tls, timeout=timeout)

    def _connection(self) -> http.client.HTTPSConnection:
        """One for each thread, made anew after a pause: the API server closes those that are idle."""
        used, now = getattr(self.local, "used", 0.0), time.monotonic()
        if not hasattr(self.local, "connection") or now - used > IDLE_SECONDS:
            self.local.connection = self.connect()
        self.local.used = now
        connection: http.client.HTTPSConnection = self.local.connection
        return connection

    def call(self, method: str, path: str, body: str | None = None, kind: str = "application/json") -> Json:
        for left in reversed(range(ATTEMPTS)):
            connection = self._connection()
            try:
                connection.request(method, path, body=body.encode() if body else None, headers={"Content-Type": kind})
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                del self.local.connection
                raise
            # As Kubernetes' own clients do: so a definition that has just changed is answered for.
            if answer.status == http.HTTPStatus.TOO_MANY_REQUESTS and left:
                time.sleep(float(answer.getheader("Retry-After", "1")))
                continue
            if answer.status >= 300:
                raise Failed(f"{method} {path}: {answer.status} {content.decode()[:500]}")
            found: Json = json.loads(content)
            return found
        raise AssertionError("the last attempt returns or raises")

    def install(self, crds: Path) -> None:
        for file in sorted(crds.glob("*.yaml")):
            self.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", file.read_text(), "application/yaml")
        wait("the CRD is served", 60, lambda: self._serves(f"{GROUP}/protectedapis"))

    def _serves(self, path: str) -> bool:
        try:
            return bool(self.call("GET", path))
        except Failed:
            return False

    def create_namespace(self, name: str, annotations: dict[str, str]) -> None:
        self.call("POST", "/api/v1/namespaces", json.dumps({"metadata": {"name": name, "annotations": annotations}}))

    def create_objects(self, namespace: str, specs: dict[str, Json]) -> None:
        """All at once, as far as a few connections can."""
        path = f"{GROUP}/namespaces/{namespace}/protectedapis"

        def create(item: tuple[str, Json]) -> None:
            name, spec = item
            self.call("POST", path, json.dumps({"apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi", "metadata": {"name": name}, "spec": spec}))

        with ThreadPoolExecutor(CREATING_THREADS) as pool:
            list(pool.map(create, specs.items()))

    def ask(self, namespace: str, name: str, spec: Json) -> None:
        """Creates a PerimeterPlan."""
        plan = {"apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterPlan", "metadata": {"name": name}, "spec": spec}
        self.call("POST", f"{GROUP}/namespaces/{namespace}/perimeterplans", json.dumps(plan))

    def plan(self, namespace: str, name: str) -> Json:
        return self.call("GET", f"{GROUP}/namespaces/{namespace}/perimeterplans/{name}")

    def patch(self, namespace: str, name: str, patch: Json) -> Json:
        path = f"{GROUP}/namespaces/{namespace}/protectedapis/{name}"
        return self.call("PATCH", path, json.dumps(patch), "application/merge-patch+json")


class Watch:
    """Follows all objects in a thread of its own."""

    def __init__(self, kubernetes: Kubernetes) -> None:
        self.kubernetes = kubernetes
        self.objects: dict[str, Json] = {}
        self.ready_since: dict[str, float] = {}
        self.status_writes = 0
        self.lock = threading.Lock()
        self.version = kubernetes.call("GET", f"{GROUP}/protectedapis")["metadata"]["resourceVersion"]
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        while True:
            connection = self.kubernetes.connect(timeout=None)
            try:
                connection.request("GET", f"{GROUP}/protectedapis?watch=1&resourceVersion={self.version}")
                for line in connection.getresponse():
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        return
                    self._take(event["object"])
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.2)
            finally:
                connection.close()

    def _take(self, found: Json) -> None:
        now = time.monotonic()
        name = found["metadata"]["name"]
        with self.lock:
            self.version = found["metadata"]["resourceVersion"]
            if found.get("status") != self.objects.get(name, {}).get("status"):
                self.status_writes += 1
            self.objects[name] = found
            if is_ready(found):
                self.ready_since.setdefault(name, now)
            else:
                self.ready_since.pop(name, None)

    def count_ready(self) -> int:
        with self.lock:
            return len(self.ready_since)

    def last_ready(self) -> float:
        with self.lock:
            return max(self.ready_since.values())

    def check_none_stalled(self) -> None:
        """Fails where an object waits for a person, for whom nobody waits here."""
        with self.lock:
            for name, found in self.objects.items():
                for condition in found.get("status", {}).get("conditions", []):
                    if condition["type"] == "Stalled" and condition["status"] == "True":
                        raise Failed(f"{name} is stalled: {condition['message']}")

    def unready(self) -> str:
        """For a message: one object that is not ready, and what its conditions say."""
        with self.lock:
            for name, found in self.objects.items():
                if name not in self.ready_since:
                    conditions = found.get("status", {}).get("conditions", [])
                    told = [f"{c['type']}={c['status']} {c['reason']}: {c['message']}" for c in conditions if c["status"] != "True"]
                    return f"{name}: " + " | ".join(told)[:1500]
        return "none is missing"


def is_ready(found: Json) -> bool:
    conditions = found.get("status", {}).get("conditions", [])
    generation = found["metadata"]["generation"]
    return any(c["type"] == "Ready" and c["status"] == "True" and c.get("observedGeneration") == generation for c in conditions)


def wait(what: str, seconds: float, holds: Callable[[], bool], step: float = 0.2) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Failed(f"not within {seconds:.0f} s: {what}")
        time.sleep(step)
