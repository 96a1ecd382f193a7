package lineformat

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds objects within objects.
const maxDepth = 16

// readJSON reads one object, or one array, whose values are value_1, value_2, … or have the
// names of the columns. It joins the names of an inner object to its own
// (bme_temperature), and numbers the values of an array (analog_1). Numbers stay
// as written. nan, inf and ovf are accepted, since sketches that build their
// JSON by hand print them. null is not a reading.
//
//	{"temperature":23.50,"bme":{"humidity":40.2},"analog":[511,204]}
func (p *Parser) readJSON(text string) error {
	p.path = p.path[:0]
	r := jsonReader{p: p, s: text}
	if err := r.outermost(); err != nil {
		return err
	}
	if r.skip(); r.i < len(text) {
		return r.unexpected("the end of the line")
	}
	return nil
}

func (r *jsonReader) outermost() error {
	switch {
	case strings.HasPrefix(r.s, "{"):
		return r.object(1)
	case !strings.HasPrefix(r.s, "["):
		return fmt.Errorf("not a JSON object: %s", quote(r.s))
	}
	p := r.p
	p.path = append(p.path, "value"...)
	if err := r.array(1); err != nil {
		return err
	}
	for i := range p.out {
		if len(p.columns) != len(p.out) || p.out[i].Name != p.number(i) {
			return nil
		}
	}
	for i := range p.out {
		p.out[i].Name = p.columns[i]
	}
	return nil
}

// jsonReader reads one line; i is the index of its next byte.
type jsonReader struct {
	p *Parser
	s string
	i int
}

// skip advances to the next byte that is not a space and returns it, 0 at the
// end.
func (r *jsonReader) skip() byte {
	for r.i < len(r.s) {
		if c := r.s[r.i]; c != ' ' && c != '\t' {
			return c
		}
		r.i++
	}
	return 0
}

func (r *jsonReader) unexpected(wanted string) error {
	if r.i >= len(r.s) {
		return fmt.Errorf("JSON ends where %s is expected", wanted)
	}
	return fmt.Errorf("JSON byte %d: expected %s, not %s", r.i+1, wanted, quote(r.s[r.i:]))
}

// object reads {"name":value,…}; i is at the brace.
func (r *jsonReader) object(depth int) error {
	return r.members('}', func(n int) error {
		if r.skip() != '"' {
			return r.unexpected(`a name in quotes`)
		}
		name, err := r.text()
		if err != nil {
			return err
		}
		if r.skip() != ':' {
			return r.unexpected(`":"`)
		}
		r.i++
		return r.within(name, depth)
	})
}

// array reads [value,…]; i is at the bracket.
func (r *jsonReader) array(depth int) error {
	return r.members(']', func(n int) error {
		return r.within(strconv.Itoa(n), depth)
	})
}

// members reads the members between brackets, with commas between them; n counts
// from 1.
func (r *jsonReader) members(end byte, member func(n int) error) error {
	r.i++
	if r.skip() == end {
		r.i++
		return nil
	}
	for n := 1; ; n++ {
		if err := member(n); err != nil {
			return err
		}
		switch r.skip() {
		case ',':
			r.i++
		case end:
			r.i++
			return nil
		default:
			return r.unexpected(`"," or "` + string(end) + `"`)
		}
	}
}

// within reads a value with name joined to the path.
func (r *jsonReader) within(name string, depth int) error {
	p := r.p
	length := len(p.path)
	if length > 0 {
		p.path = append(p.path, '_')
	}
	p.path = append(p.path, name...)
	err := r.value(depth)
	p.path = p.path[:length]
	return err
}

func (r *jsonReader) value(depth int) error {
	c := r.skip()
	if (c == '{' || c == '[') && depth == maxDepth {
		return fmt.Errorf("JSON byte %d: more than %d levels deep", r.i+1, maxDepth)
	}
	switch c {
	case '{':
		return r.object(depth + 1)
	case '[':
		return r.array(depth + 1)
	case '"':
		text, err := r.text()
		if err != nil {
			return err
		}
		if strings.ContainsFunc(text, control) {
			return fmt.Errorf("%q contains a control character", r.p.path)
		}
		return r.add(text)
	}
	return r.literal()
}

func (r *jsonReader) literal() error {
	rest := r.s[r.i:]
	if strings.HasPrefix(rest, "null") {
		r.i += len("null")
		return nil
	}
	n := numberAt(rest)
	for _, word := range [...]string{"true", "false"} {
		if strings.HasPrefix(rest, word) {
			n = len(word)
		}
	}
	if n == 0 {
		return r.unexpected("a value")
	}
	r.i += n
	return r.add(rest[:n])
}

func (r *jsonReader) add(value string) error {
	name := r.p.names.ofBytes(r.p.path)
	if name == "" {
		return fmt.Errorf("no name in %q", r.p.path)
	}
	r.p.add(name, value, "")
	return nil
}

// text reads a string; i is at the opening quote. Without escapes the string is
// a part of the line, not a copy.
func (r *jsonReader) text() (string, error) {
	start := r.i
	escaped := false
	for i := start + 1; i < len(r.s); i++ {
		switch r.s[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			r.i = i + 1
			if !escaped {
				return r.s[start+1 : i], nil
			}
			return unescape(r.s[start : i+1])
		}
	}
	return "", errors.New("JSON ends within a string")
}

func unescape(quoted string) (text string, err error) {
	if err := json.Unmarshal([]byte(quoted), &text); err != nil {
		return "", fmt.Errorf("JSON string %s: %w", quote(quoted[1:len(quoted)-1]), err)
	}
	return text, nil
}

// echoes are words before an object that says again what other lines say.
var echoes = []string{"payload", "publish", "send", "sent", "post", "request", "response", "topic", "mqtt", "http"}

// readObject reads an object with a word before it. What a board prints of its messages
// to others is no reading.
//
//	DATA: {"t":23.5}    Full payload: {"distance":"34"}
func (p *Parser) readObject(text string) error {
	before, _, _ := strings.Cut(text, "{")
	name := strings.TrimRight(before, ":=-> ")
	topic := name[strings.LastIndexByte(name, ':')+1:] // MQT: tele/plug/SENSOR = {…}, of Tasmota
	if !namesColumn(topic) || containsAny(strings.ToLower(name), echoes...) {
		return fmt.Errorf("not a JSON object, pairs or numbers: %s", quote(text))
	}
	return p.readJSON(text[len(before):])
}
