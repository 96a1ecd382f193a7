package lineformat

import "strings"

// readCSV reads fields in the order of the columns. They may be text, since the
// columns name them. Without columns only numbers count, and a header names
// them. An empty field is not a reading.
//
//	23.5,40,ok
func (p *Parser) readCSV(text string) error {
	separator := separatorOf(text)
	if len(p.columns) == 0 {
		if err := p.readHeader(text); err != nil {
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
		text = strings.TrimSuffix(text, separator) // "23.5,40," has a comma after each field
		fields--
	}
	if fields != len(p.columns) {
		return columnsError(fields, p.columns)
	}
	p.readFields(text, separator)
	if p.isHeader() {
		return headerError(text)
	}
	return nil
}

// separatorOf returns the strongest separator on the line, "" if it has none:
// "23,5;40,1" has two fields. A tab next to a comma belongs to it.
//
//	DHT22, \tOK,\t40.0
func separatorOf(text string) string {
	switch {
	case strings.IndexByte(text, ';') >= 0:
		return ";"
	case strings.IndexByte(text, '\t') >= 0 && !strings.Contains(text, ",\t") && !strings.Contains(text, ", \t"):
		return "\t"
	case strings.IndexByte(text, ',') >= 0:
		return ","
	case strings.IndexByte(text, '|') >= 0:
		return "|"
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
			value, unit := splitUnit(column, field)
			p.append(column, value, unit)
		}
	}
}

// isHeader reports whether the line only names the columns, as many sketches
// print in setup.
func (p *Parser) isHeader() bool {
	for i := range p.out {
		r := &p.out[i]
		if c := r.Value[0]; isDigit(c) || c == '-' || p.names.of(r.Value) != r.Name {
			return false
		}
	}
	return len(p.out) > 0
}
