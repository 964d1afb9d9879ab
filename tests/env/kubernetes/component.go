package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

const (
	stopPatience = 5 * time.Second
	tailLines    = 15
)

// A component is a child process: one of our own subcommands, or a binary of
// KUBEBUILDER_ASSETS, which takes the same flags.
type component struct {
	name string
	log  string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has exited
}

var errNoBinary = errors.New("no such binary")

// binary says what to execute for a component, and the arguments before its flags.
func binary(name string) (string, []string, error) {
	if assets := os.Getenv("KUBEBUILDER_ASSETS"); assets != "" {
		path := filepath.Join(assets, name)
		if _, err := os.Stat(path); err != nil {
			return "", nil, fmt.Errorf("%w in KUBEBUILDER_ASSETS: %s", errNoBinary, name)
		}
		path, err := filepath.Abs(path)
		return path, nil, err
	}
	if _, ok := embedded[name]; !ok {
		return "", nil, fmt.Errorf("%s is not built in: this build needs KUBEBUILDER_ASSETS", name)
	}
	self, err := os.Executable()
	return self, []string{name}, err
}

// startComponent starts it with its output in DIR/<name>.log; exited is called
// once it has ended, whatever the reason.
func startComponent(dir, name string, flags []string, exited func(*component, error)) (*component, error) {
	path, args, err := binary(name)
	if err != nil {
		return nil, err
	}
	c := &component{name: name, log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c.cmd = exec.Command(path, append(args, flags...)...)
	c.cmd.Dir = dir
	c.cmd.Stdout = log
	c.cmd.Stderr = log
	// Nothing of the caller's environment: etcd takes options from ETCD_*, client
	// libraries a cluster from KUBECONFIG or a file below HOME.
	// None lives long, or holds much: garbage is collected seldom, as long as it is little.
	c.cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "GOGC=400", "GOMEMLIMIT=1GiB"}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{
		// The kernel kills the child when we die, even by SIGKILL.
		Pdeathsig: syscall.SIGKILL,
		// Ctrl-C reaches us alone, and we stop the components in order.
		Setpgid: true,
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		err := c.cmd.Wait()
		close(c.done)
		exited(c, err)
	}()
	return c, nil
}

func (c *component) stop() {
	c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.done:
	case <-time.After(stopPatience):
		c.cmd.Process.Kill()
		<-c.done
	}
}

// A failure is an error that the component's log explains.
type failure struct {
	component *component
	what      string
}

func (f *failure) Error() string {
	return fmt.Sprintf("%s %s; the end of %s:\n%s", f.component.name, f.what, f.component.log, tail(f.component.log))
}

func tail(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	// Far more than the lines wanted, and little of a log that has grown for days.
	if info, err := file.Stat(); err == nil && info.Size() > 64<<10 {
		file.Seek(-64<<10, io.SeekEnd)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-tailLines):], []byte("\n")))
}
