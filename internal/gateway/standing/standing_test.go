package standing

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

func TestRecord(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	state := t.TempDir()
	remove, err := Write(state, Record{Address: l.Addr().String(), Scheme: "http", PID: os.Getpid(), Store: "/s"})
	if err != nil {
		t.Fatal(err)
	}
	list := Recorded(state)
	if len(list) != 1 || list[0].Store != "/s" || !list[0].Runs() {
		t.Fatalf("%+v", list)
	}
	l.Close()
	if list[0].Runs() {
		t.Error("it runs, though nobody listens")
	}
	os.WriteFile(filepath.Join(state, dirName, "x.json"), []byte("nonsense"), 0o666)
	if list := Recorded(state); len(list) != 1 {
		t.Errorf("with a broken one: %+v", list)
	}
	// Another process has the port by now: its record stays.
	other := list[0]
	other.PID++
	if _, err := Write(state, other); err != nil {
		t.Fatal(err)
	}
	remove()
	if list := Recorded(state); len(list) != 1 {
		t.Errorf("another one's record is gone: %+v", list)
	}
	if Recorded("") != nil || Recorded(filepath.Join(state, "none")) != nil {
		t.Error("records in no directory")
	}
}

func TestServes(t *testing.T) {
	for _, tt := range []struct {
		listen, address string
		want            bool
	}{
		{"127.0.0.1:7878", "http://127.0.0.1:7878/0", true},
		{"127.0.0.1:7878", "http://localhost:7878/1/", true},
		{"127.0.0.1:7878", "http://127.0.0.1:7878/~token/0", true},
		{"[::1]:7878", "http://[::1]:7878/0", true},
		{"0.0.0.0:7878", "http://127.0.0.1:7878/0", true},
		{":7878", "http://localhost:7878/0", true},
		{"127.0.0.1:80", "http://127.0.0.1/0", true},
		{"127.0.0.1:7878", "http://127.0.0.1:7879/0", false},
		{"127.0.0.1:7878", "https://127.0.0.1:7878/0", false},
		{"127.0.0.1:7878", "http://127.0.0.1:7878", false},
		{"127.0.0.1:7878", "http://127.0.0.1:7878/api/0", false},
		{"127.0.0.1:7878", "http://proxy.example:7878/0", false},
		{"10.1.2.3:7878", "http://127.0.0.1:7878/0", false},
	} {
		u, err := url.Parse(tt.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := (Record{Address: tt.listen, Scheme: "http"}).Serves(u); got != tt.want {
			t.Errorf("%s at %s: %v", tt.address, tt.listen, got)
		}
	}
}

func TestWritten(t *testing.T) {
	state := t.TempDir()
	if _, ok := ReadWritten(state); ok {
		t.Error("something was written")
	}
	w := Written{Written: "http://127.0.0.1:7878/0", Before: "direct", HadFile: true, File: "direct"}
	if err := w.Keep(state); err != nil {
		t.Fatal(err)
	}
	if got, ok := ReadWritten(state); !ok || got != w {
		t.Errorf("%+v, %v", got, ok)
	}
	if err := ForgetWritten(state); err != nil {
		t.Fatal(err)
	}
	if _, ok := ReadWritten(state); ok {
		t.Error("it is still there")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"address":"127.0.0.1:7878","scheme":"http"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parse(data)
		if err != nil {
			return
		}
		if _, _, err := net.SplitHostPort(r.Host()); err != nil {
			t.Fatalf("%q leads to %s", data, r.Host())
		}
	})
}
