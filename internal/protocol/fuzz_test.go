package protocol

import (
	"bytes"
	"testing"

	"arduino-gateway/internal/protocoltest"
)

// Parse accepts any bytes, and its texts are parts of the line.
func FuzzParse(f *testing.F) {
	for _, v := range protocoltest.Vectors(f) {
		if v.Word == "from" || v.Word == "to" {
			f.Add([]byte(v.Text))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		before := bytes.Clone(line)
		for _, l := range []Line{Parse(line), Parse(appendSum(bytes.Clone(line), 0))} {
			if l.Kind != Plain && l.Check != Right {
				t.Errorf("%q is a protocol line without a valid checksum", line)
			}
			if !bytes.HasPrefix(line, l.Text) {
				t.Errorf("%q is parsed as %q", line, l.Text)
			}
			for _, piece := range [][]byte{l.Hello.ID, l.Hello.Library, l.Part.Rest, l.Answer.Text} {
				if !bytes.Contains(line, piece) {
					t.Errorf("%q is not on %q", piece, line)
				}
			}
			var c Collector
			_ = c.Add(Parse(appendSum([]byte("!hello a protocol=1 parts=1"), 0)))
			_ = c.Add(l)
			if d, _ := c.Description(); len(d.Readings)+len(d.Commands) > 1 {
				t.Errorf("%q describes %+v", line, d)
			}
		}
		if !bytes.Equal(line, before) {
			t.Errorf("%q was changed to %q", before, line)
		}
	})
}

// A damaged line is not mistaken for another: a damaged byte, or two adjacent ones, are
// always detected, other damage in 65535 of 65536 cases.
func FuzzDamage(f *testing.F) {
	f.Add([]byte("!ok 5 taken=143"), uint16(4), byte(1), byte(0))
	f.Add([]byte("#12 led=on"), uint16(14), byte(1), byte(1))
	f.Fuzz(func(t *testing.T, text []byte, at uint16, first, second byte) {
		line := appendSum(bytes.Clone(text), 0)
		if bytes.ContainsAny(text, "\r\n") || first|second == 0 || len(text) > MaxLine {
			return
		}
		damaged := bytes.Clone(line)
		place := int(at) % (len(line) - 1)
		damaged[place] ^= first
		damaged[place+1] ^= second
		if _, check := split(damaged); check == Right && place+1 < len(text) {
			t.Errorf("damage to %q is not detected: %q", line, damaged)
		}
	})
}

// A written command is one line that a board accepts, and can be parsed back.
func FuzzCommand(f *testing.F) {
	f.Add(uint16(1), "led=on")
	f.Add(uint16(32767), "say=grün ~1234")
	f.Fuzz(func(t *testing.T, number uint16, text string) {
		line, err := AppendCommand(nil, number, text)
		if err != nil {
			if len(line) > 0 {
				t.Errorf("%v, but the line %q", err, line)
			}
			return
		}
		body, check := split(bytes.TrimSuffix(line, []byte("\n")))
		n, command := numbered(string(body))
		if check != Right || n != number || number > MaxNumber || command != text || len(line) > MaxLine || bytes.Count(line, []byte("\n")) != 1 {
			t.Errorf("%d %q is written as %q", number, text, line)
		}
	})
}
