package strictyaml

import (
	"strconv"
	"strings"
	"unicode"
)

// Join returns the key of a name within another key: devices.greenhouse for devices
// and greenhouse. A name that could be read as several keys is quoted.
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

// parent returns the key that contains this one; "" is the whole file.
func parent(key string) string {
	return key[:max(0, strings.LastIndexAny(key, ".["))]
}

// Has reports whether the key is in the file.
func (d *Document) Has(key string) bool { return d.places[key] != nil }

// Line returns the line of the key, from 1.
func (d *Document) Line(key string) int { return d.place(key).Line }

// Missing reports whether the key is not in the file, not even misspelt, and the
// keys above it could be read.
func (d *Document) Missing(key string) bool { return !d.Has(key) && d.Valid(key) }

// Valid reports whether the key, everything in it and every key above it could be
// read. If not, a problem was reported, and a check of the value makes no sense.
func (d *Document) Valid(key string) bool {
	if d.above[key] {
		return false
	}
	for at := key; at != ""; at = parent(at) {
		if d.invalid[at] {
			return false
		}
	}
	return !d.invalid[""]
}

func (d *Document) markInvalid(key string) {
	d.invalid[key] = true
	for at := key; !d.above[at]; at = parent(at) {
		d.above[at] = true
	}
}

// place returns the node of the key, or of the nearest key above it.
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
