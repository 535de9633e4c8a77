//go:build unix

package relay

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openPort opens a port on loopback, and proves that loopback works here: a
// sandbox may allow one half of it. It is on the way of every command that is
// supervised, and the general ways of package net take three times as long.
func openPort() (net.Listener, error) {
	l, err := socket()
	if err != nil {
		return nil, err
	}
	defer l.Close() // the listener has its own descriptor
	fd := int(l.Fd())
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return nil, os.NewSyscallError("bind", err)
	}
	if err := unix.Listen(fd, unix.SOMAXCONN); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	addr, err := unix.Getsockname(fd)
	if err != nil {
		return nil, os.NewSyscallError("getsockname", err)
	}
	if err := reach(addr); err != nil {
		return nil, fmt.Errorf("reaching ourselves: %w", err)
	}
	return net.FileListener(l)
}

func socket() (*os.File, error) {
	syscall.ForkLock.RLock() // not all systems can make it close on exec at once
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	return os.NewFile(uintptr(fd), "loopback"), nil
}

// reach connects and hangs up.
func reach(addr unix.Sockaddr) error {
	c, err := socket()
	if err != nil {
		return err
	}
	defer c.Close()
	fd := int(c.Fd())
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	if err := unix.Connect(fd, addr); !errors.Is(err, unix.EINPROGRESS) && !errors.Is(err, unix.EINTR) {
		return err
	}
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for {
		n, err := unix.Poll(poll, int(selfDial.Milliseconds()))
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		case n == 0:
			return unix.ETIMEDOUT
		}
		code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && code != 0 {
			err = unix.Errno(code)
		}
		return err
	}
}
