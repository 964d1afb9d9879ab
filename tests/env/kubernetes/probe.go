package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A probe asks the API server as the admin of the kubeconfig does.
type probe struct {
	server string
	client http.Client
}

func newProbe(dir, server string) (*probe, error) {
	pki := func(name string) string { return filepath.Join(dir, "pki", name) }
	authority, err := os.ReadFile(pki("ca.crt"))
	if err != nil {
		return nil, err
	}
	admin, err := tls.LoadX509KeyPair(pki("admin.crt"), pki("admin.key"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{admin}}}
	return &probe{server, http.Client{Transport: transport, Timeout: 5 * time.Second}}, nil
}

func (p *probe) get(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.server+path, nil)
	if err != nil {
		return err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode == http.StatusOK {
		return err
	}
	return fmt.Errorf("%s: %s: %s", path, response.Status, strings.TrimSpace(string(body)))
}

func dial(ctx context.Context, p port) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", p.address())
	if err == nil {
		connection.Close()
	}
	return err
}

// await repeats a check until it passes. What ends it early is the cause in ctx:
// a component that has exited, or somebody who wants us to stop.
func await(ctx context.Context, c *component, check func(context.Context) error) error {
	var problem error
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		if problem == nil || ctx.Err() == nil { // not the deadline itself
			problem = err
		}
		select {
		case <-ctx.Done():
			if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
				return cause
			}
			return &failure{c, fmt.Sprintf("is not ready after %s (%v)", startPatience, problem)}
		case <-time.After(50 * time.Millisecond):
		}
	}
}
