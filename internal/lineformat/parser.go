package lineformat

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"arduino-gateway/device"
)

// Options say how to read the lines of a device.
type Options struct {
	Format  device.Format  // "" is device.FormatAuto
	Columns []string       // names of bare numbers and csv fields, in order; nil names them value, or value_1, …
	Decimal string         // "," or "." in numbers; "" decides by the line
	Pattern *regexp.Regexp // its named groups are readings; with FormatAuto it is tried first
}

// A Parser reads the lines of one device. It is not for concurrent use.
type Parser struct {
	format  device.Format
	columns []string
	decimal string
	pattern *regexp.Regexp
	groups  []group

	names    names
	units    map[string]string // name → the unit of its readings
	bare     []string          // the units of lines that were only a number, in the order of their names
	numbered []string          // value_1, value_2, …, as many as were needed so far
	header   header            // names the numbers if there are no columns

	// These belong to the current line; they are kept for reuse.
	lastOffer header // that the last line may be
	offer     header // that this line may be
	title     string // before each name of the pairs
	axis      string // the last name of more than a letter
	log       bool   // the title is a tag of a log
	last      string // the name that further numbers belong to
	left      leftover
	out       []device.Reading
	repeats   map[string]int // name → the last number appended to it
	scratch   []byte         // a name under construction
	path      []byte         // the JSON name so far
	decoded   []byte         // the line, if it is not UTF-8
	points    []byte         // the line, with points for its decimal commas
	plain     []byte         // the line, without its colours
}

// group is a named group of the pattern.
type group struct {
	index int
	name  string
}

// OptionsOf returns how to read the lines of a device.
func OptionsOf(d device.Device) Options {
	return Options{Format: d.Format, Columns: d.Columns, Decimal: d.Decimal, Pattern: d.Pattern}
}

// NewParser returns a Parser for the lines of one device.
func NewParser(o Options) *Parser {
	p := &Parser{
		format:  o.Format,
		decimal: o.Decimal,
		pattern: o.Pattern,
		units:   map[string]string{},
		names:   names{},
		repeats: map[string]int{},
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
	p.clear()
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

// Names returns the names that the columns and the pattern give to values.
func (p *Parser) Names() []string {
	names := slices.Clone(p.columns)
	for _, g := range p.groups {
		names = append(names, g.name)
	}
	return names
}

// Reset forgets the header of earlier lines, as after a reopen.
func (p *Parser) Reset() { p.header, p.offer = header{}, header{} }

// Parse reads one line, without its ending. The readings are valid until the
// next call, and their values only while line is unchanged: they are parts of
// it, not copies. Names and units may be kept. The names are unique, not empty,
// and have only lower-case letters, digits and "_". An error says in a user's
// words why the line was refused, and may be kept; there are no readings then.
// It wraps device.ErrHeader if the line is a header and nothing is wrong with
// it.
func (p *Parser) Parse(line []byte) (readings []device.Reading, err error) {
	defer survive(&readings, &err)
	text, err := p.text(line)
	if err != nil {
		return nil, err
	}
	p.clear()
	if err := p.readCommas(text); err != nil {
		return nil, err
	}
	if len(p.out) == 0 {
		return nil, p.left.err()
	}
	return p.out, nil
}

// errBug is of a line that the parser cannot stand. A line of one board must not end the
// gateway, which serves others.
var errBug = errors.New("internal error: please report this line")

// survive refuses the line instead.
func survive(readings *[]device.Reading, err *error) {
	if why := recover(); why != nil {
		*readings, *err = nil, fmt.Errorf("%w: %v", errBug, why)
	}
}

// Left says which part of the last line was not understood, nil if the readings are all
// that it holds.
func (p *Parser) Left() error {
	if p.left == (leftover{}) {
		return nil
	}
	return p.left.err()
}

// clear forgets the last line.
func (p *Parser) clear() {
	p.out, p.title, p.axis, p.last, p.left = p.out[:0], "", "", "", leftover{}
	if len(p.repeats) > 0 {
		clear(p.repeats)
	}
}

// takeBack removes the readings from n on. No number that follows belongs to them.
func (p *Parser) takeBack(n int) { p.out, p.last = p.out[:n], "" }

func (p *Parser) append(name, value, unit string) {
	p.out = append(p.out, device.Reading{Name: name, Value: value, Unit: unit})
}

// readCommas reads a line whose numbers may have a decimal comma.
func (p *Parser) readCommas(text string) error {
	if p.decimal == "." || !digitComma(text) || p.format == device.FormatText || p.format == device.FormatJSON {
		return p.read(text)
	}
	comma := commaIn(text)
	if p.decimal == "," && comma != thousandsComma {
		comma = decimalComma
	}
	switch comma {
	case eitherComma:
		return fmt.Errorf(`%s: the comma may be a decimal comma (hint: set decimal to "," or ".")`, quote(trim(text)))
	case thousandsComma:
		if p.decimal == "," || signIn(text) >= 0 {
			return fmt.Errorf("%s: numbers with both a comma and a point are not read (hint: print them without commas)", quote(trim(text)))
		}
	case decimalComma:
		if err := p.read(p.withPoints(text)); err != nil {
			return err
		}
		p.withCommas(text)
		return nil
	}
	return p.read(text)
}

func (p *Parser) read(text string) error {
	trimmed := trim(text)
	if trimmed != "" && (p.offer.names == nil || !isRule(trimmed)) { // an empty line may separate a header from its values
		p.lastOffer, p.offer = p.offer, header{}
	}
	switch p.format {
	case device.FormatText:
		p.append("line", text, "")
		return nil
	case device.FormatPattern:
		return p.readPattern(text)
	case device.FormatCSV:
		return p.readCSV(strings.Trim(text, " "))
	case device.FormatJSON:
		return p.readJSON(trimmed)
	case device.FormatPairs:
		return p.readPairs(trimmed)
	default:
		return p.readAuto(text, trimmed)
	}
}

// readAuto decides by the form of this line alone, except for the names of a
// header before it.
func (p *Parser) readAuto(whole, text string) error {
	if strings.Contains(text, "\xef\xbc") { // the first bytes of ： and ＝
		text = fullWidth.Replace(text)
	}
	if p.pattern != nil && p.match(whole) {
		return nil
	}
	if strings.HasPrefix(text, "{") && !isFrame(text) {
		return p.readJSON(text)
	}
	if strings.HasPrefix(text, "[") {
		if p.readJSON(text) == nil {
			return nil
		}
		p.clear() // [AP] ready: 1
	}
	text, log := cutPrefix(text)
	switch {
	case text == "":
		return nil
	case isChatter(text):
		return fmt.Errorf("the board's boot loader, not a reading: %s", quote(text))
	case text[len(text)-1] == '}' && strings.IndexByte(text, '{') > 0:
		return p.readObject(text)
	case text[len(text)-1] == ')' && p.readRegister(text), beginsStamp(text) && p.readMixed(text):
		return nil
	case signIn(text) >= 0 || hasLabels(text):
		p.log = log
		return p.readPairs(text)
	case numberAt(text) > 0 || strings.HasPrefix(text, "- "):
		err := p.readNumbers(text)
		if err != nil && p.retry(text) {
			return nil
		}
		return err
	}
	if err := p.readHeader(text); err != nil {
		return err
	}
	if p.readMixed(text) || p.readWords(text, false) {
		return nil
	}
	return fmt.Errorf("not a JSON object, pairs or numbers: %s", quote(text))
}

// retry reads a line that begins with a number, but has more than numbers.
func (p *Parser) retry(text string) bool {
	p.takeBack(0)
	return p.readMixed(text)
}

// fullWidth turns the signs of East Asian keyboards into ours: 温度：23.5
var fullWidth = strings.NewReplacer("：", ":", "＝", "=", "，", ",", "；", ";", "％", "%")

func (p *Parser) readPattern(text string) error {
	if len(p.groups) == 0 {
		return errors.New("the pattern has no named group")
	}
	if !p.match(text) {
		return fmt.Errorf("the pattern does not match %s", quote(text))
	}
	return nil
}

// match adds the groups of the pattern that matched. An empty group is not a
// reading. A pattern whose groups are all empty does not match.
func (p *Parser) match(text string) bool {
	found := p.pattern.FindStringSubmatchIndex(text)
	if found == nil {
		return false
	}
	for _, g := range p.groups {
		if from, to := found[2*g.index], found[2*g.index+1]; from < to {
			value, unit := splitUnit(g.name, text[from:to])
			p.add(g.name, value, unit)
		}
	}
	return len(p.out) > 0
}
