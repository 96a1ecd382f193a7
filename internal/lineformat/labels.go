package lineformat

import (
	"fmt"
	"strings"
)

// hasLabels reports by the first two fields whether a line has labels and values
// with only tabs between them.
func hasLabels(text string) bool {
	label, rest, ok := strings.Cut(text, "\t")
	if !ok || signIn(text) >= 0 || !namesColumn(label) {
		return false
	}
	field, _, _ := strings.Cut(strings.TrimLeft(rest, "\t"), "\t")
	return isValue(strings.Trim(field, " "))
}

// readLabels reads labels and values. More numbers after a number belong to the
// same label.
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
			name := p.names.of(label)
			value, unit := splitUnit(name, field)
			p.add(name, value, unit)
			valued = true
		case !valued || !namesColumn(field):
			return fmt.Errorf("after %s: %s is neither a number nor a label", quote(label), quote(field))
		default:
			label, valued = field, false
		}
	}
	if !valued {
		return fmt.Errorf("after %s: no value", quote(label))
	}
	return nil
}

// isValue reports whether text is only a number, with or without a unit, or only
// on, off, true or false.
func isValue(text string) bool {
	_, _, n := quantityAt(text)
	return text != "" && (n == len(text) || stateAt(text) == len(text))
}
