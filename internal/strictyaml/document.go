package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Node is a part of a file, with its place.
type Node = yaml.Node

// Set takes the value of a key.
type Set func(key string, n *Node)

// Document is one file under way. It remembers where each key stands, so that
// what is found wrong with it later can still be told with its place.
type Document struct {
	file     string
	root     *Node // nil where nothing can be walked
	problems Problems
	places   map[string]*Node
}

// Open parses the one document of a file. A file that is no YAML, or empty,
// gives a Document without fields and with a problem. needs completes the hint
// for an empty file: "it needs devices".
func Open(file string, data []byte, needs string) *Document {
	d := &Document{file: file, places: map[string]*Node{}}
	d.root = d.parse(data, needs)
	return d
}

// Problems are all that was said, sorted by place.
func (d *Document) Problems() Problems {
	d.problems.sort()
	return d.problems
}

// Say tells that the value at n is wrong, and what to do; hint may be "".
func (d *Document) Say(n *Node, key, what, hint string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: n.Line, Column: n.Column, Key: key, What: what, Hint: hint})
}

// SayAt places a problem where the key stands, or the nearest key above it.
func (d *Document) SayAt(key, what, hint string) {
	d.Say(d.place(key), key, what, hint)
}

// WarnAt is SayAt for what leaves the file valid.
func (d *Document) WarnAt(key, what, hint string) {
	d.SayAt(key, what, hint)
	d.problems[len(d.problems)-1].Warning = true
}

// Has tells whether the key stands in the file.
func (d *Document) Has(key string) bool { return d.places[key] != nil }

// Line is where the key stands, counted from 1.
func (d *Document) Line(key string) int { return d.place(key).Line }

func (d *Document) place(key string) *Node {
	for at := key; ; at = at[:max(0, strings.LastIndexAny(at, ".["))] {
		if n := d.places[at]; n != nil {
			return n
		}
		if at == "" {
			return &Node{Line: 1, Column: 1}
		}
	}
}

var yamlPlace = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func (d *Document) parse(data []byte, needs string) *Node {
	reader := yaml.NewDecoder(bytes.NewReader(data))
	var document, further Node
	top := &Node{Line: 1, Column: 1}
	if err := reader.Decode(&document); errors.Is(err, io.EOF) {
		d.Say(top, "", "the file is empty", needs)
		return nil
	} else if err != nil {
		d.saySyntax(err)
		return nil
	}
	if err := reader.Decode(&further); !errors.Is(err, io.EOF) {
		if further.Line > 0 {
			top = &further
		}
		d.Say(top, "", "a second document in the file", "remove the --- before it")
	}
	return document.Content[0]
}

// saySyntax takes the place out of a message such as
// "yaml: line 3: did not find expected key".
func (d *Document) saySyntax(err error) {
	text := err.Error()
	found := yamlPlace.FindStringSubmatch(text)
	line := 1
	if found != nil {
		text = text[len(found[0]):]
		if n, err := strconv.Atoi(found[1]); err == nil {
			line = n
		}
	}
	d.Say(&Node{Line: line, Column: 1}, "", "not YAML: "+text, "")
}

// Root hands the values of the whole file to the setters of their keys.
func (d *Document) Root(known map[string]Set) {
	if d.root != nil {
		d.fields("", d.root, known)
	}
}

// Fields hands each value of a mapping to the setter of its key.
func (d *Document) Fields(known map[string]Set) Set {
	return func(key string, n *Node) { d.fields(key, n, known) }
}

func (d *Document) fields(key string, n *Node, known map[string]Set) {
	d.each(key, n, func(path, name string, at, value *Node) {
		if set := known[name]; set != nil {
			set(path, value)
			return
		}
		names := slices.Sorted(maps.Keys(known))
		hint := "known here: " + strings.Join(names, ", ")
		if near := nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		d.Say(at, path, "unknown key", hint)
	})
}

// Each visits the entries of a mapping with names of the user's choice, in the
// file's order; path is the key of the whole entry.
func (d *Document) Each(visit func(path, name string, value *Node)) Set {
	return func(key string, n *Node) {
		d.each(key, n, func(path, name string, _, value *Node) { visit(path, name, value) })
	}
}

func (d *Document) each(key string, n *Node, visit func(path, name string, at, value *Node)) {
	if d.places[key] == nil { // of a list or the file itself; else its key stands there
		d.places[key] = n
	}
	if !d.kind(key, n, yaml.MappingNode, "a mapping of keys to values") {
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at, value := n.Content[i], n.Content[i+1]
		path := strings.TrimPrefix(key+"."+at.Value, ".")
		if at.Kind != yaml.ScalarNode || at.Tag == "!!merge" {
			d.Say(at, key, "a key must be plain text", "")
			continue
		}
		if line, twice := seen[at.Value]; twice {
			d.Say(at, path, fmt.Sprintf("the key stands in line %d already", line), "remove one")
			continue
		}
		seen[at.Value] = at.Line
		d.places[path] = at
		visit(path, at.Value, at, value)
	}
}

// Items visits the items of a list.
func (d *Document) Items(visit Set) Set {
	return func(key string, n *Node) {
		if !d.kind(key, n, yaml.SequenceNode, "a list") {
			return
		}
		for i, item := range n.Content {
			path := fmt.Sprintf("%s[%d]", key, i)
			d.places[path] = item
			visit(path, item)
		}
	}
}

// IsList tells whether the node is one, for keys that take a value or several.
func IsList(n *Node) bool { return n.Kind == yaml.SequenceNode }

func (d *Document) kind(key string, n *Node, kind yaml.Kind, what string) bool {
	switch {
	case n.Kind == kind && n.Tag != "!!null":
		return true
	case n.Kind == yaml.AliasNode:
		d.Say(n, key, "an alias", "write the value out")
	case n.Tag == "!!null":
		d.Say(n, key, "there is no value; it must be "+what, "")
	default:
		d.Say(n, key, "must be "+what, "")
	}
	return false
}
