package lineformat

import "strings"

const mostListed = 8 // names in one list

// readNameList reads several names with as many numbers after them, and reports whether
// the line is that.
//
//	ax,ay,az: 0.12,-0.05,9.78    Roll/Pitch/Yaw: 12.3/-4.5/6.7    (x, y) = (12, 34)
func (p *Parser) readNameList(text string) bool {
	separator := separatorBeforeSign(text)
	sign := signIn(text)
	if separator < 0 || sign < 0 {
		return false
	}
	names := text[:sign]
	by := names[separator : separator+1]
	count := strings.Count(names, by) + 1
	names, values := strings.Trim(names, "() "), strings.Trim(text[sign+1:], "() ")
	if count > mostListed || strings.Count(values, by) != count-1 {
		return false
	}
	for range count {
		var raw, field string
		raw, names, _ = strings.Cut(names, by)
		field, values, _ = strings.Cut(values, by)
		raw, field = trim(raw), trim(field)
		name := p.names.of(raw)
		value, unit, n := quantityOf(name, field)
		if !namesColumn(raw) || n == 0 || n < len(field) {
			p.takeBack(0)
			return false
		}
		p.add(name, value, unit)
	}
	return true
}

// separatorBeforeSign returns the index of the first comma or slash, -1 if a sign comes
// before it.
func separatorBeforeSign(text string) int {
	for i := range len(text) {
		switch text[i] {
		case ',', '/':
			return i
		case '=', ':':
			return -1
		}
	}
	return -1
}
