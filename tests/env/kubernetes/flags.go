package main

import (
	"path/filepath"
	"strconv"
)

func etcdFlags(dir string, client port) []string {
	pki := func(name string) string { return filepath.Join(dir, "pki", name) }
	// A cluster of one never dials its peer address, so the port is nobody's.
	const peer = "https://127.0.0.1:0"
	url := "https://" + client.address()
	return []string{
		"--data-dir=" + filepath.Join(dir, "etcd"),
		"--listen-client-urls=" + url,
		"--advertise-client-urls=" + url,
		"--listen-peer-urls=" + peer,
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		// Loopback is open to everyone on the machine: only our own certificates
		// get in, or RBAC could be passed by.
		"--cert-file=" + pki("etcd.crt"),
		"--key-file=" + pki("etcd.key"),
		"--trusted-ca-file=" + pki("ca.crt"),
		"--client-cert-auth",
		"--peer-cert-file=" + pki("etcd.crt"),
		"--peer-key-file=" + pki("etcd.key"),
		"--peer-trusted-ca-file=" + pki("ca.crt"),
		"--peer-client-cert-auth",
		"--socket-reuse-port",
		// The data need not survive a power cut, and tests wait for every write.
		"--unsafe-no-fsync",
	}
}

func apiserverFlags(dir string, api, etcd port) []string {
	pki := func(name string) string { return filepath.Join(dir, "pki", name) }
	return []string{
		"--bind-address=127.0.0.1",
		// Otherwise taken from the default route, which a sandbox may not have.
		"--advertise-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(api.number),
		"--permit-port-sharing",
		"--tls-cert-file=" + pki("apiserver.crt"),
		"--tls-private-key-file=" + pki("apiserver.key"),
		"--client-ca-file=" + pki("ca.crt"),
		"--etcd-servers=https://" + etcd.address(),
		"--etcd-cafile=" + pki("ca.crt"),
		"--etcd-certfile=" + pki("apiserver.crt"),
		"--etcd-keyfile=" + pki("apiserver.key"),
		"--authorization-mode=RBAC",
		"--audit-policy-file=" + auditPolicyFile(dir),
		"--audit-log-path=" + filepath.Join(dir, "audit.log"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + pki("service-accounts.key"),
		"--service-account-key-file=" + pki("service-accounts.pub"),
		"--service-cluster-ip-range=10.0.0.0/24",
		// A loopback address is no valid endpoint of the Service `kubernetes`.
		"--endpoint-reconciler-type=none",
	}
}

func controllerManagerFlags(dir, kubeconfig string) []string {
	pki := func(name string) string { return filepath.Join(dir, "pki", name) }
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--controllers=namespace-controller,garbage-collector-controller," +
			"serviceaccount-controller,serviceaccount-token-controller",
		// As in real clusters, each controller acts under its own name: admission
		// policies see system:serviceaccount:kube-system:namespace-controller.
		"--use-service-account-credentials",
		"--service-account-private-key-file=" + pki("service-accounts.key"),
		"--root-ca-file=" + pki("ca.crt"),
		"--leader-elect=false",
		// Nobody scrapes it, and its default port would admit one control plane a machine.
		"--secure-port=0",
	}
}
