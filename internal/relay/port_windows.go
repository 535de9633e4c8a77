package relay

import "net"

// openPort opens a port on loopback, and proves that loopback works here: a
// sandbox may allow one half of it.
func openPort() (net.Listener, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	conn, err := net.DialTimeout("tcp4", l.Addr().String(), selfDial)
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, conn.Close()
}
