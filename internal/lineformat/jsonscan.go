package lineformat

// jsonScan follows the structure of JSON that comes in pieces: whether a piece can go on
// from where the last one ended, and where the outermost object or array ends. Strings and
// literals end with their piece. It takes everything that readJSON takes.
type jsonScan struct {
	open  []byte // the brackets that are open: '{' and '['
	state scanState
}

type scanState uint8

const (
	wantsValue     scanState = iota // at the beginning, after ":", and after "," in an array
	wantsElement                    // after "[": a value or "]"
	wantsMember                     // after "{": a name or "}"
	wantsName                       // after "," in an object
	wantsColon                      // after a name
	wantsSeparator                  // after a value: "," or the end
)

// feed takes the next piece. It returns how many bytes of it belong to the value, all if
// the value is not complete, and false if the piece cannot be part of it.
func (s *jsonScan) feed(piece string) (n int, ok bool) {
	for n < len(piece) {
		c := piece[n]
		switch {
		case c == ' ' || c == '\t':
			n++
			continue
		case c == '"':
			size := stringAt(piece[n:])
			if size == 0 || !s.takeString() {
				return n, false
			}
			n += size
			continue
		case literalAt(piece[n:]) > 0:
			if !s.takeValue() {
				return n, false
			}
			n += literalAt(piece[n:])
			continue
		case !s.take(c):
			return n, false
		}
		n++
		if len(s.open) == 0 {
			return n, true
		}
	}
	return n, true
}

// take takes a bracket, a comma or a colon.
func (s *jsonScan) take(c byte) bool {
	inside := byte(0)
	if len(s.open) > 0 {
		inside = s.open[len(s.open)-1]
	}
	switch {
	case c == '{' || c == '[':
		if !s.takeValue() || len(s.open) == maxDepth {
			return false
		}
		s.open = append(s.open, c)
		s.state = wantsMember
		if c == '[' {
			s.state = wantsElement
		}
	case c == ':' && s.state == wantsColon:
		s.state = wantsValue
	case c == ',' && s.state == wantsSeparator && inside == '{':
		s.state = wantsName
	case c == ',' && s.state == wantsSeparator && inside == '[':
		s.state = wantsValue
	case c == '}' && inside == '{' && (s.state == wantsSeparator || s.state == wantsMember),
		c == ']' && inside == '[' && (s.state == wantsSeparator || s.state == wantsElement):
		s.open = s.open[:len(s.open)-1]
		s.state = wantsSeparator
	default:
		return false
	}
	return true
}

func (s *jsonScan) takeString() bool {
	if s.state == wantsMember || s.state == wantsName {
		s.state = wantsColon
		return true
	}
	return s.takeValue()
}

// takeValue reports whether a value may come, and goes on after it.
func (s *jsonScan) takeValue() bool {
	if s.state != wantsValue && s.state != wantsElement {
		return false
	}
	s.state = wantsSeparator
	return true
}

// stringAt returns the length of the string at the beginning of s, 0 if it does not end.
func stringAt(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// literalAt returns the length of the number, true, false or null at the beginning of s.
func literalAt(s string) int {
	for _, word := range [...]string{"true", "false", "null"} {
		if len(s) >= len(word) && s[:len(word)] == word {
			return len(word)
		}
	}
	return numberAt(s)
}
