package modtest

import (
	"encoding/binary"
	"net"
	"os"
	"strconv"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdNameserver serves names on loopback, all of them with the address 127.0.0.1.
// The first n questions are answered with "no such host". It needs port 53, and
// writes the file that makes a process ask it.
func cmdNameserver(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	const addr = "127.77.53.53" // any of loopback's; one that nothing else uses
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte("nameserver "+addr+"\noptions ndots:0\n"), 0o666))
	s := theStage(ts)
	if s.names == nil {
		conn, err := net.ListenPacket("udp", addr+":53")
		ts.Check(err)
		ts.Defer(func() { conn.Close() })
		s.names = new(failing)
		go serveNames(conn, s.names)
	}
	s.names.set(n)
}

// failing counts down.
type failing struct {
	mu   sync.Mutex
	left int
}

func (f *failing) set(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = n
}

func (f *failing) next() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left--
	return f.left >= 0
}

func serveNames(conn net.PacketConn, fail *failing) {
	buf := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if answer := answerName(buf[:n], fail); answer != nil {
			conn.WriteTo(answer, from)
		}
	}
}

// Of RFC 1035, section 4.1.
const (
	dnsHeader   = 12
	dnsTypeA    = 1
	dnsNXDomain = 3
)

// answerName answers a question for an address, and has nothing for others.
func answerName(question []byte, fail *failing) []byte {
	end := dnsHeader
	for end < len(question) && question[end] != 0 {
		end += 1 + int(question[end])
	}
	end += 5 // the root, type, class
	if end > len(question) {
		return nil
	}
	answer := append([]byte{}, question[:end]...)
	answer[2] |= 0x84                                   // an authoritative response
	answer[3] = 0x80                                    // recursion available
	copy(answer[6:dnsHeader], []byte{0, 0, 0, 0, 0, 0}) // no records yet
	if binary.BigEndian.Uint16(question[end-4:]) != dnsTypeA {
		return answer
	}
	if fail.next() {
		answer[3] |= dnsNXDomain
		return answer
	}
	answer[7] = 1 // one answer: the name of the question, A, IN, a second, 127.0.0.1
	return append(answer, 0xc0, dnsHeader, 0, dnsTypeA, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1)
}
