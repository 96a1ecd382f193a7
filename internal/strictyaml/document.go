package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"
)

// MaxSize is the most that a file may hold, in bytes. Thousands of devices fit.
const MaxSize = 1 << 20

// Node is a part of a file, with its place.
type Node = yaml.Node

// Document is one file under way. It remembers where each key stands, so that
// what is found wrong with it later can still be told with its place.
type Document struct {
	file     string
	root     *Node // nil where nothing can be walked
	problems Problems
	places   map[string]*Node
	unread   map[string]bool // keys whose value could not be taken
	above    map[string]bool // those, and every key above one
	named    map[*Node]bool  // nodes that an alias refers to

	strangers map[string]string // hints for keys that are not known, but often written
}

// Open parses the one document of a file. A file that is no YAML, or empty,
// gives a Document without fields and with a problem. needs completes the hint
// for an empty file: "it needs devices".
func Open(file string, data []byte, needs string) *Document {
	d := &Document{
		file:   file,
		places: map[string]*Node{}, unread: map[string]bool{}, above: map[string]bool{}, named: map[*Node]bool{},
	}
	d.root = d.parse(data, needs)
	if d.root == nil {
		d.mark("")
	} else {
		d.findAliases(d.root)
	}
	return d
}

// HintUnknown gives hints for keys that are not known, and are what users of other
// programs write.
func (d *Document) HintUnknown(strangers map[string]string) { d.strangers = strangers }

var top = &Node{Line: 1, Column: 1}

func (d *Document) parse(data []byte, needs string) *Node {
	if len(data) > MaxSize {
		d.tell(top, "", fmt.Sprintf("the file is larger than %d bytes", MaxSize), "is it the right one?")
		return nil
	}
	reader := yaml.NewDecoder(bytes.NewReader(data))
	document, err := decode(reader)
	if errors.Is(err, io.EOF) || err == nil && isEmpty(document) {
		d.tell(top, "", "the file is empty", needs)
		return nil
	}
	var further *Node
	if err == nil {
		further, err = decode(reader)
	}
	switch {
	case err == nil:
		d.tell(further, "", "a second document in the file", "remove the --- before it")
	case !errors.Is(err, io.EOF):
		d.saySyntax(data, err)
		return nil
	}
	return document.Content[0]
}

// decode reads the next document, at whose end err is io.EOF.
func decode(reader *yaml.Decoder) (document *Node, err error) {
	document = &Node{}
	err = reader.Decode(document)
	return document, err
}

// isEmpty: a file with nothing but --- holds a null that nobody wrote.
func isEmpty(document *Node) bool {
	root := document.Content[0]
	return root.Kind == yaml.ScalarNode && root.Value == "" && root.ShortTag() == "!!null"
}

// findAliases does not follow them: that could take for ever.
func (d *Document) findAliases(n *Node) {
	if n.Kind == yaml.AliasNode {
		d.named[n.Alias] = true
	}
	for _, child := range n.Content {
		d.findAliases(child)
	}
}

// Problems are all that was said, sorted by place.
func (d *Document) Problems() Problems {
	d.problems.sort()
	return d.problems
}

// Reject tells that the value of a key, at n, could not be taken, and what to do;
// hint may be "". The key is not Valid from then on.
func (d *Document) Reject(n *Node, key, what, hint string) {
	d.tell(n, key, what, hint)
	d.mark(key)
}

// ReportAt places a problem where the key stands, or the nearest key above it. The
// key's value was read, and remains Valid.
func (d *Document) ReportAt(key, what, hint string) {
	d.tell(d.place(key), key, what, hint)
}

// WarnAt is ReportAt for what leaves the file valid.
func (d *Document) WarnAt(key, what, hint string) {
	d.ReportAt(key, what, hint)
	d.problems[len(d.problems)-1].Warning = true
}

func (d *Document) tell(n *Node, key, what, hint string) {
	d.problems = append(d.problems, Problem{File: d.file, Line: n.Line, Column: n.Column, Key: key, What: what, Hint: hint})
}

// Apply runs a Set and tells whether the value was taken.
func (d *Document) Apply(set Set, key string, n *Node) bool {
	before := len(d.problems)
	set(key, n)
	return len(d.problems) == before
}
