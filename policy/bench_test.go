package policy

import "testing"

// BenchmarkLoad: nothing where there is no file, at most 2 ms where there is.
func BenchmarkLoad(b *testing.B) {
	for name, text := range map[string]string{
		"no file": "",
		"a file": `version: 1
proxies: [https://goproxy.cn]
sumdb: [https://sum.golang.google.cn]
private: [git.corp.example/*]
retry: {attempts: 5, waits: [200ms, 1s, 4s, 10s], budget: 2m, offline: 5s}
timeouts: {connect: 10s, first-byte: 10m, stall: 30s}
notify: healed
rules:
  - on: [gone, not-found]
    modules: [github.com/acme/*]
    do: [retry]
    wait-for: 10m
  - on: [transient, integrity]
    do: [retry, rotate]
`,
	} {
		b.Run(name, func(b *testing.B) {
			l := newMachine(b, text).loader()
			for b.Loop() {
				l.Load()
			}
		})
	}
}
