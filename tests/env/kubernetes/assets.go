//go:build assets

package main

// Built for KUBEBUILDER_ASSETS: the components are the binaries found there, and
// nothing of Kubernetes is compiled, which takes seconds in place of minutes.
var embedded = map[string]func(){}
