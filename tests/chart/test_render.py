"""What the charts render: for every switch, by the API server's own schemas, and the same as for kustomize."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import schemas
import yaml
from conftest import CHART, CRDS, IMAGE, ROOT, Cluster, Json, Refused, Tools, run

MONITORING = ("metrics.podMonitor.enabled=true", "metrics.prometheusRule.enabled=true", "metrics.dashboard.enabled=true")
EVERYTHING = (
    *(IMAGE, "networkPolicy.enabled=true", "protectDeletion.enabled=true", "namespace.create=true", "controller.namespace=shop"),
    *("metrics.serviceMonitor.enabled=true", "metrics.prometheusRule.enabled=true", "metrics.dashboard.enabled=true"),
    *("serviceAccount.roleArn=arn:aws:iam::111122223333:role/palisade", "podDisruptionBudget.minAvailable=1", "priorityClassName=high"),
)

CHECK = f"check.{IMAGE}"


@pytest.mark.parametrize("chart", [CHART, CRDS], ids=["palisade", "palisade-crds"])
def test_every_switch_does_what_it_says(tools: Tools, chart: Path) -> None:
    tools.run("helm-unittest", "--strict", "--file", f"../../../tests/chart/unittest/{chart.name}/*_test.yaml", chart)


@pytest.mark.parametrize("chart", [CHART, CRDS], ids=["palisade", "palisade-crds"])
def test_every_switch_is_tried(chart: Path) -> None:
    values = yaml.safe_load((chart / "values.yaml").read_text())
    tried: set[str] = set()
    for path in (ROOT / "tests/chart/unittest" / chart.name).glob("*.yaml"):
        suite = yaml.safe_load(path.read_text())
        for settings in (part["set"] for part in (suite, *suite["tests"]) if "set" in part):
            tried |= {name.split("[")[0] for name in leaves(settings)}
    # What Kubernetes takes as it is, is one switch.
    free = ("resources.", "check.resources.", "podSecurityContext.", "securityContext.", "metrics.dashboard.labels.")
    names = {next((start[:-1] for start in free if name.startswith(start)), name) for name in leaves(values)}
    missing = {name for name in names if not any(f"{set_}.".startswith(f"{name}.") for set_ in tried)}
    assert not missing


def leaves(values: Json, at: str = "") -> list[str]:
    """The names of all values, as --set writes them."""
    found = []
    for key, value in values.items():
        found += leaves(value, f"{at}{key}.") if isinstance(value, dict) and value else [f"{at}{key}"]
    return found


@pytest.mark.parametrize("chart", [CHART, CRDS], ids=["palisade", "palisade-crds"])
def test_helm_finds_nothing_to_blame(tools: Tools, chart: Path) -> None:
    tools.run("helm", "lint", "--strict", chart, "--set", IMAGE if chart is CHART else "protect.enabled=true")


def test_the_quotas_that_a_budget_may_name_are_those_of_the_controller(palisade: Path) -> None:
    told = run(palisade, "controller", "--help")
    names = re.sub(r"\s+", "", told.split("--aws-budget")[1].split("Names:")[1].split("[env")[0]).split(",")
    schema = json.loads((CHART / "values.schema.json").read_text())
    assert schema["properties"]["controller"]["properties"]["awsBudget"]["properties"].keys() == set(names)


def test_what_is_generated_from_the_charts_and_into_them_has_not_drifted() -> None:
    run(ROOT / "deploy/chart/generate", "--check")


def test_the_charts_are_of_the_controllers_version() -> None:
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
    for chart in (CHART, CRDS):
        assert yaml.safe_load((chart / "Chart.yaml").read_text())["appVersion"] == version


def test_the_chart_has_every_option_of_the_controller_and_no_other(palisade: Path) -> None:
    help_text = run(palisade, "controller", "--help")
    options = set(re.findall(r"\[env: (PALISADE_\w+)=", help_text))
    assert len(options) > 20, help_text
    values = yaml.safe_load((CHART / "values.yaml").read_text())["controller"]
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]["controller"]["properties"]
    assert set(values) == set(schema)
    named = {"PALISADE_" + re.sub(r"(?=[A-Z])", "_", name).upper() for name in values}
    # The Pod's name.
    assert named | {"PALISADE_INSTANCE"} == options


WRONG = [
    ("replicas=two", "replicas"),
    ("replicaCount=3", "replicaCount"),
    ("image.digest=latest", "image.digest"),
    ("image.repository=Example.com/Palisade:1", "image.repository"),
    ("image.pullPolicy=Sometimes", "image.pullPolicy"),
    ("controller.resync=600", "controller.resync"),
    ("controller.tenancy=Closed", "controller.tenancy"),
    ("controller.resyncs=10m", "resyncs"),
    ("controller.permissionsBoundary=boundary", "controller.permissionsBoundary"),
    ("controller.metricsAddr=localhost:8080", "controller.metricsAddr"),
    ("controller.logFormat=xml", "controller.logFormat"),
    ("controller.defaultTags.team=a\\,b=c", "controller.defaultTags.team"),
    ("controller.awsBudget.lambda=fast", "controller.awsBudget.lambda"),
    ("controller.awsBudget.lambdas=5/s", "lambdas"),
    ("controller.namespace=Shop", "controller.namespace"),
    ("controller.docsUrl=docs.example.com", "controller.docsUrl"),
    ("controller.prices=prices.json", "controller.prices"),
    ("serviceAccount.roleArn=palisade", "serviceAccount.roleArn"),
    ("networkPolicy.egressPorts[0]=0", "networkPolicy.egressPorts.0"),
    ("podDisruptionBudget.maxUnavailable=some", "podDisruptionBudget.maxUnavailable"),
    ("terminationGracePeriodSeconds=30", "terminationGracePeriodSeconds"),
    ("metrics.serviceMonitor.interval=often", "metrics.serviceMonitor.interval"),
    ("extraEnv[0].value=x", "extraEnv.0"),
    ("extraVolumeMounts[0].name=ca", "extraVolumeMounts.0"),
    ("resources.limit.memory=1Gi", "limit"),
    ("commonLabels.app\\.kubernetes\\.io/name=mine", "commonLabels"),
    ("podLabels.app\\.kubernetes\\.io/name=mine", "podLabels"),
    ("metrics.podMonitor.labels.helm\\.sh/chart=mine", "metrics.podMonitor.labels"),
]


WRONG_OF_DEFINITIONS = [
    ("protect=false", "protect"),
    ("check.image=registry.example.com/palisade", "check.image"),
    ("check.image.repository=Example.com/Palisade:1", "check.image.repository"),
    ("check.image.digest=latest", "check.image.digest"),
    ("check.image.pullPolicy=Sometimes", "check.image.pullPolicy"),
    ("check.activeDeadlineSeconds=0", "check.activeDeadlineSeconds"),
    ("check.podLabels.helm\\.sh/chart=mine", "check.podLabels"),
    ("checks.enabled=true", "checks"),
]


@pytest.mark.parametrize(("value", "name"), WRONG, ids=[value for value, _ in WRONG])
def test_a_wrong_value_is_refused_with_its_name(tools: Tools, value: str, name: str) -> None:
    values = [] if value.startswith("image.repository") else [IMAGE]
    with pytest.raises(Refused) as refused:
        tools.template(CHART, *values, value)
    at, said = "/".join(["", *name.split(".")]), str(refused.value)
    assert f"'{at}'" in said or f"'{name}' not allowed" in said or f"at '{at}" in said, said


@pytest.mark.parametrize(("value", "name"), WRONG_OF_DEFINITIONS, ids=[value for value, _ in WRONG_OF_DEFINITIONS])
def test_a_wrong_value_of_the_definitions_chart_is_refused_with_its_name(tools: Tools, value: str, name: str) -> None:
    with pytest.raises(Refused) as refused:
        tools.template(CRDS, value)
    at, said = "/".join(["", *name.split(".")]), str(refused.value)
    assert f"'{name}' not allowed" in said or f"at '{at}" in said, said


@pytest.mark.parametrize("chart", [CHART, CRDS], ids=["palisade", "palisade-crds"])
def test_every_value_is_in_the_schema(chart: Path) -> None:
    """Nothing is let through for want of a line: each object of the schema is closed but those of Kubernetes' own."""
    schema = json.loads((chart / "values.schema.json").read_text())
    values = yaml.safe_load((chart / "values.yaml").read_text())
    opened: list[str] = []

    def visit(at: str, schema: Json, value: Any) -> None:
        if "$ref" in schema:
            schema = whole["definitions"][schema["$ref"].rsplit("/", 1)[1]]
        if isinstance(value, dict) and "properties" in schema:
            if schema.get("additionalProperties") is not False or set(value) - set(schema["properties"]):
                opened.append(at)
            for key, inner in value.items():
                visit(f"{at}.{key}", schema["properties"].get(key, {}), inner)

    whole = schema
    visit("values", schema, values)
    assert not opened


@pytest.mark.parametrize("everything", [False, True], ids=["as it comes", "with everything"])
def test_the_api_servers_schemas_have_every_field(tools: Tools, cluster: Cluster, schema_folder: Path, everything: bool) -> None:
    rendered = tools.template(CHART, *(EVERYTHING if everything else (IMAGE,))) + tools.template(CRDS, *((CHECK,) if everything else ()))
    kinds = {document["kind"] for document in rendered}
    assert ("PrometheusRule" in kinds) == ("Job" in kinds) == everything
    text = yaml.safe_dump_all(rendered)
    said = json.loads(conform(tools, schema_folder, text))
    assert said["summary"]["valid"] == len(rendered), said


def test_the_schemas_refuse_a_field_that_is_not_there(tools: Tools, schema_folder: Path) -> None:
    deployment = next(document for document in tools.template(CHART, IMAGE) if document["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["livenessProb"] = {}
    with pytest.raises(Refused, match="livenessProb"):
        conform(tools, schema_folder, yaml.safe_dump(deployment))


def conform(tools: Tools, folder: Path, text: str) -> str:
    return tools.run(
        "kubeconform", "-strict", "-summary", "-output", "json", "-schema-location", f"{folder}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json", given=text
    )


@pytest.fixture(scope="session")
def schema_folder(tools: Tools, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemas")
    versions = {document["apiVersion"] for document in tools.template(CHART, *EVERYTHING) + tools.template(CRDS, CHECK)}
    schemas.write(cluster.read, versions, folder)
    assert (folder / "prometheusrule-monitoring-v1.json").exists()
    return folder


def test_helm_and_kustomize_make_the_same_objects(tools: Tools) -> None:
    by_helm = [
        *tools.template(CHART, IMAGE, "namespace.create=true", "protectDeletion.enabled=true", *MONITORING),
        *tools.template(CRDS),
    ]
    folders = ("base", "policies", "crds", "monitoring")
    by_kustomize = [document for folder in folders for document in yaml.safe_load_all(run("kubectl", "kustomize", f"deploy/{folder}"))]
    assert comparable(by_helm) == comparable(by_kustomize)


def comparable(documents: list[Json]) -> dict[str, Json]:
    """By kind and name, without the labels that speak of Helm."""
    found = {}
    for document in documents:
        metadata = document["metadata"]
        labels = {key: value for key, value in metadata.get("labels", {}).items() if not key.startswith("helm.sh/") and key not in HELMS}
        metadata["labels"] = labels
        if document["kind"] == "CustomResourceDefinition":
            # The files of crds/ have none.
            del metadata["labels"]
            # Where nothing is patched.
            metadata.setdefault("annotations", {})
        found[f"{document['kind']}/{metadata.get('namespace', '')}/{metadata['name']}"] = document
    assert len(found) == len(documents)
    return found


HELMS = ("app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by")


def test_the_definitions_of_the_chart_are_those_of_the_code(tools: Tools) -> None:
    rendered = {document["metadata"]["name"]: document["spec"] for document in tools.template(CRDS) if document["kind"] == "CustomResourceDefinition"}
    files = [yaml.safe_load(path.read_text()) for path in (ROOT / "crds").glob("*.yaml")]
    assert rendered == {document["metadata"]["name"]: document["spec"] for document in files}
