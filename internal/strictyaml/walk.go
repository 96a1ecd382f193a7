package strictyaml

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"arduino-gateway/internal/spelling"
)

// Set takes the value of a key.
type Set func(key string, n *Node)

// longestName bounds the keys of the user's choice, in bytes: each problem
// repeats them.
const longestName = 256

// Root hands the values of the whole file to the setters of their keys.
func (d *Document) Root(known map[string]Set) {
	if d.root != nil {
		d.Fields(known)("", d.root)
	}
}

// Fields hands each value of a mapping to the setter of its key.
func (d *Document) Fields(known map[string]Set) Set {
	names := slices.Sorted(maps.Keys(known))
	return func(key string, n *Node) {
		d.each(key, n, func(path, name string, at, value *Node) {
			if set := known[name]; set != nil {
				set(path, value)
				return
			}
			d.sayUnknown(key, path, name, at, names)
		})
	}
}

// sayUnknown lets the key that was likely meant count as one that is there.
func (d *Document) sayUnknown(key, path, name string, at *Node, names []string) {
	hint := cmp.Or(d.strangers[path], "known here: "+strings.Join(names, ", "))
	if near := spelling.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
		d.mark(Join(key, near))
	}
	d.Reject(at, path, "unknown key", hint)
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
	if !d.is(yaml.MappingNode, "a mapping of keys to values", key, n) {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at, value := n.Content[i], n.Content[i+1]
		if !d.isKey(key, at) {
			continue
		}
		path := Join(key, at.Value)
		if first := d.places[path]; first != nil {
			d.tell(at, path, fmt.Sprintf("the key stands in line %d already", first.Line), "remove one")
			continue
		}
		d.places[path] = at
		visit(path, at.Value, at, value)
	}
}

// isKey refuses what is no plain name. What it would have brought is not known.
func (d *Document) isKey(key string, at *Node) bool {
	switch {
	case at.Tag == "!!merge":
		d.Reject(at, key, "a merge", "write the keys out")
	case at.Kind != yaml.ScalarNode:
		d.Reject(at, key, "a key must be plain text", "put it in quotes")
	case len(at.Value) > longestName:
		d.Reject(at, key, fmt.Sprintf("a key of %d bytes; %d are allowed", len(at.Value), longestName), "")
	default:
		return d.isPlain(key, at)
	}
	return false
}

// Items visits the items of a list.
func (d *Document) Items(visit Set) Set {
	return func(key string, n *Node) {
		if !d.is(yaml.SequenceNode, "a list", key, n) {
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

// IsMapping tells whether the node is one, for keys that take less as well.
func IsMapping(n *Node) bool { return n.Kind == yaml.MappingNode }

// HasKey tells whether a mapping has the key.
func HasKey(n *Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// IsWord tells whether the node is this word, and nothing around it.
func IsWord(n *Node, word string) bool {
	return n.Kind == yaml.ScalarNode && n.Value == word && n.Anchor == "" && n.Style&yaml.TaggedStyle == 0
}

// is tells whether the node is of the kind that the key takes.
func (d *Document) is(kind yaml.Kind, what, key string, n *Node) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		d.Reject(n, key, "an alias", "write the value out; a text that begins with * needs quotes")
	case !d.isPlain(key, n):
	case n.Tag == "!!null" && n.Value == "":
		d.Reject(n, key, "there is no value; it must be "+what, shapeHint(kind, key))
	case n.Tag == "!!null":
		d.Reject(n, key, n.Value+" is no value; it must be "+what, "a text needs quotes")
	case n.Kind != kind:
		d.Reject(n, key, "must be "+what, shapeHint(kind, key))
	default:
		return true
	}
	return false
}

// shapeHint says how to write what a key takes; the whole file has no key.
func shapeHint(kind yaml.Kind, key string) string {
	switch {
	case kind == yaml.SequenceNode:
		return "such as [A, B]"
	case kind == yaml.MappingNode && key != "":
		return "write its keys below it, indented, as KEY: VALUE and without -"
	}
	return ""
}

// isPlain refuses tags, and anchors that no alias refers to: where one does,
// the alias is the problem.
func (d *Document) isPlain(key string, n *Node) bool {
	switch {
	case n.Style&yaml.TaggedStyle != 0:
		d.Reject(n, key, "a tag, "+Quote(n.Tag), "remove it; a text that begins with ! needs quotes")
	case n.Anchor != "" && !d.named[n]:
		d.Reject(n, key, "an anchor, "+Quote("&"+n.Anchor), "remove it; a text that begins with & needs quotes")
	default:
		return true
	}
	return false
}
