package steadytest

import "net/http"

// A Site serves files by their path; a value that is a status is one.
type Site map[string]string

func (s Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, ok := s[r.URL.Path]
	switch {
	case !ok:
		w.Header().Set("Cache-Control", "public, max-age=60")
		http.Error(w, "not found: unknown revision", http.StatusNotFound)
	case content == "500":
		http.Error(w, "upstream trouble", http.StatusInternalServerError)
	default:
		_, _ = w.Write([]byte(content))
	}
}

// ModuleSite has corp.example/m at v1.0.0 and v1.1.0, which retracts v1.0.0.
func ModuleSite() Site {
	const at = "/corp.example/m/@v/"
	return Site{
		at + "list":        "v1.1.0\nv1.0.0\nv1.2.0-pre\n",
		at + "v1.0.0.info": `{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z","Origin":{"Hash":"aaaaaaaaaaaaaaaa"}}`,
		at + "v1.0.0.mod":  "module corp.example/m\n",
		at + "v1.0.0.zip":  "zip",
		at + "v1.1.0.info": `{"Version":"v1.1.0","Time":"2026-02-01T00:00:00Z"}`,
		at + "v1.1.0.mod":  "// Deprecated: use corp.example/n.\nmodule corp.example/m\n\nretract v1.0.0 // broken\n",
		at + "v1.1.0.zip":  "zip",
		at + "main.info":   `{"Version":"v1.1.0","Time":"2026-02-01T00:00:00Z"}`,
	}
}

// SumDBSite is ModuleSite that also carries the checksum database.
func SumDBSite(mod string) Site {
	s := ModuleSite()
	s["/sumdb/sum.golang.org/supported"] = ""
	s["/sumdb/sum.golang.org/lookup/corp.example/m@v1.0.0"] = "1\ncorp.example/m v1.0.0 h1:zip=\ncorp.example/m v1.0.0/go.mod " + mod + "\n"
	return s
}
