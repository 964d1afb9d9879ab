package main

import (
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// SO_REUSEPORT on Linux; package syscall lacks it on some architectures.
const soReusePort = 0xf

// A port is held by a socket that is bound but does not listen: nobody else gets
// the port before the component, which is told to share it, listens there.
type port struct {
	number int
	socket int
}

func (p port) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.number)) }

func (p port) release() { syscall.Close(p.socket) }

// reservePort takes the wanted port, or a free one when it is 0.
func reservePort(wanted int) (port, error) {
	if wanted != 0 {
		// Sharing would succeed on the port of another control plane, too.
		listener, err := net.Listen("tcp", port{number: wanted}.address())
		if err != nil {
			return port{}, err
		}
		listener.Close()
	}
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return port{}, fmt.Errorf("reserving a port: %w", err)
	}
	number, err := bind(socket, wanted)
	if err != nil {
		syscall.Close(socket)
		return port{}, fmt.Errorf("reserving a port: %w", err)
	}
	return port{number, socket}, nil
}

func bind(socket, wanted int) (int, error) {
	for _, option := range []int{syscall.SO_REUSEADDR, soReusePort} {
		if err := syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, option, 1); err != nil {
			return 0, err
		}
	}
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Port: wanted, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return 0, err
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		return 0, err
	}
	return bound.(*syscall.SockaddrInet4).Port, nil
}
