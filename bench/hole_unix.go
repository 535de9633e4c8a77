//go:build unix

package main

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// blackHole is the address of a proxy that takes no connection and refuses
// none, like one behind a firewall that drops packets: a port whose queue is
// full. It stays as long as the process.
func blackHole() (string, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		return "", os.NewSyscallError("socket", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return "", os.NewSyscallError("bind", err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		return "", os.NewSyscallError("listen", err)
	}
	addr, err := unix.Getsockname(fd)
	if err != nil {
		return "", os.NewSyscallError("getsockname", err)
	}
	in, ok := addr.(*unix.SockaddrInet4)
	if !ok {
		return "", fmt.Errorf("listening on %T", addr)
	}
	for range 4 { // more than a queue of none holds
		c, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			return "", os.NewSyscallError("socket", err)
		}
		if err := unix.SetNonblock(c, true); err != nil {
			return "", err
		}
		_ = unix.Connect(c, addr) // it is under way, or in the queue
	}
	return "http://" + (&net.TCPAddr{IP: in.Addr[:], Port: in.Port}).String(), nil
}
