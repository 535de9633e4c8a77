// Package standing is where a gateway tells other commands of this user that it runs: a
// file in the state directory, with its address.
//
// It imports little: the shim reads it.
package standing

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/robust"
	"github.com/gosteady/gosteady/internal/wholefile"
)

const (
	dirName = "gateways" // of the state directory
	maxFile = 8 << 10
	most    = 100 // files that are looked at
)

// A Record is what a running gateway says of itself.
type Record struct {
	Address string    `json:"address"` // host:port that it listens on
	Scheme  string    `json:"scheme"`
	PID     int       `json:"pid"`
	Store   string    `json:"store"`
	Started time.Time `json:"started"`

	List      string `json:"list"`             // GOPROXY for clients on this machine, without the token
	Secret    []bool `json:"secret,omitempty"` // which endpoints want it
	TokenFile string `json:"tokenFile,omitempty"`
}

// Host is where it is reached on this machine: a listener on all addresses is on
// loopback, too.
func (r Record) Host() string {
	host, port, err := net.SplitHostPort(r.Address)
	if err != nil {
		return r.Address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// Write records a gateway. remove takes the record back.
func Write(state string, r Record) (remove func(), err error) {
	_, port, err := net.SplitHostPort(r.Address)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(state, dirName, port+".json")
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if err := wholefile.WriteString(file, string(data)+"\n"); err != nil {
		return nil, err
	}
	return func() {
		if now, err := read(file); err == nil && now.PID == r.PID {
			_ = robust.Remove(file) // else whoever reads it finds nobody there
		}
	}, nil
}

// Recorded returns what gateways of this user have recorded, running or not.
func Recorded(state string) []Record {
	if state == "" {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(state, dirName))
	if err != nil {
		return nil
	}
	var list []Record
	for _, e := range entries[:min(len(entries), most)] {
		if r, err := read(filepath.Join(state, dirName, e.Name())); err == nil {
			list = append(list, r)
		}
	}
	return list
}

func read(file string) (Record, error) {
	data, err := repofile.Read(file, maxFile)
	if err != nil {
		return Record{}, err
	}
	return parse(data)
}

func parse(data []byte) (r Record, err error) {
	if err := json.Unmarshal(data, &r); err != nil {
		return Record{}, err
	}
	_, port, err := net.SplitHostPort(r.Address)
	if err != nil {
		return Record{}, err
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return Record{}, fmt.Errorf("%q is no port", port)
	}
	return r, nil
}

// dialFor is how long a process of this machine may take to accept a connection.
const dialFor = 300 * time.Millisecond

// Runs reports whether somebody listens there.
func (r Record) Runs() bool {
	c, err := net.DialTimeout("tcp", r.Host(), dialFor)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// Serves reports whether an address of GOPROXY is an endpoint of the gateway.
func (r Record) Serves(u *url.URL) bool {
	if u == nil || !SameServer(r.Address, u) || u.Scheme != r.Scheme {
		return false
	}
	path := strings.Trim(u.Path, "/")
	if strings.HasPrefix(path, "~") {
		_, path, _ = strings.Cut(path, "/")
	}
	n, err := strconv.Atoi(path)
	return err == nil && n >= 0
}

// SameServer reports whether an address is on this machine and of the port that a
// gateway listens on.
func SameServer(listen string, u *url.URL) bool {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	asked := u.Port()
	if asked == "" {
		asked = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if asked != port {
		return false
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if name == strings.ToLower(host) {
		return true
	}
	ip, own := net.ParseIP(name), net.ParseIP(host)
	everywhere := host == "" || own != nil && own.IsUnspecified()
	switch {
	case name == "localhost" || ip != nil && ip.IsLoopback():
		return everywhere || host == "localhost" || own != nil && own.IsLoopback()
	case ip != nil:
		return everywhere && isOurs(ip) || ip.Equal(own)
	}
	self, err := os.Hostname()
	return err == nil && name == strings.ToLower(self) && (own == nil || !own.IsLoopback())
}

// isOurs reports whether an address is one of this machine's.
func isOurs(ip net.IP) bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
			return true
		}
	}
	return ip.IsUnspecified()
}
