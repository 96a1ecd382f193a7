package lineformat

import (
	"fmt"
	"strings"
)

// hasLabels tells a line of labels and values with nothing but tabs between
// them by its first two fields.
func hasLabels(text string) bool {
	label, rest, ok := strings.Cut(text, "\t")
	if !ok || signIn(text) >= 0 || !namesColumn(label) {
		return false
	}
	field, _, _ := strings.Cut(strings.TrimLeft(rest, "\t"), "\t")
	return isValue(strings.Trim(field, " "))
}

// readLabels reads labels and values. More numbers behind a number belong to
// the same label.
//
//	Temperature\t23.5 C\tHumidity\t40
//	RGB\t12\t34\t56
func (p *Parser) readLabels(text string) error {
	label, valued := "", true
	for field := range strings.SplitSeq(text, "\t") {
		field = strings.Trim(field, " ")
		switch {
		case field == "":
		case isValue(field):
			value, unit := splitUnit(field)
			p.add(p.names.of(label), value, unit)
			valued = true
		case !valued || !namesColumn(field):
			return fmt.Errorf("after %s comes %s, which is neither a number nor a label", quote(label), quote(field))
		default:
			label, valued = field, false
		}
	}
	if !valued {
		return fmt.Errorf("after %s comes nothing", quote(label))
	}
	return nil
}

// isValue tells whether text is a number, with or without a unit, or on, off,
// true or false, and nothing else.
func isValue(text string) bool {
	_, _, n := quantityAt(text)
	return text != "" && (n == len(text) || switchAt(text) == len(text))
}
