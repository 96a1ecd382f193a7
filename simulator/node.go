package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// decoder walks the nodes of a YAML file and remembers where each key stands, so
// that whatever is found wrong with it, even later, can be told with its place.
type decoder struct {
	file     string
	problems Problems
	places   map[string]*yaml.Node
}

// setter takes one value of a mapping.
type setter func(key string, n *yaml.Node)

func (d *decoder) say(n *yaml.Node, key, format string, args ...any) {
	d.problems = append(d.problems, Problem{d.file, n.Line, n.Column, key, fmt.Sprintf(format, args...)})
}

// sayAt places a problem where the key stands, or the nearest key above it.
func (d *decoder) sayAt(key, what string) {
	at := key
	for d.places[at] == nil && at != "" {
		at = at[:max(0, strings.LastIndexAny(at, ".["))]
	}
	d.say(d.places[at], key, "%s", what)
}

var yamlPlace = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// root parses the file; nil if there is nothing to walk.
func (d *decoder) root(data []byte) *yaml.Node {
	reader := yaml.NewDecoder(strings.NewReader(string(data)))
	var document, further yaml.Node
	top := &yaml.Node{Line: 1, Column: 1}
	if err := reader.Decode(&document); errors.Is(err, io.EOF) {
		d.say(top, "", "the file is empty (hint: it needs boards)")
		return nil
	} else if err != nil {
		d.saySyntax(err)
		return nil
	}
	if err := reader.Decode(&further); !errors.Is(err, io.EOF) {
		if further.Line > 0 {
			top = &further
		}
		d.say(top, "", "a second document (hint: one scenario a file)")
	}
	return document.Content[0]
}

// saySyntax takes the place out of a message such as
// "yaml: line 3: did not find expected key".
func (d *decoder) saySyntax(err error) {
	text := err.Error()
	found := yamlPlace.FindStringSubmatch(text)
	line := 1
	if found != nil {
		text = text[len(found[0]):]
		if n, err := strconv.Atoi(found[1]); err == nil {
			line = n
		}
	}
	d.say(&yaml.Node{Line: line, Column: 1}, "", "not YAML: %s", text)
}

// fields hands each value of a mapping to the setter of its key.
func (d *decoder) fields(key string, n *yaml.Node, known map[string]setter) {
	d.each(key, n, func(path, name string, keyNode, value *yaml.Node) {
		if set := known[name]; set != nil {
			set(path, value)
			return
		}
		hint := ""
		if near := nearest(name, slices.Sorted(maps.Keys(known))); near != "" {
			hint = fmt.Sprintf(" (hint: did you mean %q?)", near)
		}
		d.say(keyNode, path, "unknown key%s", hint)
	})
}

// each goes through a mapping in the file's order.
func (d *decoder) each(key string, n *yaml.Node, visit func(path, name string, keyNode, value *yaml.Node)) {
	if d.places[key] == nil { // of a list or the file itself; else its key stands there
		d.places[key] = n
	}
	if !d.kind(key, n, yaml.MappingNode, "a mapping of keys to values") {
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, value := n.Content[i], n.Content[i+1]
		path := strings.TrimPrefix(key+"."+k.Value, ".")
		if k.Kind != yaml.ScalarNode || k.Tag == "!!merge" {
			d.say(k, key, "a key must be plain text")
			continue
		}
		if seen[k.Value] {
			d.say(k, path, "the key stands here twice")
			continue
		}
		seen[k.Value] = true
		d.places[path] = k
		visit(path, k.Value, k, value)
	}
}

// items goes through a list.
func (d *decoder) items(key string, n *yaml.Node, visit setter) {
	if !d.kind(key, n, yaml.SequenceNode, "a list") {
		return
	}
	for i, item := range n.Content {
		path := fmt.Sprintf("%s[%d]", key, i)
		d.places[path] = item
		visit(path, item)
	}
}

func (d *decoder) kind(key string, n *yaml.Node, kind yaml.Kind, what string) bool {
	switch {
	case n.Kind == kind:
		return true
	case n.Kind == yaml.AliasNode:
		d.say(n, key, "an alias (hint: write the value out)")
	default:
		d.say(n, key, "must be %s", what)
	}
	return false
}

// text takes a value as it is written: off, 1 and "1" are texts too.
func (d *decoder) text(to *string) setter {
	return func(key string, n *yaml.Node) {
		if d.kind(key, n, yaml.ScalarNode, "a text") {
			*to = n.Value
		}
	}
}

// word takes a text into a type of its own.
func word[T ~string](d *decoder, to *T) setter {
	return func(key string, n *yaml.Node) {
		var text string
		d.text(&text)(key, n)
		*to = T(text)
	}
}

func (d *decoder) flag(to *bool) setter {
	return func(key string, n *yaml.Node) {
		if d.kind(key, n, yaml.ScalarNode, "true or false") && n.Decode(to) != nil {
			d.say(n, key, "%q is not true or false", n.Value)
		}
	}
}

func (d *decoder) number(to *float64) setter {
	return func(key string, n *yaml.Node) {
		if d.kind(key, n, yaml.ScalarNode, "a number") && n.Decode(to) != nil {
			d.say(n, key, "%q is not a number", n.Value)
		}
	}
}

// whole takes a whole number from low to high.
func whole[T ~int | ~int64 | ~uint64](d *decoder, to *T, low, high int64) setter {
	return func(key string, n *yaml.Node) {
		if !d.kind(key, n, yaml.ScalarNode, "a whole number") {
			return
		}
		v, err := strconv.ParseInt(n.Value, 10, 64)
		if err != nil || v < low || v > high {
			d.say(n, key, "%q is not a whole number from %d to %d", n.Value, low, high)
			return
		}
		*to = T(v)
	}
}

// duration takes a time such as 500ms; at least low.
func (d *decoder) duration(to *time.Duration, low time.Duration) setter {
	return func(key string, n *yaml.Node) {
		if !d.kind(key, n, yaml.ScalarNode, "a time") {
			return
		}
		v, err := time.ParseDuration(n.Value)
		if err != nil || v < low || v > 100*365*24*time.Hour {
			d.say(n, key, "%q is not a time of at least %v (hint: such as 500ms, 2s, 1m30s)", n.Value, low)
			return
		}
		*to = v
	}
}

func (d *decoder) sorted() error {
	if len(d.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	return d.problems
}
