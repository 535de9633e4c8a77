package mask

import "strings"

// goGet is the one query that is no secret: cmd/go asks a module's page with it.
const goGet = "go-get=1"

// ends are what an address ends at in a text.
const ends = " \t\n\r\f\v\"'"

// addresses removes the userinfo and the query of every address in a text: with a scheme
// (of which go1.21 prints "https:/host"), or without one, as in a redirect to "//host".
func addresses(text string) string {
	var b strings.Builder
	for {
		i := addressAt(text)
		if i < 0 {
			if b.Len() == 0 {
				return text
			}
			return b.String() + text
		}
		end := i + strings.IndexAny(text[i:], ends)
		if end < i {
			end = len(text)
		}
		b.WriteString(text[:i])
		b.WriteString(address(text[i:end]))
		text = text[end:]
	}
}

// addressAt is where the first host of an address may begin, -1 if there is none.
func addressAt(text string) int {
	for i := 0; ; {
		n := strings.IndexByte(text[i:], '/')
		if n < 0 {
			return -1
		}
		start := i + n
		for i = start; i < len(text) && text[i] == '/'; i++ {
		}
		if i-start == 2 || start > 1 && text[start-1] == ':' && inWord(text[start-2]) && !isDrive(text[:start]) {
			return i
		}
	}
}

// isDrive reports whether a text ends in what begins a path on Windows: "C:".
func isDrive(text string) bool {
	n := len(text)
	return n >= 2 && isLetter(text[n-2]) && (n == 2 || !inWord(text[n-3]))
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// address masks what begins with an address's host, and ends with the word.
func address(word string) string {
	host := word
	if i := strings.IndexAny(word, "/?#"); i >= 0 {
		host = word[:i]
	}
	at := strings.LastIndexByte(host, '@')
	if at < 0 && badPort(host) {
		// A password that may not stand in an address: its end is not where it seems to be.
		at = strings.LastIndexByte(word[:listEnd(word)], '@')
	}
	if at >= 0 {
		return Hidden + addressRest(word[at:])
	}
	return addressRest(word)
}

// addressRest masks the query of an address.
func addressRest(word string) string {
	// Also that of a second one, as in a list of proxies.
	if i := addressAt(word); i >= 0 {
		return query(word[:i]) + address(word[i:])
	}
	return query(word)
}

func listEnd(word string) int {
	if i := strings.IndexAny(word, ",|"); i >= 0 {
		return i
	}
	return len(word)
}

// badPort reports whether what stands in the place of a port is none.
func badPort(host string) bool {
	name, port, found := strings.Cut(host, ":")
	return found && name != "" && name[0] != '[' && strings.Trim(port, "0123456789:,;.)|") != ""
}

// query masks the query that a word has, as far as it is one.
func query(word string) string {
	i := strings.IndexByte(word, '?') + 1
	if i == 0 {
		return word
	}
	value := strings.TrimRight(word[i:], ":,;.)") // what ends there stands after it
	if value == "" || value == goGet {
		return word
	}
	return word[:i] + Hidden + word[i+len(value):]
}

// bareUserinfo removes the userinfo of addresses such as HTTPS_PROXY may have:
// "user:password@host".
func bareUserinfo(text string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(text, '@')
		if at < 0 {
			if b.Len() == 0 {
				return text
			}
			return b.String() + text
		}
		start := strings.LastIndexAny(text[:at], ends+"/=(") + 1
		switch colon := colonIn(text[start:at]); {
		case colon <= 0 || start+colon+1 == at:
			b.WriteString(text[:at+1])
		case start > 0 || !strings.HasSuffix(b.String(), Hidden+"@"): // else it is masked by now
			b.WriteString(text[:start] + Hidden + "@")
		}
		text = text[at+1:]
	}
}

// colonIn is where the first colon of a text is, -1 if there is none. The one after a drive,
// as in "C:\Users\me\mod\x@v1.0.0", begins no password.
func colonIn(text string) int {
	for i := range len(text) {
		if text[i] == ':' && !(i+1 < len(text) && text[i+1] == '\\' && isDrive(text[:i+1])) {
			return i
		}
	}
	return -1
}
