package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const startPatience = 60 * time.Second

var errAskedToStop = errors.New("asked to stop")

// run starts everything, says so, and returns when asked to stop (nil) or when a
// component has failed. Nothing that it started outlives it.
func run(opts options) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	watchForStop(opts, cancel)

	if err := os.MkdirAll(opts.dir, 0o700); err != nil {
		return err
	}
	lock, err := lockDir(opts.dir)
	if err != nil {
		return err
	}
	defer lock.Close()

	plane := &plane{dir: opts.dir, cancel: cancel}
	defer plane.stop()
	err = plane.start(ctx, opts.port)
	if err == nil {
		<-ctx.Done()
		err = context.Cause(ctx)
	}
	if errors.Is(err, errAskedToStop) {
		return nil
	}
	return err
}

func watchForStop(opts options, cancel context.CancelCauseFunc) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-signals
		cancel(errAskedToStop)
	}()
	if opts.exitWithStdin {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			cancel(errAskedToStop)
		}()
	}
}

// lockDir keeps a second control plane off the same data. The lock ends with the
// process, so none is ever left behind.
func lockDir(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("%s is in use by another control plane", dir)
	}
	return lock, nil
}

type plane struct {
	dir        string
	cancel     context.CancelCauseFunc
	components []*component
}

func (p *plane) start(ctx context.Context, apiPort int) error {
	ctx, done := context.WithTimeout(ctx, startPatience)
	defer done()
	if err := ensurePKI(p.dir); err != nil {
		return err
	}
	if err := writeAuditPolicy(p.dir); err != nil {
		return err
	}
	etcdPort, err := reservePort(0)
	if err != nil {
		return err
	}
	defer etcdPort.release()
	api, err := reservePort(apiPort)
	if err != nil {
		return err
	}
	defer api.release()
	server := "https://" + api.address()
	admin, err := writeKubeconfig(p.dir, server, "admin")
	if err != nil {
		return err
	}
	controllers, err := writeKubeconfig(p.dir, server, "controller-manager")
	if err != nil {
		return err
	}
	probe, err := newProbe(p.dir, server)
	if err != nil {
		return err
	}

	etcd, err := p.launch("etcd", etcdFlags(p.dir, etcdPort))
	if err != nil {
		return err
	}
	if err := await(ctx, etcd, func(ctx context.Context) error { return dial(ctx, etcdPort) }); err != nil {
		return err
	}
	apiserver, err := p.launch("kube-apiserver", apiserverFlags(p.dir, api, etcdPort))
	if err != nil {
		return err
	}
	for _, path := range []string{"/readyz", "/api/v1/namespaces/default"} {
		if err := await(ctx, apiserver, func(ctx context.Context) error { return probe.get(ctx, path) }); err != nil {
			return err
		}
	}
	if err := p.startControllers(ctx, controllers, probe); err != nil {
		return err
	}
	return printReady(server, admin)
}

// startControllers also waits for their first deed, the account `default`: a
// deletion or a token asked for at once is then served at once.
func (p *plane) startControllers(ctx context.Context, kubeconfig string, probe *probe) error {
	manager, err := p.launch("kube-controller-manager", controllerManagerFlags(p.dir, kubeconfig))
	if errors.Is(err, errNoBinary) {
		fmt.Fprintf(os.Stderr, "control-plane: %v; a deleted namespace stays Terminating, and nothing is garbage-collected\n", err)
		return nil
	}
	if err != nil {
		return err
	}
	return await(ctx, manager, func(ctx context.Context) error {
		return probe.get(ctx, "/api/v1/namespaces/default/serviceaccounts/default")
	})
}

func (p *plane) launch(name string, flags []string) (*component, error) {
	c, err := startComponent(p.dir, name, flags, func(c *component, err error) {
		what := "has exited"
		if err != nil {
			what += " (" + err.Error() + ")"
		}
		p.cancel(&failure{c, what}) // without effect when we were asked to stop
	})
	if err == nil {
		p.components = append(p.components, c)
	}
	return c, err
}

// stop ends the last started first: none loses what it depends on.
func (p *plane) stop() {
	p.cancel(errAskedToStop)
	for i := len(p.components) - 1; i >= 0; i-- {
		p.components[i].stop()
	}
}
