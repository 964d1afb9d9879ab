package main

import (
	"os"
	"path/filepath"
)

// What the service accounts of people ask for, and nobody else: a test reads from
// it which rights of a role are used. Kubernetes' own controllers live in kube-system.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  userGroups: ["system:serviceaccounts:kube-system"]
- level: Metadata
  userGroups: ["system:serviceaccounts"]
- level: None
`

func auditPolicyFile(dir string) string { return filepath.Join(dir, "audit-policy.yaml") }

func writeAuditPolicy(dir string) error {
	return os.WriteFile(auditPolicyFile(dir), []byte(auditPolicy), 0o600)
}
