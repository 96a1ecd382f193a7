package lineformat

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"arduino-gateway/device"
)

const (
	maxRecord   = 4 << 10         // bytes of a JSON object on several lines
	recordPause = 2 * time.Second // the longest time between two of its lines
)

// Outcome takes what became of a line, of several that are one, or of a part of a line:
// the readings, or why there are none. text and readings are valid during the call.
type Outcome = func(at time.Time, text []byte, readings []device.Reading, err error)

// A Reader reads the lines of one device in their order. It is a Parser for what one line
// alone does not show: which lines are one JSON object, and whether the first line after
// an open is whole. Time is an argument. It is not for concurrent use.
type Reader struct {
	*Parser
	joins  bool // the format has JSON
	record record
	first  heldLine
}

// record is JSON that began on an earlier line.
type record struct {
	text  []byte // the lines so far, with a space after each; empty: none began
	scan  jsonScan
	last  time.Time // when its last line came
	stray time.Time // until then lines are what is left of a refused one; zero: they are not
}

// heldLine is the first line of an opening, until the next one shows whether it is whole.
type heldLine struct {
	at   time.Time
	text []byte // empty: none
}

// NewReader returns a Reader for the lines of one device.
func NewReader(o Options) *Reader {
	p := NewParser(o)
	return &Reader{Parser: p, joins: p.format == "" || p.format == device.FormatAuto || p.format == device.FormatJSON}
}

// First takes a line that followed a second of silence, but no line ending: it may be the
// end of a line that began before the port was opened. Unless it is a whole JSON object,
// it is held for the next line.
func (r *Reader) First(at time.Time, line []byte, each Outcome) {
	if line[0] == '{' {
		if readings, err := r.Parse(line); err == nil {
			each(at, line, readings, nil)
			return
		}
	}
	r.first = heldLine{at, append(r.first.text[:0], line...)}
}

// Line takes the next line. It calls each for the line, and before that for the one that
// was held; not at all while a JSON object is not complete.
func (r *Reader) Line(at time.Time, line []byte, each Outcome) {
	if len(r.first.text) > 0 {
		r.decide(line, each)
	}
	r.read(at, line, each)
}

// decide ends the wait of the first line, now that the next one is known.
func (r *Reader) decide(next []byte, each Outcome) {
	first := r.first
	r.first = heldLine{}
	if mayBeEnd(view(first.text), view(next)) {
		each(first.at, first.text, nil, device.ErrCut)
		return
	}
	r.read(first.at, first.text, each)
}

func (r *Reader) read(at time.Time, line []byte, each Outcome) {
	if len(r.record.text) > 0 {
		r.resume(at, line, each)
		return
	}
	if !r.record.stray.IsZero() && r.strays(at, line) {
		each(at, line, nil, errStray)
		return
	}
	if r.joins && isMember(trim(view(line))) {
		r.record.stray = at.Add(recordPause)
		each(at, line, nil, errStray)
		return
	}
	readings, err := r.Parse(line)
	if err != nil && r.joins && r.begin(at, line, each) {
		return
	}
	each(at, line, readings, err)
}

// begin reports whether the line begins JSON that goes on on the next line, or has several
// objects, and takes it then.
//
//	{    {"bme":{    {"t":21.5}{"t":21.6}
func (r *Reader) begin(at time.Time, line []byte, each Outcome) bool {
	text := trim(view(line))
	if text == "" || text[0] != '{' && text[0] != '[' {
		return false
	}
	r.record.scan = jsonScan{open: r.record.scan.open[:0]}
	n, ok := r.record.scan.feed(text)
	switch {
	case !ok:
		return false
	case len(r.record.scan.open) > 0:
		r.record.keep(at, text)
		return true
	}
	rest := strings.TrimLeft(text[n:], " ,\t")
	if rest == "" || rest[0] != '{' {
		return false
	}
	readings, err := r.Parse([]byte(text[:n]))
	each(at, []byte(text[:n]), readings, err)
	r.read(at, []byte(rest), each)
	return true
}

// resume takes a line while JSON is open.
func (r *Reader) resume(at time.Time, line []byte, each Outcome) {
	if at.Sub(r.record.last) >= recordPause {
		r.refuse(errCutOff, each)
		r.read(at, line, each)
		return
	}
	text := trim(view(line))
	n, ok := r.record.scan.feed(text)
	switch whole := len(r.record.scan.open) == 0; {
	case !ok:
		r.refuse(fmt.Errorf("%w: %s follows", errBroken, quote(text)), each)
		r.read(at, line, each)
	case len(r.record.text)+n > maxRecord:
		r.refuse(errTooLong, each)
		r.record.stray = at.Add(recordPause)
	case !whole:
		r.record.keep(at, text)
	default:
		record := append(r.record.text, text[:n]...)
		r.record.text = record[:0]
		readings, err := r.Parse(record)
		each(at, record, readings, err)
		if rest := strings.TrimLeft(text[n:], " ,\t"); rest != "" {
			r.read(at, []byte(rest), each)
		}
	}
}

var (
	errStray   = errors.New("part of a JSON object whose beginning is missing")
	errCutOff  = errors.New("a JSON object that was not complete within two seconds")
	errBroken  = errors.New("a JSON object that is not complete")
	errTooLong = fmt.Errorf("a JSON object of more than %d bytes on several lines (hint: print it on one line)", maxRecord)
)

func (r *record) keep(at time.Time, text string) {
	r.text = append(append(r.text, text...), ' ')
	r.last, r.stray = at, time.Time{}
}

// refuse gives up the JSON that is open.
func (r *Reader) refuse(why error, each Outcome) {
	text := r.record.text
	r.record.text = text[:0]
	r.record.stray = r.record.last.Add(recordPause)
	each(r.record.last, trimBytes(text), nil, why)
}

func trimBytes(text []byte) []byte { return text[:len(text)-1] }

// strays reports whether a line may be what is left of JSON that was refused: only such
// lines follow it without a pause. A brace in the first column begins the next object.
func (r *Reader) strays(at time.Time, line []byte) bool {
	text := trim(view(line))
	if at.Before(r.record.stray) && isInside(text) && line[0] != '{' {
		r.record.stray = at.Add(recordPause)
		return true
	}
	r.record.stray = time.Time{}
	return false
}

// isMember reports whether a line is one member of an object and nothing else:
//
//	"t": 21.5,    "bme": {
func isMember(text string) bool {
	if text == "" || text[0] != '"' {
		return false
	}
	n := stringAt(text)
	value, ok := strings.CutPrefix(trimLeft(text[n:]), ":")
	return n > 0 && ok && isElement(trim(value))
}

// isInside reports whether a line may be within JSON.
func isInside(text string) bool {
	return isMember(text) || isElement(text) || text != "" && (text[0] == '}' || text[0] == ']')
}

// isElement reports whether text is one value, or the beginning of one, perhaps with a
// comma behind it.
func isElement(text string) bool {
	text = trim(strings.TrimSuffix(text, ","))
	switch {
	case text == "":
		return false
	case text == "{" || text == "[":
		return true
	case text[0] == '"':
		return stringAt(text) == len(text)
	}
	return literalAt(text) == len(text)
}

// Quiet takes the time while no line comes: JSON that is open by then is refused.
func (r *Reader) Quiet(at time.Time, each Outcome) {
	if len(r.record.text) > 0 && at.Sub(r.record.last) >= recordPause {
		r.refuse(errCutOff, each)
	}
}

// End takes the end of an opening: no line of it follows.
func (r *Reader) End(each Outcome) {
	if len(r.record.text) > 0 {
		r.refuse(errCutOff, each)
	}
	if len(r.first.text) > 0 {
		each(r.first.at, r.first.text, nil, device.ErrCut)
	}
	r.first, r.record.stray = heldLine{}, time.Time{}
	r.Reset()
}
