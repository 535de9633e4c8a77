package gateway

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// certificate writes a certificate for 127.0.0.1, and its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "gateway"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
}

// With TLS the token is a password: in the address that --env prints, or in .netrc.
func TestTLS(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("SSL_CERT_FILE means nothing to go here")
	}
	s := newSite(t, 3)
	const word = "0123456789abcdef0123"
	token := filepath.Join(t.TempDir(), "token")
	s.check(os.WriteFile(token, []byte(word), 0o600))
	cert, key := certificate(t)
	g := s.serve("--token-file", token, "--listen", "0.0.0.0:0", "--tls-cert", cert, "--tls-key", key)
	r := s.steady(nil, "serve", "--env")
	list, ok := strings.CutPrefix(strings.TrimSpace(r.Stdout), "GOPROXY=")
	if !ok || !strings.HasPrefix(list, "https://gosteady:"+word+"@127.0.0.1:") {
		t.Fatalf("%q %q", r.Stdout, r.Stderr)
	}
	s.client(list, "SSL_CERT_FILE="+cert).must("mod", "download", "all")
	bare := strings.Replace(list, "gosteady:"+word+"@", "", 1)
	host, _, _ := strings.Cut(strings.TrimPrefix(bare, "https://"), "/") // go looks for the port, too
	netrc := filepath.Join(t.TempDir(), "netrc")
	s.check(os.WriteFile(netrc, []byte("machine "+host+" login anyone password "+word+"\n"), 0o600))
	s.client(bare, "SSL_CERT_FILE="+cert, "NETRC="+netrc).must("mod", "download", "all")
	if r := s.client(bare, "SSL_CERT_FILE="+cert).run("mod", "download", "all"); r.Code == 0 || !strings.Contains(r.Stderr, "401") {
		t.Errorf("without the token: %d %s", r.Code, r.Stderr)
	}
	if strings.Contains(g.said(), word) {
		t.Error("the token is in the log")
	}
}
