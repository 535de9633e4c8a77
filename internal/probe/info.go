package probe

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gosteady/gosteady/internal/httpprobe"
	"github.com/gosteady/gosteady/internal/tui"
)

// infoFile is what a .info says.
type infoFile struct {
	Version string
	Time    string
	Origin  struct{ Hash, Ref string }
}

func parseInfo(a httpprobe.Answer) (info infoFile, ok bool) {
	return info, a.OK() && json.Unmarshal([]byte(a.Body), &info) == nil
}

func versionOf(a httpprobe.Answer) string {
	info, _ := parseInfo(a)
	return info.Version
}

func commitOf(a httpprobe.Answer) string {
	info, _ := parseInfo(a)
	return info.Origin.Hash
}

func describeInfo(a httpprobe.Answer) string {
	info, ok := parseInfo(a)
	if !ok {
		return "not the JSON of a version"
	}
	return strings.TrimSpace(info.Version + " of " + info.Time)
}

func describeZip(a httpprobe.Answer) string {
	if a.Header.Get("Content-Length") == "" {
		return ""
	}
	var n int64
	if _, err := fmt.Sscan(a.Header.Get("Content-Length"), &n); err != nil {
		return ""
	}
	return tui.Size(n)
}
