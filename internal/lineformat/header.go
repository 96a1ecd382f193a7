package lineformat

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"arduino-gateway/device"
)

// header is a line that only names what the lines behind it bring:
//
//	time,temperature,humidity
//	0,23.5,40
type header struct {
	names     []string
	separator string
}

const (
	longestColumn = 40 // bytes of a name in a header
	mostWords     = 4  // in such a name: "Hello, this is the greenhouse" is a banner
)

// takeHeader keeps a line that is a header, and gives the error that says so; nil
// is any other line. A greeting such as "Hello, world" looks the same, and so a
// header is believed only when the line right behind has as many numbers, parted
// by the same sign.
func (p *Parser) takeHeader(text string) error {
	h := p.headerIn(text)
	switch {
	case h.names == nil:
		return nil
	case slices.Equal(h.names, p.columns), slices.Equal(h.names, p.learnt.names):
		return headerError(text)
	case p.columns != nil:
		return nil
	}
	p.offered = h
	return fmt.Errorf("only names: %s (the numbers of the next line get them, if it has %d)", strings.Join(h.names, ", "), len(h.names))
}

func headerError(text string) error {
	return fmt.Errorf("the %w of the columns, not values: %s", device.ErrHeader, quote(text))
}

// headerIn is empty unless the line has two fields at least and each is a name.
func (p *Parser) headerIn(text string) (h header) {
	h.separator = separatorOf(text)
	if h.separator == "" {
		return header{}
	}
	for field := range strings.SplitSeq(strings.TrimSuffix(text, h.separator), h.separator) {
		if !namesColumn(field) {
			return header{}
		}
		name := p.names.of(field)
		if slices.Contains(h.names, name) {
			return header{}
		}
		h.names = append(h.names, name)
	}
	if len(h.names) < 2 {
		return header{}
	}
	return h
}

// namesColumn tells whether a field of a header may be a name, and is neither a
// value nor a piece of a sentence:
//
//	temperature    "Humidity (%)"    # t
func namesColumn(field string) bool {
	field = strings.Trim(field, ` "'#`)
	first, _ := utf8.DecodeRuneInString(field)
	return unicode.IsLetter(first) && len(field) <= longestColumn &&
		strings.Count(field, " ") < mostWords &&
		!isNumber(field) && switchAt(field) < len(field) &&
		!strings.ContainsAny(field, ",;\t|=:!?") && !strings.HasSuffix(field, ".")
}

// learn gives the names that a header gave to the numbers of this line, nil if
// none did. One that was taken on trust is believed now or never.
func (p *Parser) learn(text string) []string {
	if h := p.before; len(h.names) == len(p.out) && h.separator == separatorOf(text) {
		p.learnt = h
	}
	return p.learnt.names
}
