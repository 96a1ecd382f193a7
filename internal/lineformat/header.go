package lineformat

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"arduino-gateway/device"
)

// header is a line that only names the values of the lines after it:
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

// readHeader keeps a line that is a header, and returns the error that says so;
// nil for any other line. A greeting such as "Hello, world" looks the same.
// Therefore a header counts only if the very next line has as many numbers, with
// the same separator.
func (p *Parser) readHeader(text string) error {
	h := p.headerIn(text)
	switch {
	case h.names == nil || namesAndNumbers(text):
		return nil
	case slices.Equal(h.names, p.columns), slices.Equal(h.names, p.header.names):
		return headerError(text)
	case p.columns != nil:
		return nil
	}
	p.offer = h
	return fmt.Errorf("only names: %s (they name the numbers of the next line if it has %d)", strings.Join(h.names, ", "), len(h.names))
}

// namesAndNumbers reports whether a part of a line is a name and a number with a unit or
// a sign, or each part is a name and a number, and the names differ: "T 23.5, H 40" is no
// header, "PM 2.5, PM 10" is one.
//
//	WiFi connected, RSSI -61 dBm
func namesAndNumbers(text string) bool {
	first, differ, all := "", false, true
	for text != "" {
		end := partEnd(text)
		part := trim(text[:end])
		text = text[min(end+1, len(text)):]
		raw, value, unit, n := phraseAt(part)
		if raw != "" && (unit != "" || value[0] == '-') {
			return true
		}
		all = all && raw != "" && n == len(part)
		differ = differ || first != "" && first != raw
		first = raw
	}
	return all && differ
}

// isRule reports whether a line is drawn, as below the header of a table: |-----|-----|
func isRule(text string) bool { return !hasLetter(text) && !hasDigit(text) }

func headerError(text string) error {
	return fmt.Errorf("the %w of the columns, not values: %s", device.ErrHeader, quote(text))
}

// headerIn returns the header on the line. It is empty unless the line has at
// least two fields and each is a name.
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

// namesColumn reports whether a field of a header may be a name, and is neither
// a value nor part of a sentence:
//
//	temperature    "Humidity (%)"    # t
func namesColumn(field string) bool {
	field = strings.Trim(field, ` "'#`)
	first, _ := utf8.DecodeRuneInString(field)
	return unicode.IsLetter(first) && len(field) <= longestColumn &&
		strings.Count(field, " ") < mostWords &&
		!isNumber(field) && stateAt(field) < len(field) &&
		!strings.ContainsAny(field, ",;\t|=:!?") && !strings.HasSuffix(field, ".")
}

// headerNames returns the names of a header for the numbers of this line, nil without a
// header. A header on the line before must fit this line, or it is forgotten.
func (p *Parser) headerNames(text string) []string {
	return p.headerFor(len(p.out), separatorOf(text))
}

func (p *Parser) headerFor(fields int, separator string) []string {
	if h := p.lastOffer; len(h.names) == fields && h.separator == separator {
		p.header = h
	}
	return p.header.names
}
