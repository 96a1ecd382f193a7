package strictyaml

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

var yamlPlace = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxHints are the likely remedies, by words of the parser's message.
var syntaxHints = []struct{ words, hint string }{
	{"cannot start any token", "put the value in quotes"},
	{"did not find expected key", "check the indentation of this line, and that each quote is closed"},
	{"'-' indicator", "check the indentation: a list takes no keys"},
	{"mapping values are not allowed", "check the indentation, and the space after each colon, here and in the line above; a value with a colon in it needs quotes"},
	{"could not find expected ':'", "a key needs a colon and a space after it"},
	{"end of stream", "a quote is not closed"},
	{"',' or", "close the bracket, or add a comma"},
	{"escape character", `a backslash needs single quotes, or a second one`},
	{"unknown anchor", "a text that begins with * needs quotes"},
	{"incompatible YAML document", "remove the line that begins with %YAML"},
	{"UTF-8", "save the file as UTF-8"},
	{"control characters", "remove it"},
	{"node content", "put the value in quotes"},
}

// addSyntax reports an error of the parser, such as
//
//	yaml: line 3: did not find expected key
//
// Its line is the one where the parser began to expect something, or one above, or
// missing.
func (d *Document) addSyntax(data []byte, err error) {
	text, line := err.Error(), 0
	if found := yamlPlace.FindStringSubmatch(text); found != nil {
		text = text[len(found[0]):]
		line, _ = strconv.Atoi(found[1])
	}
	at, faulty := fault(data, line)
	d.add(at, "", "not YAML: "+text, syntaxHint(text, faulty))
}

func syntaxHint(text, faulty string) string {
	if strings.Contains(faulty[:indent(faulty)], "\t") {
		return "indent with spaces, not with a tab"
	}
	if strings.ContainsAny(faulty, "“”„‟") {
		return "this line has typographic quotes: use straight ones"
	}
	for _, h := range syntaxHints {
		if strings.Contains(text, h.words) {
			return h.hint
		}
	}
	return ""
}

// indent returns how many bytes of blanks a line begins with.
func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// fault returns where the parser cannot go on, and that line; blamed is the line in
// its message.
func fault(data []byte, blamed int) (at *Node, text string) {
	lines := bytes.SplitAfter(data, []byte("\n"))
	line := faultyLine(lines, blamed, failedIn(data))
	text = string(lines[line-1])
	return &Node{Line: line, Column: indent(text) + 1}, text
}

// faultyLine returns the line that makes the file unreadable: the blamed one, the
// next one, or one of the last that were read. It does not look for a bracket that
// was opened long before.
func faultyLine(lines [][]byte, blamed, last int) int {
	good := func(upTo int) bool { return readable(bytes.Join(lines[:upTo], nil)) }
	for _, line := range []int{blamed, blamed + 1} {
		if line >= 1 && line <= last && !good(line) && good(line-1) {
			return line
		}
	}
	const back = 4
	for line := last; line > max(0, last-back); line-- {
		if good(line - 1) {
			return line
		}
	}
	return last
}

func readable(data []byte) bool {
	return readAll(bytes.NewReader(data)) == nil
}

func readAll(r io.Reader) error {
	for reader := yaml.NewDecoder(r); ; {
		if _, err := decode(reader); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// failedIn returns the line up to which the parser has read when it gives up.
func failedIn(data []byte) int {
	r := &lineReader{rest: data}
	_ = readAll(r) // it fails, as before
	return max(1, r.lines)
}

// lineReader reads at most one line at a time.
type lineReader struct {
	rest  []byte
	lines int // begun so far
	mid   bool
}

func (r *lineReader) Read(to []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	if !r.mid {
		r.lines++
	}
	n := min(len(to), len(r.rest))
	if end := bytes.IndexByte(r.rest[:n], '\n'); end >= 0 {
		n = end + 1
	}
	copy(to, r.rest[:n])
	r.mid = r.rest[n-1] != '\n'
	r.rest = r.rest[n:]
	return n, nil
}
