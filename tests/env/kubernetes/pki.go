package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The identities that get a certificate; a Kubernetes user is its common name,
// the groups are its organisations.
var identities = []struct {
	file, name string
	groups     []string
}{
	{"etcd", "etcd", nil},
	{"apiserver", "kube-apiserver", nil},
	{"admin", "admin", []string{"system:masters"}},
	{"controller-manager", "system:kube-controller-manager", nil},
}

// ensurePKI makes DIR/pki unless an earlier run did. It is renamed into place
// when complete, so a start that was killed half-way leaves no broken one.
// Kept over restarts, it keeps kubeconfigs and service account tokens valid.
func ensurePKI(dir string) error {
	pki := filepath.Join(dir, "pki")
	if _, err := os.Stat(pki); err == nil {
		return nil
	}
	unfinished, err := os.MkdirTemp(dir, "pki-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(unfinished)
	if err := writePKI(unfinished); err != nil {
		return fmt.Errorf("making certificates: %w", err)
	}
	return os.Rename(unfinished, pki)
}

func writePKI(dir string) error {
	caKey, err := newKey(dir, "ca")
	if err != nil {
		return err
	}
	ca := certificate("palisade-test-ca", nil)
	ca.IsCA = true
	ca.BasicConstraintsValid = true
	ca.KeyUsage |= x509.KeyUsageCertSign
	if err := sign(dir, "ca", ca, ca, caKey, caKey); err != nil {
		return err
	}
	for _, id := range identities {
		key, err := newKey(dir, id.file)
		if err != nil {
			return err
		}
		leaf := certificate(id.name, id.groups)
		// Everyone may both serve and dial: etcd's peer endpoint does both, and
		// the API server is a client of etcd.
		leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
		// What stands before it at ::1 is believed, too.
		leaf.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
		leaf.DNSNames = []string{"localhost", "kubernetes.default.svc"}
		if err := sign(dir, id.file, leaf, ca, key, caKey); err != nil {
			return err
		}
	}
	serviceAccounts, err := newKey(dir, "service-accounts")
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(&serviceAccounts.PublicKey)
	if err != nil {
		return err
	}
	return writePEM(dir, "service-accounts.pub", "PUBLIC KEY", der)
}

func certificate(name string, groups []string) *x509.Certificate {
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: name, Organization: groups},
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().AddDate(10, 0, 0),
		KeyUsage:  x509.KeyUsageDigitalSignature,
	}
}

func sign(dir, file string, cert, ca *x509.Certificate, key, caKey *ecdsa.PrivateKey) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	cert.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, cert, ca, &key.PublicKey, caKey)
	if err != nil {
		return err
	}
	return writePEM(dir, file+".crt", "CERTIFICATE", der)
}

func newKey(dir, file string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(dir, file+".key", "PRIVATE KEY", der)
}

func writePEM(dir, file, kind string, der []byte) error {
	block := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return os.WriteFile(filepath.Join(dir, file), block, 0o600)
}
