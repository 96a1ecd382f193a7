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

// Set reads the value of a key, or rejects it.
type Set func(key string, n *Node)

// longestName is the longest key that the user chooses, in bytes: each problem
// repeats it.
const longestName = 256

// Root passes each value at the top of the file to the Set of its key.
func (d *Document) Root(known map[string]Set) {
	if d.root != nil {
		d.Fields(known)("", d.root)
	}
}

// Fields passes each value of a mapping to the Set of its key.
func (d *Document) Fields(known map[string]Set) Set {
	names := slices.Sorted(maps.Keys(known))
	return func(key string, n *Node) {
		d.each(key, n, func(path, name string, at, value *Node) {
			if set := known[name]; set != nil {
				set(path, value)
				return
			}
			d.rejectUnknown(key, path, name, at, names)
		})
	}
}

// rejectUnknown marks the key that was probably meant, so that it is not Missing.
func (d *Document) rejectUnknown(key, path, name string, at *Node, names []string) {
	hint := "known keys: " + strings.Join(names, ", ")
	if near := spelling.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
		d.markInvalid(Join(key, near))
	}
	d.Reject(at, path, "unknown key", cmp.Or(d.hints[path], hint))
}

// Each visits the entries of a mapping whose names the user chooses, in the file's
// order; path is the key of the whole entry.
func (d *Document) Each(visit func(path, name string, value *Node)) Set {
	return func(key string, n *Node) {
		d.each(key, n, func(path, name string, _, value *Node) { visit(path, name, value) })
	}
}

func (d *Document) each(key string, n *Node, visit func(path, name string, at, value *Node)) {
	if d.places[key] == nil { // an item of a list, or the whole file; others have the place of their key
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
			d.add(at, path, fmt.Sprintf("duplicate key; the first is in line %d", first.Line), "remove one")
			continue
		}
		d.places[path] = at
		visit(path, at.Value, at, value)
	}
}

// isKey rejects a key that is not a plain name, together with the key above it: what
// the entry would have set is not known.
func (d *Document) isKey(key string, at *Node) bool {
	switch {
	case at.Tag == "!!merge":
		d.Reject(at, key, "merge keys are not supported", "write the keys out")
	case at.Kind != yaml.ScalarNode:
		d.Reject(at, key, "a key must be plain text", "put it in quotes")
	case len(at.Value) > longestName:
		d.Reject(at, key, fmt.Sprintf("a key is %d bytes long; at most %d are allowed", len(at.Value), longestName), "")
	default:
		return d.isPlain(key, at) && d.isStraight(key, at)
	}
	return false
}

// isStraight rejects a key in typographic quotes.
func (d *Document) isStraight(key string, at *Node) bool {
	inner, is := typographic(at)
	if is {
		d.Reject(at, key, "the quotes of the key "+shorten(at.Value)+" are typographic, and YAML knows only straight ones", typographicHint(inner))
	}
	return !is
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

// IsList reports whether the node is a list.
func IsList(n *Node) bool { return n.Kind == yaml.SequenceNode }

// IsMapping reports whether the node is a mapping.
func IsMapping(n *Node) bool { return n.Kind == yaml.MappingNode }

// HasKey reports whether a mapping has the key.
func HasKey(n *Node, key string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// IsWord reports whether the node is exactly this word.
func IsWord(n *Node, word string) bool {
	return n.Kind == yaml.ScalarNode && n.Value == word && n.Anchor == "" && n.Style&yaml.TaggedStyle == 0
}

// is reports whether the node has the kind that the key needs, and rejects others.
func (d *Document) is(kind yaml.Kind, what, key string, n *Node) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		d.Reject(n, key, "aliases are not supported", "write the value out; a text that begins with * needs quotes")
	case !d.isPlain(key, n):
	case n.Tag == "!!null" && n.Value == "":
		d.Reject(n, key, "has no value; it must be "+what, shapeHint(kind, key))
	case n.Tag == "!!null":
		d.Reject(n, key, n.Value+" is not a value; it must be "+what, "a text needs quotes")
	case n.Kind != kind:
		d.Reject(n, key, "must be "+what, shapeHint(kind, key))
	default:
		return true
	}
	return false
}

// shapeHint returns how to write the value of a key; the whole file has no key.
func shapeHint(kind yaml.Kind, key string) string {
	switch {
	case kind == yaml.SequenceNode:
		return "such as [A, B]"
	case kind == yaml.MappingNode && key != "":
		return "write its keys below it, indented, as KEY: VALUE and without -"
	}
	return ""
}

// isPlain rejects tags, and anchors without an alias. If there is one, the alias is
// the problem.
func (d *Document) isPlain(key string, n *Node) bool {
	switch {
	case n.Style&yaml.TaggedStyle != 0:
		d.Reject(n, key, "tags are not supported: "+Quote(n.Tag), "remove it; a text that begins with ! needs quotes")
	case n.Anchor != "" && !d.aliased[n]:
		d.Reject(n, key, "anchors are not supported: "+Quote("&"+n.Anchor), "remove it; a text that begins with & needs quotes")
	default:
		return true
	}
	return false
}
