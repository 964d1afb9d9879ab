"""What a Job controller and a kubelet make of a release's hook: its container's command runs here, with its ServiceAccount's rights."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from conftest import NAMESPACE, Cluster, Json


@dataclass
class Ran:
    """A Job's Pod: its image, and what its container said."""

    image: str
    said: str


@dataclass
class Jobs:
    cluster: Cluster
    binary: Path
    folder: Path
    ran: dict[str, Ran] = field(default_factory=dict)

    def look(self) -> None:
        """Runs whatever Job has not ended."""
        for job in self.cluster.all("job", NAMESPACE):
            if not job["status"].get("conditions"):
                self.run(job)

    def run(self, job: Json) -> None:
        spec = job["spec"]["template"]["spec"]
        [container] = spec["containers"]
        env = {"KUBECONFIG": str(self.cluster.kubeconfig_of(spec["serviceAccountName"], self.folder)), "HOME": "/nonexistent"}
        done = subprocess.run([self.binary, *container["args"]], env=env, capture_output=True, text=True, check=False)
        self.ran[job["metadata"]["uid"]] = Ran(container["image"], done.stdout + done.stderr)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        before, last, counted = ("FailureTarget", "Failed", "failed") if done.returncode else ("SuccessCriteriaMet", "Complete", "succeeded")
        conditions = [{"type": kind, "status": "True", "reason": "Tested", "message": "", "lastTransitionTime": now} for kind in (before, last)]
        status = {"startTime": now, counted: 1, "conditions": conditions, **({} if done.returncode else {"completionTime": now})}
        self.cluster.patch("job", job["metadata"]["name"], NAMESPACE, {"status": status}, "/status")


@contextmanager
def run_jobs(cluster: Cluster, binary: Path, folder: Path) -> Iterator[dict[str, Ran]]:
    """Meanwhile each Job of the namespace is run once; what became of them."""
    jobs, over, failures = Jobs(cluster, binary, folder), threading.Event(), list[BaseException]()

    def look() -> None:
        try:
            while not over.wait(0.2):
                jobs.look()
        except BaseException as failure:  # it is raised below
            failures.append(failure)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield jobs.ran
    finally:
        over.set()
        thread.join()
    assert not failures, failures
