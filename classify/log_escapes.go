package classify

import (
	"html"
	"strings"
)

// unescape undoes the escapes of a string that a tool printed inside JSON,
// quotes or a page, but not the backslashes of a Windows path.
func unescape(s string) string {
	if strings.IndexByte(s, '&') >= 0 && (strings.Contains(s, "&#") || strings.Contains(s, "&quot;") || strings.Contains(s, "&gt;")) {
		s = html.UnescapeString(s)
	}
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	if before, text, after, ok := enclosed(s); ok {
		return strings.Trim(before+"\n"+strings.TrimRight(unescaper.Replace(text), "\n")+"\n"+after, "\n")
	}
	for _, sign := range []string{`\n\t`, `\ngo: `, `\n"`, `\n'`, `\"`, `\n\ngo`, `\nverifying`} {
		if strings.Contains(s, sign) {
			return unescaper.Replace(s)
		}
	}
	return s
}

// enclosed finds a string of several lines in a line of JSON or of a program.
func enclosed(s string) (before, text, after string, ok bool) {
	if !strings.Contains(s, `\n`) {
		return "", "", "", false
	}
	for from := 0; from < len(s); {
		i := strings.IndexByte(s[from:], '"')
		if i < 0 {
			break
		}
		text, rest, ok := jsonString(s[from+i:])
		if ok && strings.Contains(text, `\n`) {
			return s[:from+i], text, rest, true
		}
		from += i + 1
	}
	return "", "", "", false
}

// command takes the message out of a workflow command of GitHub,
// "::error file=main.go::message".
func command(s string) string {
	if !strings.HasPrefix(s, "::") {
		return s
	}
	_, message, ok := strings.Cut(s[2:], "::")
	if !ok {
		return s
	}
	return percent.Replace(message)
}

var percent = strings.NewReplacer("%0A", "\n", "%0D", "", "%25", "%")

// undouble takes away the blank lines that a mail or a page put after each line.
func undouble(lines []line) []line {
	full := 0
	for i := range lines {
		if lines[i].text == "" {
			continue
		}
		if full++; i > 0 && lines[i-1].text != "" {
			return lines
		}
	}
	if full < 4 {
		return lines
	}
	kept, blank := lines[:0], 0
	for _, l := range lines {
		if l.text == "" {
			blank++
			continue
		}
		for range blank / 2 {
			kept = append(kept, line{})
		}
		kept, blank = append(kept, l), 0
	}
	return kept
}

var unescaper = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\"`, `"`, `\r`, "", `\u003c`, "<", `\u003e`, ">", `\u0026`, "&")
