package extras_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/protocol"
	"arduino-gateway/simulator/avr"
)

// talk is the gateway's end of the port of a simulated Uno.
type talk struct {
	t     *testing.T
	uno   *avr.Uno
	port  *os.File
	lines *bufio.Scanner
}

// plugIn runs a sketch on an Uno and opens its port, as the gateway does.
func plugIn(t *testing.T, sketch string) *talk {
	t.Helper()
	uno, err := avr.Start(testContext(t), avr.Options{Hex: compile(t, avr.UnoBoard, sketch).Hex})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := uno.Close(); err != nil {
			t.Error(err)
		}
	})
	port, err := avr.OpenPort(uno.Port(), 115200)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	if err := port.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &talk{t, uno, port, bufio.NewScanner(port)}
}

func (k *talk) write(text []byte) {
	k.t.Helper()
	if _, err := k.port.Write(text); err != nil {
		k.t.Fatal(err)
	}
}

// line reads up to the first line for which is reports true, and returns it.
func (k *talk) line(what string, is func(protocol.Line) bool) protocol.Line {
	k.t.Helper()
	for k.lines.Scan() {
		line := protocol.Parse(bytes.Clone(k.lines.Bytes()))
		if is(line) {
			return line
		}
	}
	k.t.Fatalf("no %s: %v", what, k.lines.Err())
	return protocol.Line{}
}

// reading reads up to a line of readings that matches pattern, and returns it.
func (k *talk) reading(pattern string) string {
	k.t.Helper()
	want := regexp.MustCompile(pattern)
	return string(k.line(pattern, func(l protocol.Line) bool {
		return l.Check == protocol.Right && want.Match(l.Text)
	}).Text)
}

func (k *talk) state() protocol.State {
	k.t.Helper()
	return k.line("state", func(l protocol.Line) bool { return l.Kind == protocol.StateLine }).State
}

// answer returns the next answer in words.
func (k *talk) answer() string {
	k.t.Helper()
	a := k.line("answer", func(l protocol.Line) bool { return l.Kind == protocol.AnswerLine }).Answer
	verdict := [...]string{"ok", "no", "again"}[a.Verdict]
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", verdict, a.Number, a.Text))
}

// expect writes a line to the board and checks its answer.
func (k *talk) expect(line []byte, want string) {
	k.t.Helper()
	k.write(line)
	if got := k.answer(); got != want {
		k.t.Errorf("to %q the board answers %q, want %q", line, got, want)
	}
}

func (k *talk) begin(session uint16) {
	k.t.Helper()
	k.write(protocol.AppendSession(nil, session))
	if state := k.state(); state.Session != session || state.Last != 0 {
		k.t.Fatalf("the state of the board is %+v", state)
	}
}

func command(t *testing.T, number uint16, text string) []byte {
	t.Helper()
	line, err := protocol.AppendCommand(nil, number, text)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func (k *talk) waitPin(want avr.Level) {
	k.t.Helper()
	if err := k.uno.WaitPin(testContext(k.t), "D13", want); err != nil {
		k.t.Fatal(err)
	}
}
