"""An object's whole life, as Flux and Argo CD tell it, and what becomes of it where several appliers write it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Cluster, Json, Refused, run
from judges import RULES, Judges, condition
from life import PETSTORE, Life

# Set, the states that are met become test data of the rules for Argo CD.
RECORD = "RECORD" in os.environ


@pytest.fixture(scope="session")
def judges() -> Judges:
    return Judges(Path(run(ROOT / "tests/env/kstatus/build").strip()))


class Told:
    """What is said of the states that are met."""

    def __init__(self, judges: Judges) -> None:
        self.judges = judges

    def is_called(self, state: str, found: Json, flux: str, argo: str) -> None:
        assert self.judges.both(found) == (flux, argo), f"{state}: {json.dumps(found, indent=1)}"
        # Of what is being deleted Argo CD asks no rule.
        if RECORD and flux != "Terminating":
            record(state, found, *self.judges.argo(found))


def record(state: str, found: Json, status: str, message: str) -> None:
    """Into the form that argo-cd's resource_customizations has."""
    found["metadata"].pop("annotations", None)
    folder = RULES / found["kind"]
    (folder / "testdata" / f"{state}.yaml").write_text(yaml.safe_dump(found, sort_keys=False, width=1000))
    path = folder / "health_test.yaml"
    tests = [test for test in (yaml.safe_load(path.read_text())["tests"] if path.exists() else []) if test["inputPath"] != f"testdata/{state}.yaml"]
    tests.append({"healthStatus": {"status": status, "message": message}, "inputPath": f"testdata/{state}.yaml"})
    path.write_text(yaml.safe_dump({"tests": tests}, sort_keys=False, width=1000))


def is_ready(found: Json) -> bool:
    return condition(found, "Ready").get("status") == "True"


def is_stalled(found: Json) -> bool:
    return condition(found, "Stalled").get("status") == "True"


def test_flux_and_argo_say_of_each_state_what_a_person_would(installed: Life, judges: Judges) -> None:
    told, cluster = Told(judges), installed.cluster
    cluster.kubectl("apply", "-f", PETSTORE, "-f", "deploy/examples/own-account.yaml")
    told.is_called("new", installed.object(), "InProgress", "Progressing")
    told.is_called("new", installed.object("awsacct", "own"), "InProgress", "Progressing")
    with installed.controller():
        # Nothing on the way there is taken for its end.
        seen: dict[str, Json] = {}

        def ready(found: Json) -> bool:
            key = json.dumps(found.get("status"), sort_keys=True)
            seen.setdefault(key, found)
            return is_ready(found)

        at_last = installed.until("Ready", ready)
        on_the_way = [found for found in seen.values() if not is_ready(found)]
        assert on_the_way
        for found in on_the_way:
            told.is_called("new" if not condition(found, "Ready") else "under-way", found, "InProgress", "Progressing")
        told.is_called("ready", at_last, "Current", "Healthy")
        of_an_account(installed, told)
    with_a_person(installed, told)
    with installed.controller():
        of_its_end(installed, told)
    assert "forbidden" not in installed.said()


def of_an_account(installed: Life, told: Told) -> None:
    found = installed.until("Ready", is_ready, "awsacct", "own")
    told.is_called("ready", found, "Current", "Healthy")
    spec = {"roleArn": "arn:aws:iam::444455556666:role/palisade-spoke", "allowedNamespaces": {"names": ["shop"]}}
    account = {"apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": "production"}, "spec": spec}
    installed.cluster.kubectl("create", "-f", "-", given=json.dumps(account))
    refused = installed.until("refused", lambda found: condition(found, "Ready").get("status") == "False", "awsacct", "production")
    told.is_called("refused", refused, "Failed", "Degraded")
    installed.cluster.kubectl("delete", "awsacct", "production", "--timeout=60s")


def with_a_person(installed: Life, told: Told) -> None:
    """What somebody asked for, may not have, or has held up."""
    installed.patch({"distribution": {"priceClass": "PriceClass_100"}})
    # Nobody runs: the status is of the spec before.
    told.is_called("changed", installed.object(), "InProgress", "Progressing")
    with installed.controller():
        told.is_called("updated", installed.until("Ready", is_ready), "Current", "Healthy")
        installed.patch({"suspend": True})
        told.is_called("suspended", installed.until("Ready and suspended", is_ready), "Current", "Suspended")
        installed.patch({"distribution": {"priceClass": "PriceClass_200"}})
        held = installed.until("differences are reported", lambda found: condition(found, "Ready").get("reason") == "Suspended")
        told.is_called("suspended-with-differences", held, "InProgress", "Suspended")
        certificate = "arn:aws:acm:us-east-1:123456789012:certificate/5b1c7a52-52a5-4a3b-9d6a-2f7c3d1e8b90"
        installed.patch({"suspend": False, "distribution": {"aliases": ["www.example.org"], "certificateArn": certificate}})
        told.is_called("not-permitted", installed.until("refused", is_stalled), "Failed", "Degraded")
        installed.patch({"distribution": {"aliases": None, "certificateArn": None}})
        installed.until("Ready again", is_ready)
        fault = {"kind": "error", "operation": "UpdateDistribution", "count": 50, "code": "AccessDenied", "status": 403, "message": "no"}
        installed.emulator.control("POST", "faults", fault)
        installed.patch({"distribution": {"priceClass": "PriceClass_100"}})
        told.is_called("denied-by-aws", installed.until("denied", is_stalled), "Failed", "Degraded")
        installed.emulator.control("DELETE", "faults")
        installed.until("Ready again", is_ready)
        installed.emulator.control("POST", "faults", {**fault, "code": "ThrottlingException", "status": 400, "message": "Rate exceeded"})
        installed.patch({"distribution": {"priceClass": "PriceClass_200"}})
        throttled = installed.until("throttled", lambda found: condition(found, "Reconciling").get("reason") == "Throttled")
        told.is_called("throttled", throttled, "InProgress", "Progressing")
        installed.emulator.control("DELETE", "faults")
        installed.until("Ready again", is_ready)
        ghost = yaml.safe_load((ROOT / PETSTORE).read_text())
        ghost["metadata"]["name"], ghost["spec"]["origin"]["endpoint"] = "ghost", "d4e5f6a7b8.execute-api.eu-north-1.amazonaws.com"
        installed.cluster.kubectl("apply", "-f", "-", given=json.dumps(ghost))
        told.is_called("no-such-api", installed.until("not found", is_stalled, name="ghost"), "Failed", "Degraded")
        installed.cluster.kubectl("delete", "papi", "ghost", "-n", "shop", "--timeout=60s")


def of_its_end(installed: Life, told: Told) -> None:
    installed.until("Ready", is_ready)
    installed.patch({"suspend": True})
    installed.until("Ready and suspended", is_ready)
    installed.cluster.kubectl("delete", "papi", "petstore", "-n", "shop", "--wait=false")
    held = installed.until("the deletion waits", lambda found: condition(found, "Ready").get("reason") == "Suspended")
    told.is_called("deletion-suspended", held, "Terminating", "Progressing")
    installed.emulator.set({"deploymentDelay": 4})
    installed.patch({"suspend": False})
    going = installed.until("the deletion goes on", lambda found: condition(found, "Ready").get("reason") == "Deleting")
    told.is_called("deleting", going, "Terminating", "Progressing")
    installed.cluster.kubectl("wait", "--for=delete", "papi/petstore", "-n", "shop", "--timeout=60s")
    installed.cluster.kubectl("delete", "awsacct", "own", "--timeout=60s")


CASES = [(kind.name, test) for kind in sorted(RULES.iterdir()) for test in yaml.safe_load((kind / "health_test.yaml").read_text())["tests"]]


@pytest.mark.parametrize(("kind", "test"), CASES, ids=[f"{kind} {test['inputPath']}" for kind, test in CASES])
def test_the_rules_for_argo_say_what_their_test_data_says(judges: Judges, kind: str, test: dict[str, Any]) -> None:
    found = yaml.safe_load((RULES / kind / test["inputPath"]).read_text())
    assert judges.argo(found) == (test["healthStatus"]["status"], test["healthStatus"]["message"])


def test_all_test_data_is_judged() -> None:
    files = {f"{path.parents[1].name} testdata/{path.name}" for path in RULES.glob("*/testdata/*.yaml")}
    assert files == {f"{kind} {test['inputPath']}" for kind, test in CASES}


def test_the_documentation_has_the_rules_as_they_are() -> None:
    page = (ROOT / "docs/gitops.md").read_text()
    kinds = sorted(kind.name for kind in RULES.iterdir())
    assert kinds == ["AwsAccount", "PerimeterClass", "ProtectedApi"]
    for kind in kinds:
        indented = "".join(f"    {line}\n" for line in (RULES / kind / "health.lua").read_text().splitlines())
        assert f"  resource.customizations.health.palisade.dev_{kind}: |\n{indented}" in page, f"docs/gitops.md lacks the rule for {kind}"


@pytest.mark.parametrize("file", ["argocd", "flux"])
def test_the_examples_are_what_argo_and_flux_take(cluster: Cluster, file: str) -> None:
    path = f"deploy/gitops/{file}.yaml"
    wanted = list(yaml.safe_load_all((ROOT / path).read_text()))
    for name in {document["metadata"]["namespace"] for document in wanted}:
        cluster.kubectl("create", "namespace", name)
    cluster.kubectl("create", "--dry-run=server", "--validate=strict", "-f", path)
    here = [source["path"] for document in wanted for source in (document["spec"], document["spec"].get("source", {})) if "deploy/" in source.get("path", "")]
    assert len(here) == 2
    assert all((ROOT / path).is_dir() for path in here), here


# Server-side apply as each of them does it.
ARGO = ("apply", "--server-side", "--field-manager=argocd-controller", "--force-conflicts")
FLUX = ("apply", "--server-side", "--field-manager=kustomize-controller", "--force-conflicts")


def test_appliers_and_the_controller_leave_each_others_fields_alone(installed: Life) -> None:
    kubectl = installed.cluster.kubectl
    kubectl("apply", "-f", PETSTORE)
    with installed.controller():
        before = installed.until("Ready", is_ready)
        for words in (("apply",), ARGO, FLUX, ("apply",)):
            kubectl(*words, "-f", PETSTORE)
            found = installed.object()
            assert found["metadata"]["generation"] == before["metadata"]["generation"], words
            assert found["metadata"]["finalizers"] == before["metadata"]["finalizers"], words
            assert found["status"] == before["status"], words
        # No conflict, so none of them need force another.
        kubectl("apply", "--server-side", "--field-manager=somebody", "-f", PETSTORE)
        # kubectl diff ends with 1 where there is a difference.
        kubectl("diff", "-f", PETSTORE)
        kubectl("diff", "--server-side", "--field-manager=argocd-controller", "-f", PETSTORE)
        settled = installed.cluster.get("papi", "petstore", "shop")
        mine = [entry for entry in settled["metadata"]["managedFields"] if entry["manager"].startswith("palisade")]
        assert {part for entry in mine for part in entry["fieldsV1"]} <= {"f:status", "f:metadata"}, mine
        of_metadata = [entry["fieldsV1"]["f:metadata"] for entry in mine if "f:metadata" in entry["fieldsV1"]]
        assert all(set(fields) == {"f:finalizers"} for fields in of_metadata), mine
        # Some resyncs later nobody has written anything.
        looked = looks(installed)
        installed.until("two more looks at all distributions", lambda _: looks(installed) >= looked + 2)
        assert installed.object()["metadata"]["resourceVersion"] == settled["metadata"]["resourceVersion"]


def looks(installed: Life) -> int:
    return sum(entry["operation"] == "ListDistributions" for entry in installed.emulator.control("GET", "journal"))


def test_a_status_of_others_is_refused_to_appliers(installed: Life) -> None:
    """What an applier has in Git below status goes nowhere: the API server drops it."""
    stated = yaml.safe_load((ROOT / PETSTORE).read_text()) | {"status": {"url": "https://example.org", "observedGeneration": 1}}
    installed.cluster.kubectl(*ARGO, "-f", "-", given=json.dumps(stated))
    assert installed.object()["status"] == {"observedGeneration": -1}
    with pytest.raises(Refused):
        installed.cluster.kubectl("diff", "-f", "-", given=json.dumps(stated | {"spec": stated["spec"] | {"suspend": True}}))
