package firmware

import (
	"bytes"
	"testing"

	"arduino-gateway/internal/protocol"
	"arduino-gateway/internal/protocoltest"
)

// For any input each line has one answer, and a hello is one.
func FuzzBoard(f *testing.F) {
	for _, v := range protocoltest.Vectors(f) {
		if v.Word == "to" {
			f.Add([]byte("?7F3A ~8A9E\n" + v.Text + "\n"))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines, answers := 0, 0
		sketch := newPlayer(t).board.sketch
		b := New(sketch, func(line string) {
			l := protocol.Parse([]byte(line))
			if l.Check != protocol.Right {
				t.Errorf("%q", line)
			}
			if l.Kind == protocol.AnswerLine || bytes.HasPrefix(l.Text, []byte("!state ")) { // of any session
				answers++
			}
		})
		b.Reset(0)
		answers = 0
		for _, line := range bytes.FieldsFunc(data, func(r rune) bool { return r == '\n' || r == '\r' }) {
			lines++
			for _, c := range append(line[:len(line):len(line)], '\n') {
				b.Receive(c)
				b.Loop(0)
			}
		}
		if answers != lines {
			t.Errorf("%d lines, %d answers", lines, answers)
		}
	})
}
