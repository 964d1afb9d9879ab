// control-plane runs a real Kubernetes API on the loopback interface, for tests
// and for the demo: etcd, kube-apiserver and the few controllers without which
// deletion would never finish. See README.md.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

const help = `control-plane runs etcd, kube-apiserver and kube-controller-manager on 127.0.0.1.

  control-plane --dir DIR [--port N] [--exit-with-stdin]

  --dir DIR          holds everything: etcd's data, certificates, kubeconfigs and
                     one log a component (DIR/*.log). Made when missing. Started
                     again on the same DIR, the objects and certificates are kept.
  --port N           the API server's port; 0, the default, takes a free one.
  --exit-with-stdin  stop as soon as stdin closes, so that a parent that is killed
                     leaves nothing behind. Otherwise SIGTERM or SIGINT stops it.

Once the API is ready, one line of JSON appears on stdout:
  {"ready":true,"server":"https://127.0.0.1:…","kubeconfig":"DIR/admin.kubeconfig"}
When it cannot start within 60 s, the failing component's last log lines appear on
stderr and the exit status is 1. Asked to stop, it exits with 0.

Environment:
  KUBEBUILDER_ASSETS  a folder with kube-apiserver and etcd (and, where there is
                      one, kube-controller-manager) to use in place of its own.
KUBECONFIG and ~/.kube are neither read nor written.
`

type options struct {
	dir           string
	port          int
	exitWithStdin bool
}

func init() {
	// A child is killed when the thread that started it ends (see startComponent);
	// the main thread ends only with the process.
	runtime.LockOSThread()
}

func main() {
	if len(os.Args) > 1 {
		if component, ok := embedded[os.Args[1]]; ok {
			os.Args = os.Args[1:]
			component()
			return
		}
	}
	opts, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		fmt.Print(help)
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "control-plane: %v (--help explains the options)\n", err)
		os.Exit(2)
	}
	if err := run(opts); err != nil {
		fmt.Fprintf(os.Stderr, "control-plane: %v\n", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var opts options
	flags := flag.NewFlagSet("control-plane", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&opts.dir, "dir", "", "")
	flags.IntVar(&opts.port, "port", 0, "")
	flags.BoolVar(&opts.exitWithStdin, "exit-with-stdin", false, "")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	switch {
	case flags.NArg() > 0:
		return opts, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case opts.dir == "":
		return opts, errors.New("--dir is missing")
	case opts.port < 0 || opts.port > 65535:
		return opts, fmt.Errorf("--port %d is no port", opts.port)
	}
	// The components and the kubeconfig's readers have other working directories.
	dir, err := filepath.Abs(opts.dir)
	opts.dir = dir
	return opts, err
}

func printReady(server, kubeconfig string) error {
	return json.NewEncoder(os.Stdout).Encode(struct {
		Ready      bool   `json:"ready"`
		Server     string `json:"server"`
		Kubeconfig string `json:"kubeconfig"`
	}{true, server, kubeconfig})
}
