// Package proxylist reads and writes GOPROXY lists.
//
// It stands apart from package goenv since every go command needs settings,
// and few need net/url, whose initialisation costs more than theirs.
package proxylist

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// Default is GOPROXY where nothing sets it (cmd/go/internal/cfg).
const Default = "https://proxy.golang.org,direct"

// A Kind says what an entry of GOPROXY is.
type Kind int

// The kinds of entries.
const (
	HTTP   Kind = iota // http or https
	File               // file://
	Direct             // the word "direct"
	Off                // the word "off"
)

// A Proxy is one entry of GOPROXY.
type Proxy struct {
	Raw  string   // as written, without surrounding spaces
	URL  *url.URL // with the implied https://; nil for Direct and Off
	Kind Kind
	// FallBackOnError is set where "|" follows: any failure goes on to the
	// next entry. Where a comma follows, only 404 and 410 do.
	FallBackOnError bool
}

// FilePath is the directory of an entry of the kind File.
func (p Proxy) FilePath() string { return filePath(p.URL.Path, runtime.GOOS) }

// filePath follows cmd/go's internal/web: on Windows "/C:/x" is C:\x.
func filePath(path, goos string) string {
	if goos != "windows" {
		return path
	}
	if len(path) > 2 && path[0] == '/' && path[2] == ':' {
		path = path[1:]
	}
	return strings.ReplaceAll(path, "/", `\`)
}

// Parse reads a GOPROXY list as cmd/go does, with its error texts.
// Nothing after "direct" or "off" counts, nor do empty entries.
func Parse(list string) ([]Proxy, error) {
	var proxies []Proxy
	for list != "" {
		var entry string
		var fallBack bool
		if i := strings.IndexAny(list, ",|"); i >= 0 {
			entry, fallBack, list = list[:i], list[i] == '|', list[i+1:]
		} else {
			entry, list = list, ""
		}
		switch entry = strings.TrimSpace(entry); entry {
		case "":
			continue
		case "off":
			return append(proxies, Proxy{Raw: entry, Kind: Off}), nil
		case "direct":
			return append(proxies, Proxy{Raw: entry, Kind: Direct}), nil
		}
		p, err := parseProxy(entry)
		if err != nil {
			return nil, err
		}
		p.FallBackOnError = fallBack
		proxies = append(proxies, p)
	}
	if len(proxies) == 0 {
		return nil, errors.New("GOPROXY list is not the empty string, but contains no entries")
	}
	return proxies, nil
}

func parseProxy(entry string) (Proxy, error) {
	full := entry
	// A host without a scheme means https; a lone word is reserved.
	if strings.ContainsAny(full, ".:/") && !strings.Contains(full, ":/") && !filepath.IsAbs(full) && !path.IsAbs(full) {
		full = "https://" + full
	}
	u, err := url.Parse(full)
	if err != nil {
		return Proxy{}, err
	}
	p := Proxy{Raw: entry, URL: u, Kind: HTTP}
	switch u.Scheme {
	case "http", "https":
		return p, nil
	case "file":
		if *u != (url.URL{Scheme: u.Scheme, Path: u.Path, RawPath: u.RawPath}) {
			return Proxy{}, fmt.Errorf("invalid file:// proxy URL with non-path elements: %s", u.Redacted())
		}
		p.Kind = File
		return p, nil
	case "":
		return Proxy{}, fmt.Errorf("invalid proxy URL missing scheme: %s", u.Redacted())
	}
	return Proxy{}, fmt.Errorf("invalid proxy URL scheme (must be https, http, file): %s", u.Redacted())
}

// Format writes a list as GOPROXY holds it, each entry by its Raw text
// and followed by its own separator.
func Format(proxies []Proxy) string {
	var b strings.Builder
	for i, p := range proxies {
		b.WriteString(p.Raw)
		switch {
		case i == len(proxies)-1:
		case p.FallBackOnError:
			b.WriteByte('|')
		default:
			b.WriteByte(',')
		}
	}
	return b.String()
}

// A Separator stands between two entries and says when go goes on to the second.
type Separator string

// The separators.
const (
	OnMissing Separator = "," // after 404 and 410
	OnError   Separator = "|" // after any failure
)

// WithDirect returns a GOPROXY list that ends in direct behind a separator, and
// whether that lets go ask the origin where the list did not. A list that ends
// in off, or has no proxy before direct, stays as it is.
func WithDirect(list string, after Separator) (with string, changes bool) {
	proxies, err := Parse(list)
	if err != nil || proxies[len(proxies)-1].Kind == Off {
		return list, false
	}
	ends := proxies[len(proxies)-1].Kind == Direct
	if ends {
		proxies = proxies[:len(proxies)-1]
	}
	if len(proxies) == 0 {
		return list, false
	}
	last := &proxies[len(proxies)-1]
	changes = !ends || after == OnError && !last.FallBackOnError
	last.FallBackOnError = after == OnError
	return Format(append(proxies, Proxy{Raw: "direct", Kind: Direct})), changes
}
