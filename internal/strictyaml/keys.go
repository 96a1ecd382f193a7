package strictyaml

import (
	"strconv"
	"strings"
	"unicode"
)

// Join gives the key of a name within another key: devices, greenhouse is
// devices.greenhouse. A name that could be taken for several stands in quotes.
func Join(key, name string) string {
	odd := func(r rune) bool { return strings.ContainsRune(`.[]" `, r) || !unicode.IsPrint(r) }
	if name == "" || strings.ContainsFunc(name, odd) {
		name = strconv.Quote(name)
	}
	if key == "" {
		return name
	}
	return key + "." + name
}

// parent is the key that another one stands in; that of the file is "".
func parent(key string) string {
	return key[:max(0, strings.LastIndexAny(key, ".["))]
}

// Has tells whether the key stands in the file.
func (d *Document) Has(key string) bool { return d.places[key] != nil }

// Line is where the key stands, counted from 1.
func (d *Document) Line(key string) int { return d.place(key).Line }

// Missing tells whether the key should have been in the file: it is not there,
// neither misspelt, and whatever it would stand in could be read.
func (d *Document) Missing(key string) bool { return !d.Has(key) && d.Valid(key) }

// Valid tells whether the key, all that is in it and all that it stands in
// could be read; where not, that was told, and the value is not worth a check.
func (d *Document) Valid(key string) bool {
	if d.above[key] {
		return false
	}
	for at := key; at != ""; at = parent(at) {
		if d.unread[at] {
			return false
		}
	}
	return !d.unread[""]
}

func (d *Document) mark(key string) {
	d.unread[key] = true
	for at := key; !d.above[at]; at = parent(at) {
		d.above[at] = true
	}
}

func (d *Document) place(key string) *Node {
	for at := key; ; at = parent(at) {
		if n := d.places[at]; n != nil {
			return n
		}
		if at == "" {
			return top
		}
	}
}
