"""A controller as the chart installs it, where something of the cluster or the network is not as usual: the log says what is missing."""

from __future__ import annotations

import datetime
import http.client
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import CHART, IMAGE, NAMESPACE, Cluster, Json, Tools
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from harness.kubernetes import is_ready
from harness.processes import Process, free_port
from life import PETSTORE, Life


def until(what: str, holds: Callable[[], bool], said: Callable[[], str]) -> None:
    deadline = time.monotonic() + 180
    while not holds():
        assert time.monotonic() < deadline, f"not within three minutes: {what}; {said()[-3000:]}"
        time.sleep(0.1)


@contextmanager
def controller(installed: Life, env: dict[str, str], *without: str) -> Iterator[Callable[[], str]]:
    """Running with the Deployment's arguments and environment, but for this; answers its log."""
    container = installed.cluster.get("deployment", "palisade", NAMESPACE)["spec"]["template"]["spec"]["containers"][0]
    variables = {variable["name"]: variable.get("value", "palisade-0") for variable in container["env"]}
    own = {"PATH": os.environ["PATH"], "KUBECONFIG": installed.kubeconfig(), "HOME": "/nonexistent", "NO_PROXY": "127.0.0.1"}
    given = {key: value for key, value in {**variables, **own, **env}.items() if key not in without}
    log = installed.folder / "controller.log"
    installed.logs.append(log)
    with Process(["setpriv", "--pdeathsig", "TERM", installed.binary, *container["args"]], log, given, speaks=False):
        yield log.read_text


@contextmanager
def deprived(cluster: Cluster, kind: str, namespace: str, resource: str) -> Iterator[None]:
    """The controller's role of this kind grants nothing on the resource."""
    [role] = [item for item in cluster.all(kind, namespace, "app.kubernetes.io/name=palisade") if grants(item, resource)]
    name = role["metadata"]["name"]
    rules = [rule for rule in role["rules"] if resource not in rule["resources"]]
    cluster.patch(kind, name, namespace, {"rules": rules})
    try:
        yield
    finally:
        cluster.patch(kind, name, namespace, {"rules": role["rules"]})


def grants(role: Json, resource: str) -> bool:
    return not is_for_people(role) and any(resource in rule["resources"] for rule in role["rules"])


def is_for_people(role: Json) -> bool:
    """Those are labelled for the roles of Kubernetes that they become a part of."""
    return any("aggregate-to" in label for label in role["metadata"]["labels"])


# (kind, namespace, resource, what the API server says of a right on it that is missing)
RIGHTS = [
    ("role", "shop", "protectedapis", 'cannot list resource "protectedapis" in API group "palisade.dev"'),
    ("role", "shop", "protectedapis/status", 'cannot patch resource "protectedapis/status" in API group "palisade.dev"'),
    ("role", "shop", "perimeterplans", 'cannot list resource "perimeterplans" in API group "palisade.dev"'),
    ("role", "shop", "perimeterplans/status", 'cannot patch resource "perimeterplans/status" in API group "palisade.dev"'),
    ("clusterrole", "", "awsaccounts", 'cannot list resource "awsaccounts" in API group "palisade.dev"'),
    ("clusterrole", "", "awsaccounts/status", 'cannot patch resource "awsaccounts/status" in API group "palisade.dev"'),
    ("clusterrole", "", "perimeterclasses", 'cannot list resource "perimeterclasses" in API group "palisade.dev"'),
    ("clusterrole", "", "namespaces", 'cannot list resource "namespaces"'),
    ("clusterrole", "", "events", 'cannot create resource "events" in API group "events.k8s.io"'),
    ("role", NAMESPACE, "leases", 'cannot get resource "leases" in API group "coordination.k8s.io"'),
]


@pytest.mark.parametrize(("kind", "namespace", "resource", "said"), RIGHTS, ids=[resource for _, _, resource, _ in RIGHTS])
def test_a_missing_right_is_named_in_the_log(installed: Life, kind: str, namespace: str, resource: str, said: str) -> None:
    with deprived(installed.cluster, kind, namespace, resource), controller(installed, {}) as log:
        installed.cluster.apply(PETSTORE, *(f"deploy/examples/{name}.yaml" for name in ("own-account", "class", "plan")))
        until("the log names it", lambda: said in log().replace('\\"', '"'), log)


def test_each_right_of_the_chart_is_among_those(tools: Tools) -> None:
    roles = [document for document in tools.template(CHART, IMAGE) if document["kind"].endswith("Role") and not is_for_people(document)]
    granted = {resource for role in roles for rule in role["rules"] for resource in rule["resources"]}
    # A class is told of by a controller that sees all who go by it: tests/deploy sees that right used.
    of_all_namespaces = {"perimeterclasses/status"}
    assert granted == {resource for _, _, resource, _ in RIGHTS} | of_all_namespaces


def test_what_is_to_be_granted_on_a_probes_secret_is_in_the_condition_and_in_the_log(installed: Life) -> None:
    installed.cluster.apply(PETSTORE)
    installed.patch({"access": {"probe": {"header": "x-token", "secretRef": {"name": "petstore-probe", "key": "token"}}}})
    grant = "kubectl create role petstore-probe -n shop --verb=get --resource=secrets --resource-name=petstore-probe"
    bind = f"kubectl create rolebinding petstore-probe -n shop --role=petstore-probe --serviceaccount={NAMESPACE}:palisade"
    with controller(installed, {}) as log:
        until("the log names both", lambda: grant in log() and bind in log(), log)

        def is_told(found: Json) -> bool:
            conditions = found.get("status", {}).get("conditions", [])
            return any(known["reason"] == "ProbeSecretUnreadable" and grant in known["message"] and bind in known["message"] for known in conditions)

        installed.until("the condition names both", is_told)


def test_what_is_not_in_order_leads_to_its_reason_on_the_site(installed: Life) -> None:
    installed.cluster.apply(PETSTORE)
    installed.patch({"origin": {"stage": "nowhere"}})

    def accepted(found: Json) -> Json:
        conditions = {known["type"]: known for known in found.get("status", {}).get("conditions", [])}
        return conditions.get("Accepted", {})

    with controller(installed, {"PALISADE_DOCS_URL": "https://docs.example.com/palisade/"}):
        address = "[https://docs.example.com/palisade/troubleshooting.html#stagenotfound]"
        told = installed.until("the address is there", lambda found: address in accepted(found).get("message", ""))
        # Not once more with each pass: this one is of another generation.
        installed.patch({"webAcl": {"rateLimits": []}})
        generation = installed.object()["metadata"]["generation"]
        assert generation > accepted(told)["observedGeneration"]
        told = installed.until("another pass", lambda found: accepted(found)["observedGeneration"] == generation)
        assert accepted(told)["message"].count(address) == 1, told["status"]


def listen(listener: socket.socket, answer: Callable[[socket.socket], None]) -> int:
    """Has each client answered until the listener is closed; returns the port."""

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            answer(client)

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


def forward(client: socket.socket, port: int) -> None:
    """Brings a client to what listens at this port; returns at once."""
    server = socket.create_connection(("127.0.0.1", port))
    for source, sink in ((client, server), (server, client)):
        threading.Thread(target=pump, args=(source, sink), daemon=True).start()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            sink.sendall(data)
    except (OSError, ValueError):
        # The other direction has ended; TLS calls that a wrong value.
        pass
    # Unlike close, it wakes who still reads there.
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


class Proxy:
    """Refuses all, and remembers for which host and port it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listen(self.listener, self.refuse)}"

    def refuse(self, client: socket.socket) -> None:
        with client:
            self.asked.append(client.recv(4096).decode(errors="replace").split(" ")[1])
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")


def at_ipv6(url: str) -> str:
    """A URL of 127.0.0.1's, as it is reached at ::1 until the tests end."""
    found = urlsplit(url)
    assert found.hostname == "127.0.0.1" and found.port, url
    listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    return f"{found.scheme}://[::1]:{listen(listener, partial(forward, port=found.port))}"


def test_where_there_are_ipv6_addresses_alone_it_reaches_the_api_server_and_aws_and_listens(installed: Life) -> None:
    config = Path(installed.kubeconfig())
    told = json.loads(config.read_text())
    told["clusters"][0]["cluster"]["server"] = at_ipv6(told["clusters"][0]["cluster"]["server"])
    own = config.with_name("ipv6.json")
    own.write_text(json.dumps(told))
    aws = at_ipv6(installed.emulator.endpoint)
    health, metrics = free_port(), free_port()
    env = {
        "KUBECONFIG": str(own),
        "AWS_ENDPOINT_URL": aws,
        "PALISADE_PROBE_ENDPOINT_URL": aws,
        "PALISADE_HEALTH_ADDR": f"[::1]:{health}",
        "PALISADE_METRICS_ADDR": f"[::]:{metrics}",
    }

    def answers(host: str, port: int, path: str) -> bool:
        with closing(http.client.HTTPConnection(host, port, timeout=5)) as connection:
            try:
                connection.request("GET", path)
                return connection.getresponse().status == 200
            except OSError:
                return False

    with controller(installed, env) as log:
        until("it is ready", lambda: answers("::1", health, "/readyz"), log)
        # A Pod of a dual-stack cluster has addresses of both kinds.
        for host in ("::1", "127.0.0.1"):
            until(f"metrics are there at {host}", lambda host=host: answers(host, metrics, "/metrics"), log)  # type: ignore[misc]
        installed.cluster.apply(PETSTORE)
        installed.until("the object is Ready", is_ready)


@pytest.mark.parametrize(
    ("setting", "host"),
    [
        ("AWS_USE_FIPS_ENDPOINT", "sts-fips.us-east-1.amazonaws.com:443"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "sts.us-east-1.api.aws:443"),
        ("", "sts.us-east-1.amazonaws.com:443"),
    ],
)
def test_aws_is_asked_through_the_proxy_and_at_the_endpoints_that_are_chosen(installed: Life, setting: str, host: str) -> None:
    proxy = Proxy()
    env = {"HTTPS_PROXY": proxy.url, **({setting: "true"} if setting else {})}
    with controller(installed, env, "AWS_ENDPOINT_URL") as log:
        until(f"{host} was asked for", lambda: host in proxy.asked, lambda: f"{proxy.asked} {log()}")
    assert set(proxy.asked) == {host}
    proxy.listener.close()


class Authority:
    """Signs for localhost."""

    def __init__(self, folder: Path) -> None:
        self.file, self.pair = folder / "ca.pem", folder / "server.pem"
        key, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        authority = self.certificate("authority", key, "authority", key, x509.BasicConstraints(ca=True, path_length=None))
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
        signed = self.certificate("localhost", server, "authority", key, names)
        self.file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
        private = server.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.pair.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))

    @staticmethod
    def certificate(name: str, key: ec.EllipticCurvePrivateKey, by: str, by_key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType) -> x509.Certificate:
        def called(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(called(name)).issuer_name(called(by)).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).add_extension(extension, critical=False)
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
        return builder.sign(by_key, hashes.SHA256())


class Tls:
    """The emulated AWS, as one that is reached by TLS alone."""

    def __init__(self, pair: Path, port: int) -> None:
        self.port = port
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        self.listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True, do_handshake_on_connect=False)
        self.url = f"https://localhost:{listen(self.listener, self.begin)}"

    def begin(self, client: socket.socket) -> None:
        threading.Thread(target=self.secure, args=(client,), daemon=True).start()

    def secure(self, client: socket.socket) -> None:
        try:
            client.do_handshake()  # type: ignore[attr-defined]
            forward(client, self.port)
        except OSError:
            client.close()


def test_a_bundle_of_certificates_of_ones_own_is_trusted_and_without_it_the_log_speaks_of_the_certificate(installed: Life, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    tls = Tls(authority.pair, int(installed.emulator.endpoint.rsplit(":", 1)[1]))
    with controller(installed, {"AWS_ENDPOINT_URL": tls.url}) as log:
        until("the log says why", lambda: "UnknownIssuer" in log() or "certificate" in log(), log)
        assert '"AWS credentials"' not in log()
    with controller(installed, {"AWS_ENDPOINT_URL": tls.url, "SSL_CERT_FILE": str(authority.file)}) as log:
        until("AWS answers", lambda: '"message":"AWS credentials"' in log(), log)
    tls.listener.close()
