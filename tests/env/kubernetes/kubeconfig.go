package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
)

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: palisade-test
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: %[3]s
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: palisade-test
  context:
    cluster: palisade-test
    user: %[3]s
current-context: palisade-test
`

// writeKubeconfig makes DIR/<identity>.kubeconfig. Its credentials are inside, so
// that the file alone can be handed on.
func writeKubeconfig(dir, server, identity string) (string, error) {
	encoded := make([]string, 0, 3)
	for _, name := range []string{"ca.crt", identity + ".crt", identity + ".key"} {
		content, err := os.ReadFile(filepath.Join(dir, "pki", name))
		if err != nil {
			return "", err
		}
		encoded = append(encoded, base64.StdEncoding.EncodeToString(content))
	}
	path := filepath.Join(dir, identity+".kubeconfig")
	content := fmt.Sprintf(kubeconfig, server, encoded[0], identity, encoded[1], encoded[2])
	// Renamed into place: a client of an earlier run never reads half a file, and
	// a file left with other permissions does not keep them.
	if err := os.WriteFile(path+".new", []byte(content), 0o600); err != nil {
		return "", err
	}
	return path, os.Rename(path+".new", path)
}
