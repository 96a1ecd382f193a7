package wire

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"arduino-gateway/device"
)

// Options say how a device's lines are read.
type Options struct {
	Format  device.Format  // "" is device.FormatAuto
	Columns []string       // names of bare numbers and csv fields, in order; nil names them value, or value_1, …
	Pattern *regexp.Regexp // its named groups are readings; with FormatAuto it is tried first
}

// A Parser reads the lines of one device. It is not for concurrent use.
type Parser struct {
	format  device.Format
	columns []string
	pattern *regexp.Regexp
	groups  []group

	names    names
	numbered []string // value_1, value_2, …, as many as were needed so far

	// Of the line in hand only; kept to be used again.
	out     []device.Reading
	again   map[string]int // name → the last number behind it
	scratch []byte         // a name in the making
	path    []byte         // the JSON name so far
}

// group is a named group of the pattern.
type group struct {
	index int
	name  string
}

// NewParser gives a parser for one device's lines.
func NewParser(o Options) *Parser {
	p := &Parser{
		format:  o.Format,
		pattern: o.Pattern,
		names:   names{},
		again:   map[string]int{},
	}
	for i, column := range o.Columns {
		p.add(cmp.Or(p.names.of(column), p.number(i)), "", "")
	}
	for _, r := range p.out {
		p.columns = append(p.columns, r.Name)
	}
	if p.pattern != nil {
		p.groups = p.namedGroups()
	}
	p.reset()
	return p
}

func (p *Parser) namedGroups() []group {
	var groups []group
	for i, name := range p.pattern.SubexpNames() {
		if name := p.names.of(name); name != "" {
			groups = append(groups, group{i, name})
		}
	}
	return groups
}

// Parse reads one line, without its ending. The readings are freshly allocated
// and keep nothing of line; their names are unique, non-empty, and hold only
// lower-case letters, digits and "_". The error says in a user's words why the
// line was refused; there are no readings then.
func (p *Parser) Parse(line []byte) ([]device.Reading, error) {
	if err := readable(line); err != nil {
		return nil, err
	}
	text := string(line)
	if p.format == device.FormatText {
		return []device.Reading{{Name: "line", Value: text}}, nil
	}
	defer p.reset()
	if err := p.read(text); err != nil {
		return nil, err
	}
	if len(p.out) == 0 {
		return nil, errors.New("no value on the line")
	}
	readings := make([]device.Reading, len(p.out))
	copy(readings, p.out)
	return readings, nil
}

// reset forgets the line in hand, also in the spare room of the slice: a string
// left there would keep its line in memory.
func (p *Parser) reset() {
	clear(p.out)
	p.out = p.out[:0]
	if len(p.again) > 0 {
		clear(p.again)
	}
}

func (p *Parser) append(name, value, unit string) {
	p.out = append(p.out, device.Reading{Name: name, Value: value, Unit: unit})
}

func (p *Parser) read(text string) error {
	switch p.format {
	case device.FormatPattern:
		return p.readPattern(text)
	case device.FormatCSV:
		return p.readCSV(strings.Trim(text, " "))
	case device.FormatJSON:
		return p.readJSON(strings.Trim(text, " \t"))
	case device.FormatPairs:
		return p.readPairs(text)
	default:
		return p.readAuto(text)
	}
}

// readAuto decides by what the line looks like, and by nothing before it.
func (p *Parser) readAuto(text string) error {
	if p.pattern != nil && p.match(text) {
		return nil
	}
	text = strings.Trim(text, " \t")
	if strings.HasPrefix(text, "{") {
		return p.readJSON(text)
	}
	if signIn(text) >= 0 {
		return p.readPairs(text)
	}
	if text != "" && numberAt(text) == 0 {
		return fmt.Errorf("neither a JSON object, pairs nor numbers: %s", quote(text))
	}
	return p.readNumbers(text)
}

func (p *Parser) readPattern(text string) error {
	if len(p.groups) == 0 {
		return errors.New("the pattern has no named group")
	}
	if !p.match(text) {
		return fmt.Errorf("the pattern does not match %s", quote(text))
	}
	return nil
}

// match adds what the pattern's groups caught. A group that caught nothing is
// no reading; a pattern that caught nothing at all did not match.
func (p *Parser) match(text string) bool {
	found := p.pattern.FindStringSubmatchIndex(text)
	if found == nil {
		return false
	}
	for _, g := range p.groups {
		if from, to := found[2*g.index], found[2*g.index+1]; from < to {
			value, unit := splitUnit(text[from:to])
			p.add(g.name, value, unit)
		}
	}
	return len(p.out) > 0
}

// readable refuses what a wrong baud rate makes of a line, and what would act
// on a terminal.
func readable(line []byte) error {
	for _, c := range line {
		if c-' ' >= 0x7f-' ' && c != '\t' { // one comparison for both ends
			return readableRunes(line)
		}
	}
	return nil
}

func readableRunes(line []byte) error {
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		if r == utf8.RuneError && n == 1 {
			return fmt.Errorf("byte %d (0x%02x) is not UTF-8 text (hint: is baud right, and the sketch saved as UTF-8?)", i+1, line[i])
		}
		if control(r) {
			return fmt.Errorf("byte %d is a control character (%U)", i+1, r)
		}
		i += n
	}
	return nil
}

func control(r rune) bool { return r != '\t' && unicode.IsControl(r) }

// quote shows a piece of a line in an error, cut to what a person reads.
func quote(text string) string {
	const most = 40
	if len(text) <= most {
		return `"` + text + `"`
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return `"` + text[:cut] + `…"`
}
