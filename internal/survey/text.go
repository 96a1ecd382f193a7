package survey

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	_ "embed"

	"arduino-gateway/device"
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

var fileTemplate = template.Must(template.New("devices.yaml").Funcs(template.FuncMap{"quote": strconv.Quote, "show": show, "key": key}).Parse(fileText))

// Text gives the text of a devices.yaml with these boards in it.
func (f File) Text() (string, error) {
	var text strings.Builder
	entries, taken := make([]entry, len(f.Boards)), map[string]bool{}
	for i, h := range f.Boards {
		entries[i] = entry{Heard: h, Findings: Digest(h.Lines), ID: freeID(h.Port.Name(), taken)}
	}
	err := fileTemplate.Execute(&text, struct {
		File
		Entries []entry
	}{f, entries})
	return text.String(), err
}

// entry is a device of the file.
type entry struct {
	Heard
	Findings
	ID string
}

// Rate is what to write as baud:.
func (e entry) Rate() string {
	if e.Baud == 0 {
		return "auto"
	}
	return strconv.Itoa(e.Baud)
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

// longestID keeps topics readable.
const longestID = 32

// freeID makes a device's ID of the board's name, which no other has.
func freeID(name string, taken map[string]bool) string {
	id := device.IDFrom(name)
	if len(id) > longestID {
		id = strings.Trim(id[:longestID], "-_")
	}
	id = cmp.Or(id, "board")
	if id == "gateway" { // whose topics are the gateway's own
		id = "board"
	}
	for first, n := id, 2; taken[id]; n++ {
		id = fmt.Sprint(first, "-", n)
	}
	taken[id] = true
	return id
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
	e := entry{Heard: h, Findings: Digest(h.Lines)}
	if len(e.Readings) == 0 {
		return show(e.Said())
	}
	var names []string
	for _, r := range e.Readings {
		names = append(names, r.Name)
	}
	return fmt.Sprintf("%s baud, %s", e.Rate(), strings.Join(names, ", "))
}
