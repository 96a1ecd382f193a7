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

// File is what a devices.yaml is made of.
type File struct {
	Broker  string // mqtt://127.0.0.1:1883, or embedded
	Listen  string // of the built-in broker, where its usual address is taken; else ""
	Secured bool   // the broker wants a user
	Boards  []Heard
}

//go:embed devices.yaml.tmpl
var fileText string

var fileTemplate = template.Must(template.New("devices.yaml").Funcs(template.FuncMap{"quote": strconv.Quote, "show": show, "key": key, "idKey": idKey}).Parse(fileText))

// Text gives the text of a devices.yaml with these boards in it.
func (f File) Text() (string, error) {
	var text strings.Builder
	entries := f.entries()
	err := fileTemplate.Execute(&text, struct {
		File
		Entries []entry
		Auto    bool // devices: auto is worth a word
	}{f, entries, slices.ContainsFunc(entries, func(e entry) bool { return e.Told != nil })})
	return text.String(), err
}

// entries gives each board an ID, its own to one that has said it.
func (f File) entries() []entry {
	entries, taken := make([]entry, len(f.Boards)), map[string]bool{}
	free := func(id string) string {
		id = deviceid.Free(id, func(id string) bool { return taken[id] })
		taken[id] = true
		return id
	}
	for i, h := range f.Boards {
		entries[i].Heard = h
		if h.Told != nil {
			entries[i].ID = free(h.Told.ID)
		}
	}
	for i, h := range f.Boards {
		if h.Told == nil {
			entries[i].Findings, entries[i].ID = Digest(h.Lines), free(deviceid.ForBoard(h.Port.Name()))
		}
	}
	return entries
}

// entry is a device of the file.
type entry struct {
	Heard
	Findings
	ID string
}

// Rate is what to write as baud:.
func (h Heard) Rate() string {
	if h.Baud == 0 {
		return "auto"
	}
	return strconv.Itoa(h.Baud)
}

// Tells is what a board has told of itself: readings temperature °C; commands fan, led
func (h Heard) Tells() string {
	var readings []string
	for _, name := range slices.Sorted(maps.Keys(h.Told.Readings)) {
		readings = append(readings, strings.TrimSpace(name+" "+h.Told.Readings[name].Unit))
	}
	list := func(what string, names []string) string {
		return what + " " + cmp.Or(strings.Join(names, ", "), "none")
	}
	return list("readings", readings) + "; " + list("commands", slices.Sorted(maps.Keys(h.Told.Commands)))
}

// Said is how the lines are, or why there are none.
func (e entry) Said() string {
	switch {
	case len(e.Kinds) > 0:
		return "its lines are " + strings.Join(e.Kinds, ", and ")
	case len(e.Lines) > 0:
		return "none of its lines is understood: format: text publishes each as it is, a pattern: parts of it"
	case e.Problem != "":
		return e.Problem
	case e.Bytes > 0:
		return "it said nothing that is text"
	}
	return "it said nothing: is a sketch on it that prints with Serial.println?"
}

// Suggested are columns for numbers without a name; none where there are none.
func (e entry) Suggested() string {
	if e.Numbers == 0 {
		return ""
	}
	names := []string{"temperature", "humidity", "pressure"}
	for i := len(names); i < e.Numbers; i++ {
		names = append(names, fmt.Sprint("name_", i+1))
	}
	return strings.Join(names[:e.Numbers], ", ")
}

// ColumnList is the header as YAML.
func (e entry) ColumnList() string {
	keys := make([]string, len(e.Columns))
	for i, c := range e.Columns {
		keys[i] = key(c)
	}
	return strings.Join(keys, ", ")
}

// Strange are a few lines that were not understood.
func (e entry) Strange() []string { return e.Refused[:min(len(e.Refused), mostExamples)] }

// Spec is what a reading's own entry would be.
func (f Found) Spec() string {
	if f.Unit == "" {
		return "{}"
	}
	return "{unit: " + strconv.Quote(f.Unit) + "}"
}

// idKey is an ID as YAML takes it.
func idKey(id string) string {
	if id[0] >= 'a' && !ambiguous[id] {
		return id
	}
	return strconv.Quote(id)
}

// key is a name as YAML takes it.
func key(name string) string {
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && strings.Trim(name, "0123456789_") != "" && !ambiguous[name] {
		return name
	}
	return strconv.Quote(name)
}

// ambiguous words are no text to YAML.
var ambiguous = map[string]bool{"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true}

// longestShown is what of a line a comment has room for, in characters.
const longestShown = 100

// show makes a text fit for a comment: a board may print what YAML takes for the
// end of a line, or what no YAML may hold.
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

// Summary is what was heard, on a line for people.
func (h Heard) Summary() string {
	if h.Told != nil {
		return fmt.Sprintf("%s baud, says hello as %s: %s", h.Rate(), h.Told.ID, show(h.Tells()))
	}
	e := entry{Heard: h, Findings: Digest(h.Lines)}
	if len(e.Readings) == 0 {
		return show(e.Said())
	}
	var names []string
	for _, r := range e.Readings {
		names = append(names, r.Name)
	}
	return fmt.Sprintf("%s baud, %s", h.Rate(), strings.Join(names, ", "))
}
