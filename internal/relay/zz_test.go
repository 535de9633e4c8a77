package relay
import ("testing";"fmt";"time";"strings";"math/rand"
"github.com/gosteady/gosteady/internal/faultproxy"
"github.com/gosteady/gosteady/internal/modtest"
"golang.org/x/mod/module")
func TestZZ(t *testing.T) {
	store := faultproxy.NewStore()
	var mod, sum strings.Builder
	rnd := rand.New(rand.NewSource(1))
	var req []module.Version
	for i := range 120 {
		path := fmt.Sprintf("example.com/m%d", i)
		data := make([]byte, rnd.Intn(300000))
		for j := range data { data[j] = byte('a'+rnd.Intn(16)) }
		store.Add(path, "v1.0.0", map[string]string{"x.go": "package x\n", "data.txt": string(data)})
		lines, _ := store.Sum(path, "v1.0.0")
		sum.WriteString(lines)
		mod.WriteString("require " + path + " v1.0.0\n")
		req = append(req, module.Version{Path: path, Version: "v1.0.0"})
	}
	for _, lat := range []time.Duration{0, 20*time.Millisecond, 60*time.Millisecond} {
	for _, h2 := range []bool{false, true} {
	p := modtest.Proxy(t, faultproxy.Config{Content: store, Latency: lat, HTTP2: h2})
	s := stage{args: []string{"mod", "download"}, env: []string{"GOPROXY=" + p.URL()}, mod: mod.String(), sum: sum.String()}
	if h2 {
		s.env = append(s.env, "SSL_CERT_FILE="+writeFile(t, t.TempDir()+"/ca.pem", string(p.CertPEM())))
		s.edit = append(s.edit, trusting(p))
	}
	t0 := time.Now()
	if code, e, _, _ := s.play(t, false); code != 0 { t.Fatal(e) }
	plain := time.Since(t0)
	n := len(p.Requests()); p.Forget()
	t0 = time.Now()
	s.edit = append(s.edit, func(c *Config) { c.Debugf = func(string, ...any) {} })
	if code, e, _, _ := s.play(t, true); code != 0 { t.Fatal(e) }
	noPre := time.Since(t0)
	n2 := len(p.Requests()); p.Forget()
	s.edit = append(s.edit, func(c *Config) { c.Prefetch = Required; c.Required = req })
	t0 = time.Now()
	if code, e, _, _ := s.play(t, true); code != 0 { t.Fatal(e) }
	pre := time.Since(t0)
	fmt.Println(lat, h2, "plain", plain, n, "relay", noPre, n2, "prefetch", pre, len(p.Requests()), fmt.Sprintf("%.2f", float64(pre)/float64(plain)))
	}}
}
