package strictyaml

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// Word processors and chat programs put typographic quotes in the place of straight
// ones. YAML takes them for a part of the value.
const (
	opening = "“”„‟‘’‚‛"
	closing = opening + `"'`
)

// typographic reports whether a value without quotes stands in typographic ones, and
// returns what is between them. In straight quotes they are meant: '“a”'.
//
//	“pi”
func typographic(n *Node) (inner string, is bool) {
	text := []rune(n.Value)
	if n.Style&^yaml.FlowStyle != 0 || len(text) < 2 ||
		!strings.ContainsRune(opening, text[0]) || !strings.ContainsRune(closing, text[len(text)-1]) {
		return "", false
	}
	return string(text[1 : len(text)-1]), true
}

// simple matches a value that needs no quotes.
var simple = regexp.MustCompile(`^[\w./:-]+$`)

// typographicHint returns how to write what stands in typographic quotes.
func typographicHint(inner string) string {
	switch {
	case simple.MatchString(inner):
		return "write " + shorten(inner) + ", without quotes"
	case strings.ContainsAny(inner, `"\`):
		return "use straight quotes"
	}
	return "write " + Quote(inner)
}

// variable matches how other programs' files refer to the environment.
var variable = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}|^\$[A-Za-z_][A-Za-z0-9_]*$`)

// warnOfVariables warns of a value that looks as if it came from the environment.
func (d *Document) warnOfVariables(key string, n *Node) {
	if name := variable.FindString(n.Value); name != "" {
		d.warn(n, key, Quote(name)+" is not expanded: the value is taken as it is written", "write the value itself")
	}
}
