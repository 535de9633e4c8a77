package classify

// A matcher finds many literals in one pass (Aho and Corasick), so that the
// time for a log does not grow with the table. It ignores case and white
// space: what a console wrapped at column 80 still matches.
type matcher struct {
	code [256]uint8 // the column of a byte; skip for white space
	cols int
	next []int16   // state*cols + column
	out  [][]int16 // the literals that end in a state
	size []int     // length of each literal, white space not counted
}

const (
	skip  = 255 // white space
	other = 0   // a byte that no literal has
)

func newMatcher(literals []string) *matcher {
	m := &matcher{cols: 1}
	for _, b := range []byte(" \t\r\n") {
		m.code[b] = skip
	}
	for _, lit := range literals {
		m.learn(lit)
	}
	states := 1
	for _, lit := range literals {
		states += len(lit)
	}
	m.next = make([]int16, 0, states*m.cols)
	m.out = make([][]int16, 0, states)
	m.grow()
	for id, lit := range literals {
		m.insert(id, lit)
	}
	m.link()
	return m
}

// learn gives each byte of a literal a column, the same for both cases.
func (m *matcher) learn(lit string) {
	for i := 0; i < len(lit); i++ {
		b := lower(lit[i])
		if m.code[b] != other {
			continue
		}
		m.code[b] = uint8(m.cols)
		if b >= 'a' && b <= 'z' {
			m.code[b-'a'+'A'] = uint8(m.cols)
		}
		m.cols++
	}
}

func (m *matcher) grow() int16 {
	m.next = m.next[:len(m.next)+m.cols] // within its capacity, and zero
	m.out = append(m.out, nil)
	return int16(len(m.out) - 1)
}

func (m *matcher) insert(id int, lit string) {
	state, n := int16(0), 0
	for i := 0; i < len(lit); i++ {
		c := m.code[lit[i]]
		if c == skip {
			continue
		}
		n++
		at := int(state)*m.cols + int(c)
		if m.next[at] == 0 {
			s := m.grow()
			m.next[at] = s
		}
		state = m.next[at]
	}
	m.out[state] = append(m.out[state], int16(id))
	m.size = append(m.size, n)
}

// link turns the tree into an automaton, breadth first.
func (m *matcher) link() {
	fail := make([]int16, len(m.out))
	queue := make([]int16, 0, len(m.out))
	for _, s := range m.row(0) {
		if s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if more := m.out[fail[s]]; more != nil {
			m.out[s] = append(m.out[s], more...)
		}
		row, back := m.row(s), m.row(fail[s])
		for c, child := range row {
			if child != 0 {
				fail[child] = back[c]
				queue = append(queue, child)
			} else {
				row[c] = back[c]
			}
		}
	}
}

// row returns the transitions of a state.
func (m *matcher) row(state int16) []int16 {
	return m.next[int(state)*m.cols : (int(state)+1)*m.cols]
}

// any reports whether a literal occurs in text.
func (m *matcher) any(text string) bool {
	state := 0
	for i := 0; i < len(text); i++ {
		c := m.code[text[i]]
		if c == skip {
			continue
		}
		state = int(m.next[state*m.cols+int(c)])
		if m.out[state] != nil {
			return true
		}
	}
	return false
}

// A hit is one occurrence of a literal in text[start:end].
type hit struct {
	id         int
	start, end int
}

// all returns every occurrence, by where it ends.
func (m *matcher) all(text string) []hit {
	var hits []hit
	state := 0
	for i := 0; i < len(text); i++ {
		c := m.code[text[i]]
		if c == skip {
			continue
		}
		state = int(m.next[state*m.cols+int(c)])
		for _, id := range m.out[state] {
			hits = append(hits, hit{int(id), m.back(text, i, m.size[id]), i + 1})
		}
	}
	return hits
}

// back returns where the n bytes before and at end begin, white space apart.
func (m *matcher) back(text string, end, n int) int {
	for ; end >= 0; end-- {
		if m.code[text[end]] == skip {
			continue
		}
		if n--; n == 0 {
			return end
		}
	}
	return 0
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}
