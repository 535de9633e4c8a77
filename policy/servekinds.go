package policy

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// parseText takes a path or an address as it is.
func (r *reader) parseText(k *key, it item) (any, bool) {
	if it.text == "" || mask.Characters(it.text) != it.text || strings.ContainsAny(it.text, "\n\r") {
		r.bad(it.pos, k.name, "%s is not %s", mask.Quote(it.text), k.allowed())
		return nil, false
	}
	return it.text, true
}

// parseGOPROXY reads a list as the go command does.
func (r *reader) parseGOPROXY(k *key, it item) (any, bool) {
	if _, err := proxylist.Parse(it.text); err != nil {
		r.bad(it.pos, k.name, "%s: %s", mask.Proxies(it.text), mask.Line(err.Error()))
		return nil, false
	}
	return it.text, true
}

// parseHost takes a name without a port.
func (r *reader) parseHost(k *key, it item) (string, bool) {
	name := strings.ToLower(it.text)
	if u, err := url.Parse("http://" + name + "/"); err != nil || u.Host != name || u.Port() != "" || name == "" || strings.ContainsAny(name, "@ []") {
		r.bad(it.pos, k.name, "%s is not a host name; allowed: %s", mask.Quote(it.text), k.allowed())
		return "", false
	}
	return name, true
}

func (r *reader) parseSize(k *key, it item) (any, bool) {
	n, err := ParseSize(it.text)
	if err != nil {
		r.bad(it.pos, k.name, "%v; allowed: %s", err, k.allowed())
	}
	return n, err == nil
}

// sizes are the letters behind a number of bytes.
const sizes = "KMGT"

// ParseSize reads a number of bytes, such as 20G.
func ParseSize(text string) (int64, error) {
	digits := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(text), "B"), "I")
	factor := int64(1)
	if i := strings.IndexAny(sizes, digits[max(0, len(digits)-1):]); digits != "" && i >= 0 {
		factor, digits = 1<<(10*(i+1)), digits[:len(digits)-1]
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("%q is not a size", text)
	}
	return n * factor, nil
}

// formatSize writes a number of bytes as ParseSize reads it.
func formatSize(n int64) string {
	letter := ""
	for i := 0; i < len(sizes) && n > 0 && n%1024 == 0; i++ {
		n, letter = n/1024, sizes[i:i+1]
	}
	return strconv.FormatInt(n, 10) + letter
}
