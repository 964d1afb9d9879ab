"""A release's life with objects alive, by the real Helm on a real API server."""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import CHART, CRDS, IMAGE, NAMESPACE, ROOT, Cluster, Json, Refused
from jobs import run_jobs

PETSTORE = "deploy/examples/petstore.yaml"
DEFINITIONS = {
    f"customresourcedefinition.apiextensions.k8s.io/{name}.palisade.dev" for name in ("protectedapis", "awsaccounts", "perimeterclasses", "perimeterplans")
}
GUARD = "validatingadmissionpolicy.admissionregistration.k8s.io/palisade-protect-crds"


def alive(cluster: Cluster) -> str:
    """An object that a controller holds, as the controller does; answers its UID."""
    cluster.apply("deploy/examples/namespace.yaml", PETSTORE)
    cluster.patch("papi", "petstore", "shop", {"metadata": {"finalizers": ["palisade.dev/perimeter"]}})
    uid: str = petstore(cluster)["metadata"]["uid"]
    return uid


def petstore(cluster: Cluster) -> Json:
    return cluster.get("papi", "petstore", "shop")


def bury(cluster: Cluster) -> None:
    cluster.delete_all("papi", "shop")


def before(chart: Path, folder: Path, *without: str) -> Path:
    """The chart as it was: an older version, and without these files."""
    older = folder / "before" / chart.name
    shutil.copytree(chart, older)
    description = yaml.safe_load((older / "Chart.yaml").read_text()) | {"version": "0.0.9", "appVersion": "0.0.9"}
    (older / "Chart.yaml").write_text(yaml.safe_dump(description))
    for name in without:
        (older / name).unlink()
    return older


def test_install_upgrade_rollback_and_uninstall_leave_the_objects_alone(clean: Cluster, tmp_path: Path) -> None:
    older = before(CHART, tmp_path, "templates/service.yaml", "templates/protect-deletion.yaml")
    older_crds = before(CRDS, tmp_path)
    for path in (older_crds / "files").glob("*.yaml"):
        path.write_text(path.read_text().replace("- papi\n", "- oldapi\n"))
    clean.helm("install", "palisade-crds", older_crds, "--create-namespace")
    clean.helm("install", "palisade", older, "--set", IMAGE)
    clean.wait_for_definitions()
    clean.kubectl("get", "oldapi", "-A")
    assert image(clean).endswith(":0.0.9")

    clean.helm("upgrade", "palisade-crds", CRDS)
    uid = alive(clean)
    clean.helm("upgrade", "palisade", CHART, "--set", IMAGE, "--set", "protectDeletion.enabled=true", "--set", "networkPolicy.enabled=true")
    assert image(clean).endswith(":0.1.0")
    assert clean.names("service,networkpolicy", NAMESPACE) == {"service/palisade-metrics", "networkpolicy.networking.k8s.io/palisade"}

    clean.helm("rollback", "palisade", "1")
    assert image(clean).endswith(":0.0.9")
    assert not clean.names("service,networkpolicy", NAMESPACE)
    clean.helm("upgrade", "palisade", CHART, "--set", IMAGE)

    clean.helm("uninstall", "palisade", "--wait")
    assert not clean.names("deployment,serviceaccount,role,rolebinding,pdb", NAMESPACE, "app.kubernetes.io/name=palisade")
    assert not clean.names("clusterrole,clusterrolebinding", label="app.kubernetes.io/name=palisade")
    clean.helm("uninstall", "palisade-crds", "--wait")
    assert clean.names("crd", label="app.kubernetes.io/name=palisade-crds") == DEFINITIONS
    # The guard stays, too.
    assert GUARD in clean.names("validatingadmissionpolicy")
    with pytest.raises(Refused, match="kubectl annotate crd protectedapis"):
        clean.kubectl("delete", "crd", "protectedapis.palisade.dev", "--dry-run=server")
    assert petstore(clean)["metadata"]["uid"] == uid

    # And a new release of the same names takes them up.
    clean.helm("install", "palisade-crds", CRDS)
    clean.helm("install", "palisade", CHART, "--set", IMAGE)
    assert petstore(clean)["metadata"]["uid"] == uid
    bury(clean)


def test_an_upgrade_of_the_definitions_is_refused_where_a_stored_object_would_be_invalid(clean: Cluster, palisade: Path, tmp_path: Path) -> None:
    """By the chart's own Job, with the rights of its own ServiceAccount."""
    older = before(CRDS, tmp_path)
    path = older / "files/protectedapis.palisade.dev.yaml"
    definition = yaml.safe_load(path.read_text())
    definition["metadata"]["annotations"]["palisade.dev/version"] = "0.0.9"
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["formerly"] = {"type": "string"}
    path.write_text(yaml.safe_dump(definition))
    clean.helm("install", "palisade-crds", older, "--create-namespace")
    clean.wait_for_definitions()
    clean.apply("deploy/examples/namespace.yaml", PETSTORE)
    until_patched(clean, {"spec": {"formerly": "so"}}, lambda spec: spec.get("formerly") == "so")

    upgrade = ("upgrade", "palisade-crds", CRDS, "--set", "check.image.repository=registry.example.com/palisade")
    with run_jobs(clean, palisade, tmp_path) as ran, pytest.raises(Refused, match="pre-upgrade hooks failed"):
        clean.helm(*upgrade)
    [check] = ran.values()
    assert check.image == "registry.example.com/palisade:0.1.0"
    assert "1 stored object(s) would be invalid" in check.said and "shop/petstore: " in check.said and "spec.formerly" in check.said, check.said
    assert version(clean) == "0.0.9" and petstore(clean)["spec"]["formerly"] == "so"
    # The log can be read, and the rights are gone.
    assert clean.names("job", NAMESPACE) == {"job.batch/palisade-crds-check"}
    assert not rights(clean)

    until_patched(clean, {"spec": {"formerly": None}}, lambda spec: "formerly" not in spec)
    with run_jobs(clean, palisade, tmp_path) as ran:
        clean.helm(*upgrade)
    [check] = ran.values()
    assert "protectedapis.palisade.dev: 1 stored objects tried, 0 invalid" in check.said
    assert version(clean) == "0.1.0"
    assert not clean.names("job,pod", NAMESPACE) and not rights(clean)
    assert not [name for name in clean.names("crd") if "check.palisade.dev" in name]
    bury(clean)


def until_patched(cluster: Cluster, patch: Json, holds: Callable[[Json], bool]) -> None:
    """A definition that was changed counts a moment later."""
    deadline = time.monotonic() + 60
    while True:
        if holds(cluster.patch("papi", "petstore", "shop", patch)["spec"]):
            return
        assert time.monotonic() < deadline, petstore(cluster)
        time.sleep(0.2)


def version(cluster: Cluster) -> str:
    found: str = cluster.get("crd", "protectedapis.palisade.dev")["metadata"]["annotations"]["palisade.dev/version"]
    return found


def rights(cluster: Cluster) -> set[str]:
    """Of the Job that tries the definitions."""
    found = cluster.names("clusterrole,clusterrolebinding") | cluster.names("serviceaccount", NAMESPACE)
    return {name for name in found if "palisade-crds" in name}


def image(cluster: Cluster) -> str:
    found: str = cluster.get("deployment", "palisade", NAMESPACE)["spec"]["template"]["spec"]["containers"][0]["image"]
    return found


@pytest.mark.parametrize("page", ["README.md", "docs/install.md", "deploy/chart/palisade/README.md"])
def test_the_commands_that_are_documented_install_it(clean: Cluster, page: str) -> None:
    blocks = (ROOT / page).read_text().split("```sh\n")[1:]
    block = next(block for block in blocks if "helm install palisade " in block).split("```")[0]
    commands = [shlex.split(line) for line in block.replace("\\\n", " ").replace("REGISTRY", "registry.example.com").splitlines()]
    assert [words[:3] for words in commands] == [["helm", "install", "palisade-crds"], ["helm", "install", "palisade"]]
    for words in commands:
        clean.helm(*words[1:])
    annotations = clean.get("serviceaccount", "palisade", NAMESPACE)["metadata"]["annotations"]
    assert annotations["eks.amazonaws.com/role-arn"] == "arn:aws:iam::111122223333:role/palisade-controller"


def test_the_commands_that_are_documented_remove_the_definitions_for_good(clean: Cluster) -> None:
    clean.helm("install", "palisade-crds", CRDS, "--create-namespace")
    clean.wait_for_definitions()
    clean.helm("uninstall", "palisade-crds", "--wait")
    blocks = (CRDS / "README.md").read_text().split("```sh\n")[1:]
    block = next(block for block in blocks if "kubectl annotate crd" in block).split("```")[0]
    for words in map(shlex.split, block.splitlines()):
        # One that waits for finalizers that nobody takes off would wait for ever.
        clean.kubectl(*words[1:], *(["--timeout=60s"] if words[1] == "delete" else []))
    assert not clean.names("crd", label="app.kubernetes.io/name=palisade-crds")
    assert not clean.names("validatingadmissionpolicy,validatingadmissionpolicybinding", label="app.kubernetes.io/name=palisade-crds")


def test_a_second_release_is_refused_for_both_would_write_the_same_perimeters(clean: Cluster) -> None:
    clean.helm("install", "palisade-crds", CRDS, "--create-namespace")
    clean.helm("install", "palisade", CHART, "--set", IMAGE)
    with pytest.raises(Refused, match=r'ClusterRole "palisade-.*" in namespace "" exists and cannot be imported'):
        clean.helm("install", "another", CHART, "--set", IMAGE, "--namespace", "another", "--create-namespace")


def test_what_kubectl_applied_becomes_a_release_by_take_ownership(clean: Cluster) -> None:
    clean.kubectl("apply", "-k", "deploy/crds")
    clean.wait_for_definitions()
    uid = alive(clean)
    clean.kubectl("apply", "-k", "deploy/base")
    with pytest.raises(Refused, match="cannot be imported into the current release"):
        clean.helm("install", "palisade", CHART, "--set", IMAGE)
    clean.helm("install", "palisade-crds", CRDS, "--take-ownership")
    clean.helm("install", "palisade", CHART, "--set", IMAGE, "--take-ownership")
    assert petstore(clean)["metadata"]["uid"] == uid
    assert clean.get("deployment", "palisade", NAMESPACE)["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "Helm"
    bury(clean)


def test_everything_at_once_is_taken_by_the_api_server(clean: Cluster) -> None:
    clean.helm("install", "palisade-crds", CRDS, "--create-namespace")
    clean.apply("deploy/examples/namespace.yaml")
    switches = ("networkPolicy", "protectDeletion", "metrics.serviceMonitor", "metrics.prometheusRule", "metrics.dashboard")
    values = [word for switch in switches for word in ("--set", f"{switch}.enabled=true")]
    said = clean.helm("install", "palisade", CHART, "--set", IMAGE, "--set", "controller.namespace=shop", *values)
    assert "THE DEFINITIONS ARE MISSING" not in said
    kinds = "servicemonitor,prometheusrule,networkpolicy,pdb,service"
    assert len(clean.names(kinds, NAMESPACE)) == 5
    assert clean.names("configmap", NAMESPACE, "grafana_dashboard=1") == {"configmap/palisade-dashboard"}


def test_rights_on_objects_are_of_the_one_namespace_that_is_watched(clean: Cluster) -> None:
    clean.helm("install", "palisade-crds", CRDS, "--create-namespace")
    clean.apply("deploy/examples/namespace.yaml")
    clean.helm("install", "palisade", CHART, "--set", IMAGE, "--set", "controller.namespace=shop")

    def may(*words: str) -> bool:
        try:
            return clean.kubectl("auth", "can-i", *words, f"--as=system:serviceaccount:{NAMESPACE}:palisade").strip() == "yes"
        except Refused:
            return False

    assert may("list", "protectedapis", "-n", "shop")
    assert may("patch", "protectedapis", "--subresource=status", "-n", "shop")
    assert not may("list", "protectedapis", "-A")
    assert not may("list", "protectedapis", "-n", "default")
    assert may("list", "awsaccounts")
    clean.helm("upgrade", "palisade", CHART, "--set", IMAGE)
    assert may("list", "protectedapis", "-A")
