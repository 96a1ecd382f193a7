package lineformat

import (
	"strings"
	"unsafe"
)

// doubt is what a comma between digits may be.
type doubt int

const (
	listComma    doubt = iota // between two numbers
	decimalComma              // in a number
	eitherComma
	thousandsComma // in a number that has a point too
)

// commaIn decides what the commas between digits of a line are, which has some. A comma is a decimal
// comma if the line is separated otherwise, or if a unit follows its only value. With
// one or two digits behind it, and nothing that tells, it may be either.
//
//	T=23,5;H=40,2    23,5\t48,2    Temperature: 23,5 C     decimal
//	1,2,3    bpm:72,513    a:1, b:2                        list
//	T=23,5                                                 either
//	Pressure: 101,325.00 Pa                                thousands
func commaIn(text string) doubt {
	apart := strings.ContainsAny(text, ";\t|")
	sign := signIn(text)
	if sign < 0 && !apart {
		return listComma
	}
	numbers, short, points := commaNumbers(text)
	switch {
	case points:
		return thousandsComma
	case numbers == 0 || !short:
		return listComma
	case apart, signIn(text[sign+1:]) >= 0, unitAfterComma(text):
		return decimalComma
	}
	return eitherComma
}

// digitComma reports whether a comma stands between two digits.
func digitComma(text string) bool {
	for at := 1; at < len(text); at++ {
		next := strings.IndexByte(text[at:], ',')
		if next < 0 {
			return false
		}
		if at += next; at+1 < len(text) && isDigit(text[at+1]) && isDigit(text[at-1]) {
			return true
		}
	}
	return false
}

// commaNumbers counts the numbers with one comma. short is false if one has more commas,
// a point, or other than one or two digits behind the comma. points: one has groups of
// three digits, and a point behind them.
func commaNumbers(text string) (n int, short, points bool) {
	short = true
	for i := 0; i < len(text); i++ {
		if !isDigit(text[i]) {
			continue
		}
		start := i
		for i < len(text) && (isDigit(text[i]) || text[i] == '.' || text[i] == ',' && i+1 < len(text) && isDigit(text[i+1])) {
			i++
		}
		number := text[start:i]
		comma := strings.IndexByte(number, ',')
		if comma < 0 {
			continue
		}
		if n++; i < len(text) && (text[i] == ':' || text[i] == '=') {
			short = false // 0:512,1:513
		}
		if grouped(number) {
			points = true
		}
		if behind := number[comma+1:]; len(behind) > 2 || digits(behind) < len(behind) || digits(number) < comma {
			short = false
		}
	}
	return n, short, points
}

// grouped reports whether a number is written as 101,325.00.
func grouped(number string) bool {
	n := digits(number)
	for groups := 0; n < len(number) && number[n] == ','; groups++ {
		if digits(number[n+1:]) != 3 || groups == 0 && n > 3 {
			return false
		}
		n += 4
	}
	return n+1 < len(number) && number[n] == '.' && digits(number[n+1:]) == len(number)-n-1
}

// unitAfterComma reports whether a unit follows the number with a comma.
func unitAfterComma(text string) bool {
	at := strings.IndexByte(text, ',') + 1
	rest := text[at+digits(text[at:]):]
	_, n := unitAt(trimLeft(rest))
	return n > 0
}

// withPoints returns the text with a point for each comma between digits.
func (p *Parser) withPoints(text string) string {
	p.points = append(p.points[:0], text...)
	for i := 1; i+1 < len(text); i++ {
		if text[i] == ',' && isDigit(text[i-1]) && isDigit(text[i+1]) {
			p.points[i] = '.'
		}
	}
	return view(p.points)
}

// withCommas gives the readings of a line that was read with points the values that
// stand on the line.
func (p *Parser) withCommas(text string) {
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(p.points)))
	for i := range p.out {
		value := p.out[i].Value
		at := uintptr(unsafe.Pointer(unsafe.StringData(value))) - begin
		if at < uintptr(len(text)) {
			p.out[i].Value = text[at : int(at)+len(value)]
		}
	}
}
