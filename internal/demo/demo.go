// Package demo shows a failing module proxy twice: without gosteady and with it.
//
// The proxy, its modules and all directories are its own; it needs no network and
// leaves nothing behind. It writes to one stream only, that of what was asked for: what
// the go commands print is indented below the command line, whichever stream it was on.
package demo

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// Play sets the stage, plays on it and clears it. plain is the real go, self is
// gosteady; of environ the two get what processes need, and nothing else. It reports
// whether gosteady succeeded where go did not.
func Play(ctx context.Context, out io.Writer, environ []string, plain, self string) (proved bool, err error) {
	stage, err := newStage(environ)
	if err != nil {
		return false, fmt.Errorf("the demonstration cannot be set up: %w", err)
	}
	defer stage.clear()
	d := &demo{stage: stage, out: out, plain: plain, self: self}
	return d.play(ctx)
}

// A demo is one showing.
type demo struct {
	stage *stage
	out   io.Writer
	plain string // the real go
	self  string // gosteady, to be run as go
}

func (d *demo) play(ctx context.Context) (proved bool, err error) {
	d.say("A module proxy in this process, on %s, answers the first request", d.stage.proxy.Addr())
	d.say("for each of these as proxies do in the field on a bad day:\n")
	for _, f := range faults {
		d.say("  %-34s %s", f.what(), f.says)
	}
	d.say("\n$ go mod download    # plain: %s", d.plain)
	code, err := d.run(ctx, "plain", d.plain, "mod", "download")
	if err != nil {
		return false, err
	}
	if code == 0 {
		d.say("\nThe plain go was expected to fail, and did not.")
		return false, nil
	}
	if err := d.stage.rewind(); err != nil {
		return false, err
	}
	d.say("\n$ go mod download    # the same, through gosteady")
	if code, err = d.run(ctx, "steady", d.self, "mod", "download"); err != nil {
		return false, err
	}
	if code != 0 {
		d.say("\ngosteady was expected to succeed, and did not: please report this output.")
		return false, nil
	}
	d.sayHealed()
	return d.verify(ctx)
}

// verify lets the real go check what gosteady brought, against go.sum.
func (d *demo) verify(ctx context.Context) (ok bool, err error) {
	d.say("\n$ go mod verify      # plain, without a proxy")
	code, err := d.run(ctx, "steady", d.plain, "mod", "verify")
	return code == 0, err
}

// run runs a go command in a module cache of its own and shows what it prints and
// how it ended.
func (d *demo) run(ctx context.Context, cache, program string, args ...string) (code int, err error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Args[0] = "go"
	cmd.Dir = d.stage.moduleDir
	cmd.Env = d.stage.environ(cache)
	if args[1] == "verify" {
		cmd.Env = append(cmd.Env, "GOPROXY=off")
	}
	start := time.Now()
	output, err := cmd.CombinedOutput()
	took := time.Since(start)
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if cmd.ProcessState == nil {
		return 0, err
	}
	for line := range strings.Lines(string(output)) {
		d.say("  %s", strings.TrimRight(line, "\r\n"))
	}
	code = cmd.ProcessState.ExitCode()
	verdict := "ok"
	if code != 0 {
		verdict = fmt.Sprintf("failed, exit status %d", code)
	}
	d.say("  [%s, %.1f s]", verdict, took.Seconds())
	return code, nil
}

// sayHealed tells from the proxy's own log what was met and what it took.
func (d *demo) sayHealed() {
	d.say("\nWhat the proxy saw of gosteady:\n")
	for _, f := range faults {
		d.say("  %-34s %s", f.what(), outcome(d.stage.proxy.Requests(), f.path()))
	}
}

// outcome describes the requests for one path: "reset, then resumed at byte 4096".
func outcome(log []faultproxy.Request, path string) string {
	var parts []string
	for _, r := range log {
		if r.Path != path {
			continue
		}
		from, resumed := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
		switch {
		case r.Fault != "":
			parts = append(parts, strings.TrimPrefix(r.Fault, "status="))
		case resumed:
			parts = append(parts, "resumed at byte "+strings.TrimSuffix(from, "-"))
		default:
			parts = append(parts, "fetched")
		}
	}
	return strings.Join(parts, ", then ")
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.out, format+"\n", args...)
}
