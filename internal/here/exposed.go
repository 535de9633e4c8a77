package here

import (
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/release"
)

// Exposed says what the go command with these settings believes of a proxy that
// carries the checksum database and is not run by those who run the database; "" if
// nothing is known, or no such proxy is asked. fix is what to do.
func Exposed(s *goenv.Settings) (text, fix string) {
	what, update := release.Exposed(s.LocalVersion())
	proxy := thirdParty(s.Get("GOPROXY"))
	if what == "" || proxy == "" || s.Get("GOSUMDB") == "off" {
		return "", ""
	}
	return s.LocalVersion() + " " + what + ", and " + proxy + " may carry it", "update Go to " + update + " or later"
}

// thirdParty is the first entry of GOPROXY that may carry the checksum database and
// is somebody else's; "" if there is none.
func thirdParty(list string) string {
	proxies, err := proxylist.Parse(list)
	if err != nil {
		return ""
	}
	for _, p := range proxies {
		switch {
		case p.Kind == proxylist.Direct || p.Kind == proxylist.Off:
			return ""
		case p.Kind == proxylist.HTTP && p.URL.Host != "proxy.golang.org":
			return mask.URL(p.URL)
		}
	}
	return ""
}
