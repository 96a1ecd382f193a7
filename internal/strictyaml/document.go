package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"
)

// MaxSize is the largest file, in bytes. Thousands of devices fit.
const MaxSize = 1 << 20

// Node is a part of a file, with its place.
type Node = yaml.Node

// Document is one file that is being read. It remembers the place of each key, so
// that a later check can report a problem there.
type Document struct {
	file     string
	root     *Node // nil: there is nothing to walk
	problems Problems
	places   map[string]*Node
	invalid  map[string]bool // keys whose value was rejected
	above    map[string]bool // those keys, and every key above one
	aliased  map[*Node]bool  // nodes that an alias refers to

	hints map[string]string // for unknown keys
}

// Open parses the one document of a file. If the file is empty or not YAML, the
// Document has no fields and one problem. needs is the hint for an empty file: "it
// needs devices".
func Open(file string, data []byte, needs string) *Document {
	d := &Document{
		file:   file,
		places: map[string]*Node{}, invalid: map[string]bool{}, above: map[string]bool{}, aliased: map[*Node]bool{},
	}
	d.root = d.parse(data, needs)
	if d.root == nil {
		d.markInvalid("")
	} else {
		d.findAliases(d.root)
	}
	return d
}

// HintUnknown sets hints for unknown keys that users of other programs often write.
func (d *Document) HintUnknown(hints map[string]string) { d.hints = hints }

var top = &Node{Line: 1, Column: 1}

func (d *Document) parse(data []byte, needs string) *Node {
	if len(data) > MaxSize {
		d.add(top, "", fmt.Sprintf("the file is larger than %d bytes", MaxSize), "is it the right one?")
		return nil
	}
	reader := yaml.NewDecoder(bytes.NewReader(data))
	document, err := decode(reader)
	if errors.Is(err, io.EOF) || err == nil && isEmpty(document) {
		d.add(top, "", "the file is empty", needs)
		return nil
	}
	var further *Node
	if err == nil {
		further, err = decode(reader)
	}
	switch {
	case err == nil:
		d.add(further, "", "the file has a second document", "remove the --- before it")
	case !errors.Is(err, io.EOF):
		d.addSyntax(data, err)
		return nil
	}
	return document.Content[0]
}

// decode reads the next document; err is io.EOF if there is none.
func decode(reader *yaml.Decoder) (document *Node, err error) {
	document = &Node{}
	err = reader.Decode(document)
	return document, err
}

// isEmpty reports whether the document is an unwritten null, as in a file with only
// ---.
func isEmpty(document *Node) bool {
	root := document.Content[0]
	return root.Kind == yaml.ScalarNode && root.Value == "" && root.ShortTag() == "!!null"
}

// findAliases notes what aliases refer to. It does not follow them: that could take
// forever.
func (d *Document) findAliases(n *Node) {
	if n.Kind == yaml.AliasNode {
		d.aliased[n.Alias] = true
	}
	for _, child := range n.Content {
		d.findAliases(child)
	}
}

// Problems returns everything that was reported, sorted by place.
func (d *Document) Problems() Problems {
	d.problems.sort()
	return d.problems
}

// Reject reports that the value of a key, at n, is wrong, and what to do; hint may
// be "". The key is not Valid from then on.
func (d *Document) Reject(n *Node, key, what, hint string) {
	d.add(n, key, what, hint)
	d.markInvalid(key)
}

// ReportAt reports a problem at the place of the key, or of the nearest key above
// it. The key's value remains Valid.
func (d *Document) ReportAt(key, what, hint string) {
	d.add(d.place(key), key, what, hint)
}

// WarnAt is ReportAt for a problem that leaves the file valid.
func (d *Document) WarnAt(key, what, hint string) {
	d.warn(d.place(key), key, what, hint)
}

func (d *Document) warn(n *Node, key, what, hint string) {
	d.add(n, key, what, hint)
	d.problems[len(d.problems)-1].Warning = true
}

func (d *Document) add(n *Node, key, what, hint string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: n.Line, Column: n.Column, Key: key, What: what, Hint: hint})
}

// Apply runs a Set and reports whether it accepted the value.
func (d *Document) Apply(set Set, key string, n *Node) bool {
	before := len(d.problems)
	set(key, n)
	return d.problems[before:].Err() == nil
}
