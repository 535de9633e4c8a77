package classify

import "strings"

// unjson gives the errors of "go mod download -json" and "go list -e -json" the
// module or the position that stands in other fields of the same object.
func unjson(lines []line) {
	var path, version, pos string
	for i := range lines {
		l := &lines[i]
		if l.text == "" || l.text[0] != '"' && l.text[0] != '{' && l.text[0] != '}' {
			continue
		}
		if l.text == "{" || l.text == "}" || l.text == "}," {
			path, version, pos = "", "", ""
		}
		key, value, ok := field(l.text)
		if !ok {
			continue
		}
		switch key {
		case "Path":
			path, version = value, ""
		case "Version":
			version = value
		case "Pos":
			pos = value
		case "Error", "Err":
			if strings.Contains(value, "@") {
				continue
			}
			if pos != "" {
				l.text = pos + ": " + unescaper.Replace(value)
			} else if pathLike(path) && numbered(version) {
				l.text = path + "@" + version + ": " + unescaper.Replace(value)
			}
		}
	}
}

// field reads a line of an object that is printed with indentation.
func field(text string) (key, value string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", false
	}
	key, rest, ok := strings.Cut(text[1:], `": `)
	if !ok {
		return "", "", false
	}
	value, rest, ok = jsonString(rest)
	return key, value, ok && (rest == "" || rest == ",")
}

// messages returns the words of a JSON line that a program logged, or a
// container's runtime for it; the other fields say nothing.
func messages(raw string) (string, bool) {
	text := strings.TrimSpace(raw)
	if !strings.HasPrefix(text, `{"`) || !strings.HasSuffix(text, "}") {
		return "", false
	}
	levelled := strings.Contains(text, `"level":`)
	var b strings.Builder
	for rest := text; ; {
		i := strings.Index(rest, `":`)
		if i < 0 {
			break
		}
		key := rest[strings.LastIndexByte(rest[:i], '"')+1 : i]
		rest = strings.TrimLeft(rest[i+2:], " ")
		value, after, ok := jsonString(rest)
		if !ok {
			continue
		}
		rest = after
		if spokenKey(key) && (!levelled || quotes(key, value)) && value != "stdout" && value != "stderr" {
			b.WriteString(strings.TrimSuffix(unescaper.Replace(value), "\n") + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n"), b.Len() > 0
}

// quotes reports whether a field of a program's log hands on what go said: its
// message may, and an error that has go's own mark. A service that speaks to
// module proxies itself logs errors that are its own.
func quotes(key, value string) bool {
	switch key {
	case "error", "err", "reason", "detail", "details":
		return strings.Contains(value, "go: ")
	}
	return true
}

// logfmt returns the words of a line of log/slog or logrus: level=error
// msg="…" err="…".
func logfmt(text string) (string, bool) {
	if !strings.Contains(text[:min(len(text), longestColumn)], "level=") {
		return "", false
	}
	var b strings.Builder
	for _, key := range []string{"msg", "err", "error", "output", "stderr"} {
		_, rest, _ := strings.Cut(" "+text, " "+key+"=")
		if value, _, ok := jsonString(rest); ok && quotes(key, value) {
			b.WriteString(strings.TrimSuffix(unescaper.Replace(value), "\n") + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n"), b.Len() > 0
}

// jsonString cuts a string that begins text, still escaped.
func jsonString(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", false
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return text[1:i], text[i+1:], true
		}
	}
	return "", "", false
}

func spokenKey(key string) bool {
	switch strings.ToLower(key) {
	case "log", "msg", "message", "error", "err", "output", "stderr", "stdout", "text", "line", "stream", "reason", "detail", "details":
		return true
	}
	return false
}
