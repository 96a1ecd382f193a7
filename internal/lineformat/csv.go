package lineformat

import "strings"

// readCSV reads fields in the order of the columns. They may be text, for the
// columns say what is what; without columns only numbers count, and a header
// names them. An empty field is no reading.
//
//	23.5,40,ok
func (p *Parser) readCSV(text string) error {
	separator := separatorOf(text)
	if len(p.columns) == 0 {
		if err := p.takeHeader(text); err != nil {
			return err
		}
	}
	if len(p.columns) == 0 || separator == "" && len(p.columns) > 1 {
		return p.readNumbers(text)
	}
	fields := 1
	if separator != "" {
		fields += strings.Count(text, separator)
	}
	if fields == len(p.columns)+1 && strings.HasSuffix(text, separator) {
		text = strings.TrimSuffix(text, separator) // "23.5,40," prints a comma behind each
		fields--
	}
	if fields != len(p.columns) {
		return miscounted(fields, p.columns)
	}
	p.readFields(text, separator)
	if p.isHeader() {
		return headerError(text)
	}
	return nil
}

// separatorOf is the strongest separator on the line, "" if it has none:
// "23,5;40,1" has two fields.
func separatorOf(text string) string {
	for _, separator := range [...]string{";", "\t", ","} {
		if strings.Contains(text, separator) {
			return separator
		}
	}
	return ""
}

func (p *Parser) readFields(text, separator string) {
	for _, column := range p.columns {
		field := text
		if separator != "" {
			field, text, _ = strings.Cut(text, separator)
		}
		if field = trim(field); field != "" {
			value, unit := splitUnit(field)
			p.append(column, value, unit)
		}
	}
}

// isHeader tells whether the line only names the columns, as many a sketch does
// in setup.
func (p *Parser) isHeader() bool {
	for i := range p.out {
		r := &p.out[i]
		if c := r.Value[0]; isDigit(c) || c == '-' || p.names.of(r.Value) != r.Name {
			return false
		}
	}
	return len(p.out) > 0
}
