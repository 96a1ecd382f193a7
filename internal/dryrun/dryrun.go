// Package dryrun shows what a configuration makes of lines: their readings, and what would
// not be published and why. It needs no board and no running gateway.
//
// Lines are cut, parsed and judged by the packages that the gateway uses. As a text has no
// times, its lines count as read one second apart. A hello is recognised, and its
// description is not used.
package dryrun

import (
	"errors"
	"io"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/lineformat"
	"arduino-gateway/internal/protocol"
	"arduino-gateway/internal/rules"
)

// Errors of lines that are not parsed.
var (
	errChecksum = errors.New("wrong checksum")
	errProtocol = errors.New("line of the protocol, not a reading")
)

// Line is one line and what the gateway makes of it. It is valid until the next one.
type Line struct {
	device.Heard
	Left error // the part that was not understood; nil: none
}

// Runner reads lines as a device does. It is not for concurrent use.
type Runner struct {
	reader  *lineformat.Reader
	rules   *rules.Rules
	at      time.Time
	maxLine int
}

// New returns a Runner with the configuration of a device.
func New(d device.Device) *Runner {
	return &Runner{reader: lineformat.NewReader(lineformat.OptionsOf(d)), rules: rules.New(d.Readings), at: time.Unix(0, 0).UTC(), maxLine: d.MaxLine}
}

// Line reads one line, without its ending, and calls each with what became of it: not at
// all while a JSON object goes on on the next line.
func (r *Runner) Line(text []byte, each func(Line)) {
	r.at = r.at.Add(time.Second)
	switch parsed := protocol.Parse(text); {
	case parsed.Check == protocol.Wrong:
		each(Line{Heard: device.Heard{Time: r.at, Text: text, Err: errChecksum}})
	case parsed.Kind != protocol.Plain:
		each(Line{Heard: device.Heard{Time: r.at, Text: text, Err: errProtocol}})
	case parsed.Check == protocol.Right:
		r.reader.Line(r.at, parsed.Text, func(at time.Time, _ []byte, readings []device.Reading, err error) {
			each(r.judge(at, text, readings, err))
		})
	default:
		r.reader.Line(r.at, text, func(at time.Time, text []byte, readings []device.Reading, err error) {
			each(r.judge(at, text, readings, err))
		})
	}
}

// End refuses JSON that is still open.
func (r *Runner) End(each func(Line)) {
	r.reader.End(func(at time.Time, text []byte, readings []device.Reading, err error) {
		each(r.judge(at, text, readings, err))
	})
}

func (r *Runner) judge(at time.Time, text []byte, readings []device.Reading, err error) Line {
	l := Line{Heard: device.Heard{Time: at, Text: text, Err: err}}
	if err == nil {
		l.Readings, l.Withheld = r.rules.Apply(at, readings)
		l.Left = r.reader.Left()
	}
	return l
}

// Lines reads the lines of a text, and calls each with them. It returns the number of lines
// that are too long, which the gateway drops, or why the text cannot be read.
func (r *Runner) Lines(text io.Reader, each func(Line)) (overlong uint64, err error) {
	framer := lineformat.NewFramer(r.maxLine)
	framer.Begin() // the text begins with a whole line
	feed := func(chunk []byte) {
		framer.Feed(chunk, func(line []byte) { r.Line(line, each) })
	}
	chunk := make([]byte, 32<<10)
	for {
		n, err := text.Read(chunk)
		feed(chunk[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	feed([]byte("\n")) // the last line may have no ending
	r.End(each)
	return framer.Counts().Overlong, nil
}
