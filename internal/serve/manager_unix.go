//go:build !windows

package serve

import (
	"fmt"
	"net"
	"os"
	"strconv"
)

// firstFD is the first descriptor that systemd passes: SD_LISTEN_FDS_START.
const firstFD = 3

// inherited returns the socket that systemd listens on for us: sd_listen_fds(3). It is
// nil where there is none.
func inherited(getenv func(string) string) (net.Listener, error) {
	if pid, err := strconv.Atoi(getenv("LISTEN_PID")); err != nil || pid != os.Getpid() {
		return nil, nil
	}
	n, err := strconv.Atoi(getenv("LISTEN_FDS"))
	if err != nil || n < 1 {
		return nil, nil
	}
	if n > 1 {
		return nil, fmt.Errorf("systemd passes %d sockets: a gateway listens on one, name one ListenStream", n)
	}
	f := os.NewFile(firstFD, "systemd")
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("the socket that systemd passes cannot be used: %w", err)
	}
	if _, ok := l.Addr().(*net.TCPAddr); !ok {
		l.Close()
		return nil, fmt.Errorf("the socket that systemd passes is %s: go needs TCP, such as ListenStream=127.0.0.1:7878", l.Addr().Network())
	}
	return l, nil
}

// notifyManager tells systemd how the service is doing: sd_notify(3).
func notifyManager(getenv func(string) string, state string) {
	name := getenv("NOTIFY_SOCKET")
	if name == "" {
		return
	}
	if name[0] == '@' { // an abstract one
		name = "\x00" + name[1:]
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return // it is told by the end of its patience
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}
