"""Where the API server has what tests ask for, by the short names of kubectl: one request in place of a program that takes a tenth of a
second of a processor to begin."""

from __future__ import annotations

from typing import Any

OF_THE_CLUSTER, OF_A_NAMESPACE = False, True
RBAC, ADMISSION = "rbac.authorization.k8s.io/v1", "admissionregistration.k8s.io/v1"
OURS, MONITORING = "palisade.dev/v1alpha1", "monitoring.coreos.com/v1"
# The group and version, the name in paths, the name of one, and whether it is of a namespace.
KINDS = {
    "awsacct": (OURS, "awsaccounts", "awsaccount", OF_THE_CLUSTER),
    "clusterrole": (RBAC, "clusterroles", "clusterrole", OF_THE_CLUSTER),
    "clusterrolebinding": (RBAC, "clusterrolebindings", "clusterrolebinding", OF_THE_CLUSTER),
    "configmap": ("v1", "configmaps", "configmap", OF_A_NAMESPACE),
    "crd": ("apiextensions.k8s.io/v1", "customresourcedefinitions", "customresourcedefinition", OF_THE_CLUSTER),
    "deployment": ("apps/v1", "deployments", "deployment", OF_A_NAMESPACE),
    "job": ("batch/v1", "jobs", "job", OF_A_NAMESPACE),
    "lease": ("coordination.k8s.io/v1", "leases", "lease", OF_A_NAMESPACE),
    "networkpolicy": ("networking.k8s.io/v1", "networkpolicies", "networkpolicy", OF_A_NAMESPACE),
    "namespace": ("v1", "namespaces", "namespace", OF_THE_CLUSTER),
    "papi": (OURS, "protectedapis", "protectedapi", OF_A_NAMESPACE),
    "pdb": ("policy/v1", "poddisruptionbudgets", "poddisruptionbudget", OF_A_NAMESPACE),
    "pclass": (OURS, "perimeterclasses", "perimeterclass", OF_THE_CLUSTER),
    "pod": ("v1", "pods", "pod", OF_A_NAMESPACE),
    "pplan": (OURS, "perimeterplans", "perimeterplan", OF_A_NAMESPACE),
    "prometheusrule": (MONITORING, "prometheusrules", "prometheusrule", OF_A_NAMESPACE),
    "role": (RBAC, "roles", "role", OF_A_NAMESPACE),
    "rolebinding": (RBAC, "rolebindings", "rolebinding", OF_A_NAMESPACE),
    "secret": ("v1", "secrets", "secret", OF_A_NAMESPACE),
    "service": ("v1", "services", "service", OF_A_NAMESPACE),
    "serviceaccount": ("v1", "serviceaccounts", "serviceaccount", OF_A_NAMESPACE),
    "servicemonitor": (MONITORING, "servicemonitors", "servicemonitor", OF_A_NAMESPACE),
    "validatingadmissionpolicy": (ADMISSION, "validatingadmissionpolicies", "validatingadmissionpolicy", OF_THE_CLUSTER),
    "validatingadmissionpolicybinding": (ADMISSION, "validatingadmissionpolicybindings", "validatingadmissionpolicybinding", OF_THE_CLUSTER),
}


def path(kind: str, name: str = "", namespace: str = "") -> str:
    """Of one, or of all; of all namespaces where none is given."""
    version, plural, _, is_of_a_namespace = KINDS[kind]
    assert is_of_a_namespace or not namespace, f"{plural} have no namespace"
    parts = [f"/apis/{version}" if "/" in version else f"/api/{version}", *(["namespaces", namespace] if namespace else []), plural]
    return "/".join([*parts, *([name] if name else [])])


def of(document: dict[str, Any]) -> str:
    """The path of what a document declares."""
    [kind] = [kind for kind, (version, _, one, _) in KINDS.items() if (version, one) == (document["apiVersion"], document["kind"].lower())]
    return path(kind, document["metadata"]["name"], document["metadata"].get("namespace", ""))


def called(kind: str, name: str) -> str:
    """As `kubectl get -o name` says it."""
    version, _, one, _ = KINDS[kind]
    group = version.rpartition("/")[0]
    return f"{one}.{group}/{name}" if group else f"{one}/{name}"
