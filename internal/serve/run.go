package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/gateway"
	"github.com/gosteady/gosteady/internal/gateway/standing"
	"github.com/gosteady/gosteady/internal/gateway/store"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
)

// A Server is a gateway that runs.
type Server struct {
	place    here.Place
	flags    Flags
	settings *Settings
	listener net.Listener
	log      *slog.Logger
	gateway  *gateway.Gateway
	store    *store.Store
	journal  *reporter
	connect  *connector
	cert     atomic.Pointer[tls.Certificate]
}

// Run serves until ctx ends. reload has a value for each time that the settings are to
// be read again. Lines for people and the log go to out.
func Run(ctx context.Context, place here.Place, f Flags, reload <-chan os.Signal, out io.Writer) error {
	srv := &Server{place: place, flags: f}
	if err := srv.open(out); err != nil {
		return err
	}
	defer srv.close()
	remove, err := srv.record()
	if err != nil {
		srv.log.Warn("it is not recorded that the gateway runs: other gosteady commands do not find it", "error", mask.Line(err.Error()))
	} else {
		defer remove()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go srv.upkeep(ctx, reload)
	srv.announce(out)
	var certificate func() (*tls.Certificate, error)
	if srv.settings.TLS() {
		certificate = func() (*tls.Certificate, error) { return srv.cert.Load(), nil }
	}
	notifyManager(srv.place.Getenv, "READY=1")
	err = srv.gateway.Serve(ctx, srv.listener, certificate)
	notifyManager(srv.place.Getenv, "STOPPING=1")
	if ctx.Err() != nil && err == nil {
		srv.log.Info("drained")
	}
	return err
}

// open reads the settings, listens, and makes the gateway.
func (srv *Server) open(out io.Writer) (err error) {
	given := ""
	if srv.listener, err = inherited(srv.place.Getenv); err != nil {
		return err
	}
	if srv.listener != nil {
		given = srv.listener.Addr().String()
	}
	if srv.settings, err = read(srv.place, srv.flags, given); err != nil {
		return err
	}
	s := srv.settings
	srv.log = newLog(s.Log, out)
	if srv.listener == nil {
		if srv.listener, err = net.Listen("tcp", s.Listen); err != nil {
			return fmt.Errorf("cannot listen on %s: %w; choose another address with --listen", s.Listen, err)
		}
		s.Listen = srv.listener.Addr().String() // port 0 is any
	}
	if err := srv.loadCertificate(s); err != nil {
		return err
	}
	if srv.store, err = store.Open(store.Config{Dir: s.Store, Max: s.MaxSize, Logf: func(format string, args ...any) {
		srv.log.Warn(mask.Line(fmt.Sprintf(format, args...)))
	}}); err != nil {
		return err
	}
	srv.journal = newReporter(journal.OpenStore(srv.place.Getenv), s.Policy.Journal, s.Go.Private)
	srv.journal.hide(s.List)
	srv.connect = newConnector(srv.place, s, srv.journal)
	srv.gateway, err = gateway.New(srv.config(s))
	return err
}

// config is what a gateway needs of the settings.
func (srv *Server) config(s *Settings) gateway.Config {
	return gateway.Config{
		Upstreams: s.List, Rules: s.Rules, Store: srv.store, Connect: srv.connect.connect,
		Token: s.Token, Guarded: s.Exposed, Hosts: s.Hosts, Report: srv.journal.Event, Log: srv.log,
	}
}

func (srv *Server) close() {
	if srv.gateway != nil {
		srv.gateway.Close()
	}
	if srv.connect != nil {
		srv.connect.close()
	}
	if srv.journal != nil {
		srv.flush()
	}
	if srv.store != nil {
		_ = srv.store.Close() // what is left is removed by the next one
	}
	srv.listener.Close()
}

func newLog(format string, out io.Writer) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(out, nil))
	}
	return slog.New(slog.NewTextHandler(out, nil))
}

// announce says where it is and how to use it.
func (srv *Server) announce(out io.Writer) {
	s := srv.settings
	for _, note := range s.Notes {
		srv.log.Warn(mask.Line(note))
	}
	if s.TokenFile != "" && openToRead(s.TokenFile) {
		srv.log.Warn("other users can read the token file", "file", s.TokenFile)
	}
	fmt.Fprintf(out, console.Prefix+"serving %s://%s from %s; see 'gosteady serve --env' for clients\n", s.Scheme(), s.Listen, s.Store)
}

// record tells other commands of this user.
func (srv *Server) record() (remove func(), err error) {
	state := journal.OpenStore(srv.place.Getenv)
	if state.Dir() == "" {
		return func() {}, nil
	}
	if err := state.Create(); err != nil {
		return nil, err
	}
	s := srv.settings
	r := standing.Record{
		Address: s.Listen, Scheme: s.Scheme(), PID: os.Getpid(), Store: s.Store, Started: time.Now().Round(time.Second),
		Secret: srv.gateway.Endpoints(), TokenFile: s.TokenFile,
	}
	r.List = gateway.ClientList(r.Scheme+"://"+r.Host(), "", nil, s.List)
	return standing.Write(state.Dir(), r)
}

// upkeep writes the journal from time to time, and reads the settings again.
func (srv *Server) upkeep(ctx context.Context, reload <-chan os.Signal) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			srv.flush()
		case <-reload:
			if err := srv.reload(); err != nil {
				srv.log.Error("the settings cannot be read again, and stay as they were", "error", mask.Line(err.Error()))
			} else {
				srv.log.Info("the settings were read again")
			}
		}
	}
}

// flush writes the journal; a disk that is full costs no more than that.
func (srv *Server) flush() {
	if err := srv.journal.flush(); err != nil {
		srv.log.Warn("the journal cannot be written", "error", mask.Line(err.Error()))
	}
}

// reload reads the settings again. The address and the store stay.
func (srv *Server) reload() error {
	s, err := read(srv.place, srv.flags, srv.settings.Listen)
	if err != nil {
		return err
	}
	if s.Store != srv.settings.Store || s.TLS() != srv.settings.TLS() {
		return errors.New("another store, or TLS switched on or off, needs a restart")
	}
	if err := srv.loadCertificate(s); err != nil {
		return err
	}
	before := srv.connect
	srv.journal.hide(s.List)
	srv.connect = newConnector(srv.place, s, srv.journal)
	if err := srv.gateway.Reload(srv.config(s)); err != nil {
		srv.connect.close()
		srv.connect = before
		return err
	}
	before.close() // of connections that nobody uses; what is under way goes on
	srv.store.Limit(s.MaxSize)
	srv.settings = s
	return nil
}

func (srv *Server) loadCertificate(s *Settings) error {
	if !s.TLS() {
		return nil
	}
	cert, err := tls.LoadX509KeyPair(s.Cert, s.Key)
	if err != nil {
		return fmt.Errorf("the certificate cannot be used: %w; see --tls-cert and --tls-key", err)
	}
	srv.cert.Store(&cert)
	return nil
}
