"""What a kubelet makes of a Pod and an image, as far as a Deployment of ours asks for it: a container that runc runs.

The network is this machine's, and a Pod's address one of its loopback: that alone is not as in a cluster.
"""

from __future__ import annotations

import gzip
import http.client
import io
import json
import os
import platform
import signal
import subprocess
import tarfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conftest import ROOT, Json, run

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
SIZES = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


class Image:
    """An OCI archive, of which this machine's platform is looked at."""

    def __init__(self, archive: Path) -> None:
        with tarfile.open(archive) as tar:
            self.blobs = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}  # type: ignore[union-attr]
        index = self.json(json.loads(self.blobs["index.json"])["manifests"][0])
        machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
        manifest = self.json(next(entry for entry in index["manifests"] if entry["platform"] == {"os": "linux", "architecture": machine}))
        self.configuration = self.json(manifest["config"])
        self.config: Json = self.configuration["config"]
        self.layers = [gzip.decompress(self.blob(layer)) for layer in manifest["layers"]]

    def blob(self, descriptor: Json) -> bytes:
        return self.blobs["blobs/" + descriptor["digest"].replace(":", "/")]

    def json(self, descriptor: Json) -> Json:
        found: Json = json.loads(self.blob(descriptor))
        return found

    def files(self) -> dict[str, tarfile.TarInfo]:
        return {member.name: member for layer in self.layers for member in tarfile.open(fileobj=io.BytesIO(layer))}

    def unpack(self, folder: Path) -> Path:
        for layer in self.layers:
            with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
                tar.extractall(folder, filter="fully_trusted")
        return folder


@dataclass
class Node:
    """A machine that runs Pods of an image."""

    image: Image
    folder: Path
    api: tuple[str, int]
    authority: bytes
    token: str
    # Addresses that nobody else has: another checkout may run this test.
    net: str = field(default_factory=lambda: f"127.{1 + os.getpid() % 250}.{1 + os.getpid() // 250 % 250}")

    def __post_init__(self) -> None:
        self.tools = Path(run(ROOT / "tests/env/runc/setup").strip())

    def runc(self, *arguments: Any) -> str:
        return run(self.tools / "runc", "--root", self.folder / "runc", *arguments)

    def seccomp(self) -> Json:
        """RuntimeDefault, for a process that has no capability."""
        given = json.loads((self.tools / "seccomp.json").read_text())
        machine = f"SCMP_ARCH_{platform.machine().upper()}"
        here = {"SCMP_ARCH_X86_64": "amd64", "SCMP_ARCH_AARCH64": "arm64"}[machine]

        def holds(rule: Json) -> bool:
            needs = rule.get("includes") or {}
            return not needs.get("caps") and here in needs.get("arches", [here]) and here not in (rule.get("excludes") or {}).get("arches", [])

        kept = ("names", "action", "args", "errnoRet")
        rules = [{key: rule[key] for key in kept if rule.get(key)} for rule in given["syscalls"] if holds(rule)]
        subordinate = next(entry["subArchitectures"] or [] for entry in given["archMap"] if entry["architecture"] == machine)
        default = {"defaultAction": given["defaultAction"], "defaultErrnoRet": given["defaultErrnoRet"]}
        return {**default, "architectures": [machine, *subordinate], "syscalls": rules}


class Pod:
    """A container of a Deployment's Pod."""

    def __init__(self, node: Node, template: Json, name: str, number: int, extra: dict[str, str]) -> None:
        self.node, self.name, self.spec = node, name, template["spec"]
        [self.container] = self.spec["containers"]
        self.address = f"{node.net}.{10 + number}"
        self.log = node.folder / f"{name}.log"
        bundle = node.folder / name
        bundle.mkdir()
        (bundle / "config.json").write_text(json.dumps(self.configuration(bundle, extra)))
        # It hands the signal on: nothing is left running behind a test that was killed.
        command = ["setpriv", "--pdeathsig", "TERM", node.tools / "runc", "--root", node.folder / "runc", "run", "--bundle", bundle, name]
        with self.log.open("w") as log:
            self.child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def configuration(self, bundle: Path, extra: dict[str, str]) -> Json:
        image, container = self.node.image, self.container
        security = {**self.spec["securityContext"], **container["securityContext"]}
        assert security["capabilities"] == {"drop": ["ALL"]}, security
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, security
        variables = dict(word.split("=", 1) for word in image.config["Env"])
        host, port = self.node.api
        variables |= {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": str(port), "HOSTNAME": self.name}
        variables |= {entry["name"]: entry["value"] if "value" in entry else self.field(entry["valueFrom"]) for entry in container.get("env", [])}
        variables |= extra
        found: Json = {"ociVersion": "1.0.2", "hostname": self.name}
        found["root"] = {"path": str(image.unpack(bundle / "root")), "readonly": security["readOnlyRootFilesystem"]}
        found["process"] = {
            "args": [*container.get("command", image.config["Entrypoint"]), *container.get("args", image.config.get("Cmd", []))],
            "env": [f"{key}={value}" for key, value in variables.items()],
            "cwd": image.config.get("WorkingDir") or "/",
            "user": {"uid": security["runAsUser"], "gid": security["runAsGroup"], "additionalGids": [security["fsGroup"]]},
            "capabilities": {},
            "noNewPrivileges": not security["allowPrivilegeEscalation"],
        }
        found["mounts"] = [*MOUNTS, *self.mounts(bundle, security["fsGroup"])]
        resources = container["resources"]
        found["linux"] = {
            # The network's is missing: it is this machine's.
            "namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")],
            "cgroupsPath": f"/{self.name}",
            "resources": {"memory": {"limit": size(resources["limits"]["memory"])}, "devices": [{"allow": False, "access": "rwm"}]},
            "seccomp": self.node.seccomp(),
            "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        }
        return found

    def field(self, source: Json) -> str:
        assert source == {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}, source
        return self.name

    def mounts(self, bundle: Path, group: int) -> list[Json]:
        """What the kubelet brings: the names that it writes, and the projected ServiceAccount."""
        account = bundle / "account"
        account.mkdir()
        for name, content in (("token", self.node.token.encode()), ("ca.crt", self.node.authority), ("namespace", b"palisade-system")):
            (account / name).write_bytes(content)
            # The token is nobody's but the group's.
            (account / name).chmod(0o640)
            os.chown(account / name, 0, group)
        account.chmod(0o750)
        os.chown(account, 0, group)
        (bundle / "hosts").write_text(f"127.0.0.1 localhost\n{self.address} {self.name}\n")
        (bundle / "resolv.conf").write_text("")
        binds = ((account, ACCOUNT), (bundle / "hosts", "/etc/hosts"), (bundle / "resolv.conf", "/etc/resolv.conf"))
        options = ["rbind", "rprivate", "ro", "nosuid", "nodev"]
        return [{"destination": there, "type": "bind", "source": str(here), "options": options} for here, there in binds]

    def is_probed(self, kind: str) -> bool:
        """Whether one probe of this kind succeeds now."""
        probe = self.container[kind]
        ports = {entry["name"]: entry["containerPort"] for entry in self.container["ports"]}
        asked = probe["httpGet"]
        with closing(http.client.HTTPConnection(self.address, ports[asked["port"]], timeout=probe.get("timeoutSeconds", 1))) as connection:
            try:
                connection.request("GET", asked["path"])
                return 200 <= connection.getresponse().status < 400
            except OSError:
                return False

    def until_probed(self, kind: str, within: float) -> None:
        deadline = time.monotonic() + within
        while not self.is_probed(kind):
            assert self.child.poll() is None and time.monotonic() < deadline, f"{kind} of {self.name}: {self.said()}"
            time.sleep(0.2)

    def until_started(self) -> None:
        """Or the kubelet would kill it."""
        probe = self.container["startupProbe"]
        self.until_probed("startupProbe", probe["periodSeconds"] * probe["failureThreshold"])

    def said(self) -> str:
        return self.log.read_text()[-3000:]

    def pid(self) -> int:
        found: int = json.loads(self.node.runc("state", self.name))["pid"]
        return found

    def status(self) -> dict[str, str]:
        """Of its process, as the kernel tells it."""
        lines = Path(f"/proc/{self.pid()}/status").read_text().splitlines()
        return {key: value.strip() for key, value in (line.split(":", 1) for line in lines)}

    def was_out_of_memory(self) -> bool:
        """Whether the limit ever killed in it. Both versions of cgroups tell."""
        told = list(Path("/sys/fs/cgroup").glob(f"**/{self.name}/memory.*o*"))
        lines = [line for file in told if file.name in {"memory.events", "memory.oom_control"} for line in file.read_text().splitlines()]
        counts = [int(line.split()[1]) for line in lines if line.startswith("oom_kill ")]
        assert counts, told
        return sum(counts) > 0

    def ends(self, by: signal.Signals, within: float) -> int:
        """Its exit code, after the signal."""
        self.node.runc("kill", self.name, by.name.removeprefix("SIG"))
        return self.child.wait(timeout=within)

    def remove(self) -> None:
        if self.child.poll() is None:
            self.node.runc("kill", self.name, "KILL")
            self.child.wait(timeout=30)


def size(text: str) -> int:
    number, unit = text[:-2], text[-2:]
    return int(number) * SIZES[unit]


def mount(there: str, kind: str, source: str, *options: str) -> Json:
    return {"destination": there, "type": kind, "source": source, "options": ["nosuid", *options]}


MOUNTS = [
    mount("/proc", "proc", "proc", "noexec", "nodev"),
    mount("/dev", "tmpfs", "tmpfs", "strictatime", "mode=755", "size=65536k"),
    mount("/dev/pts", "devpts", "devpts", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
    mount("/dev/shm", "tmpfs", "shm", "noexec", "nodev", "mode=1777", "size=65536k"),
    mount("/sys", "none", "/sys", "rbind", "noexec", "nodev", "ro"),
]
