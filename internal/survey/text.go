package survey

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	_ "embed"

	"arduino-gateway/internal/deviceid"
)

// File is the content of a generated devices.yaml.
type File struct {
	Broker  string   // mqtt://127.0.0.1:1883, or embedded
	Listen  string   // of the built-in broker, if the default address is in use; else ""
	Secured bool     // the broker requires a user
	Taken   []string // device IDs that no board may get: another gateway has them
	Boards  []Heard
}

//go:embed devices.yaml.tmpl
var fileText string

var fileTemplate = template.Must(template.New("devices.yaml").Funcs(template.FuncMap{"quote": strconv.Quote, "show": show, "key": key, "idKey": idKey}).Parse(fileText))

// Text returns the text of the devices.yaml.
func (f File) Text() (string, error) {
	var text strings.Builder
	entries := f.entries()
	err := fileTemplate.Execute(&text, struct {
		File
		Entries []entry
		Auto    bool // mention devices: auto
	}{f, entries, slices.ContainsFunc(entries, func(e entry) bool { return e.Hello != nil })})
	return text.String(), err
}

// entries assigns an ID to each board: the one in its hello, else one made from its name. It
// gets a number if the ID is taken.
func (f File) entries() []entry {
	entries, taken := make([]entry, len(f.Boards)), map[string]bool{}
	for _, id := range f.Taken {
		taken[id] = true
	}
	free := func(id string) string {
		id = deviceid.Free(id, func(id string) bool { return taken[id] })
		taken[id] = true
		return id
	}
	for i, h := range f.Boards {
		entries[i].Heard = h
		if h.Hello != nil {
			entries[i].ID = free(h.Hello.ID)
		}
	}
	for i, h := range f.Boards {
		if h.Hello == nil {
			entries[i].Contents, entries[i].ID = Digest(h.Lines), free(deviceid.ForBoard(h.Port.Name()))
		}
	}
	return entries
}

// entry is a device of the file.
type entry struct {
	Heard
	Contents
	ID string
}

// Rate returns the value of baud:.
func (h Heard) Rate() string {
	if h.Baud == 0 {
		return "auto"
	}
	return strconv.Itoa(h.Baud)
}

// Describes returns what a hello describes: readings temperature °C; commands fan, led
func (h Heard) Describes() string {
	var readings []string
	for _, name := range slices.Sorted(maps.Keys(h.Hello.Readings)) {
		readings = append(readings, strings.TrimSpace(name+" "+h.Hello.Readings[name].Unit))
	}
	list := func(what string, names []string) string {
		return what + " " + cmp.Or(strings.Join(names, ", "), "none")
	}
	return list("readings", readings) + "; " + list("commands", slices.Sorted(maps.Keys(h.Hello.Commands)))
}

// Prints returns what kind of lines the board prints, or why there are none.
func (e entry) Prints() string {
	switch {
	case len(e.Kinds) > 0:
		return "prints " + strings.Join(e.Kinds, ", and ")
	case len(e.Lines) > 0:
		return "prints lines that are not understood: format: text publishes them whole, pattern: parts of them"
	case e.Problem != "":
		return e.Problem
	case e.Bytes > 0:
		return "sent bytes, but no text"
	}
	return "sent nothing: does its sketch print with Serial.println?"
}

// SuggestedColumns returns columns for numbers without a name; "" if there are none.
func (e entry) SuggestedColumns() string {
	if e.Numbers == 0 {
		return ""
	}
	names := []string{"temperature", "humidity", "pressure"}
	for i := len(names); i < e.Numbers; i++ {
		names = append(names, fmt.Sprint("name_", i+1))
	}
	return strings.Join(names[:e.Numbers], ", ")
}

// ColumnList returns the columns as YAML.
func (e entry) ColumnList() string {
	keys := make([]string, len(e.Columns))
	for i, c := range e.Columns {
		keys[i] = key(c)
	}
	return strings.Join(keys, ", ")
}

// NotUnderstood returns a few lines that were not understood.
func (e entry) NotUnderstood() []Refusal { return e.Refused[:min(len(e.Refused), mostExamples)] }

// Spec returns the reading's entry as YAML.
func (f Sample) Spec() string {
	if f.Unit == "" {
		return "{}"
	}
	return "{unit: " + strconv.Quote(f.Unit) + "}"
}

// idKey returns an ID as a YAML key.
func idKey(id string) string {
	if id[0] >= 'a' && !ambiguous[id] {
		return id
	}
	return strconv.Quote(id)
}

// key returns a name as a YAML key.
func key(name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && strings.Trim(name, "0123456789_") != "" && !ambiguous[name] {
		return name
	}
	return strconv.Quote(name)
}

// ambiguous are words that YAML does not read as text.
var ambiguous = map[string]bool{"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true}

// longestShown is how much of a line a comment shows, in characters.
const longestShown = 100

// show makes a text safe in a comment: a board may print characters that end a line in
// YAML, or that YAML forbids.
func show(text string) string {
	var b strings.Builder
	for n := 0; len(text) > 0; n++ {
		if n == longestShown {
			b.WriteString("…")
			break
		}
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 || !unicode.IsPrint(r) {
			quoted := strconv.Quote(text[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
		text = text[size:]
	}
	return b.String()
}

// Summary returns what was received, on one line for people.
func (h Heard) Summary() string {
	if h.Hello != nil {
		return fmt.Sprintf("%s baud, says hello as %s: %s", h.Rate(), h.Hello.ID, show(h.Describes()))
	}
	e := entry{Heard: h, Contents: Digest(h.Lines)}
	if len(e.Readings) == 0 {
		return show(e.Prints())
	}
	var names []string
	for _, r := range e.Readings {
		names = append(names, r.Name)
	}
	return fmt.Sprintf("%s baud, %s", h.Rate(), strings.Join(names, ", "))
}
