package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/protocol"
)

// helloBoard returns a board with a hello that prints nothing else by itself.
func helloBoard(faults ...Fault) Spec {
	return Spec{
		Hello: "greenhouse", State: []Variable{{"led", "off"}}, Every: time.Hour, Boot: ms, Faults: faults,
		Signals: []Signal{{Name: "temperature", Value: 21.5, Decimals: 1, Unit: "°C"}},
		Commands: []Command{
			{On: "led={value}", Takes: "bool", Set: "led", Reply: "led is {led} at {temperature}"},
			{On: "fan=13", Refuse: "no {value}s"},
			{On: "fan={value}", Takes: "int 0..255"},
			{On: "say={value}", Takes: "text", Set: "led"},
		},
	}
}

// heard returns the lines of the board that have a right checksum, without it,
// and how many have none.
func (b *bench) heard(t *testing.T) (lines []string, wrong int) {
	t.Helper()
	var printed strings.Builder
	for _, entry := range b.log {
		_, quoted, _ := strings.Cut(entry, " ")
		var text string
		if _, err := fmt.Sscanf(quoted, "%q", &text); err == nil {
			printed.WriteString(text)
		}
	}
	b.log = nil
	for _, line := range strings.Split(strings.TrimSuffix(printed.String(), "\r\n"), "\r\n") {
		if l := protocol.Parse([]byte(line)); l.Check == protocol.Right {
			lines = append(lines, string(l.Text))
		} else if line != "" {
			wrong++
		}
	}
	return lines, wrong
}

func (b *bench) said(t *testing.T, want ...string) {
	t.Helper()
	if got, wrong := b.heard(t); fmt.Sprint(got) != fmt.Sprint(want) || wrong > 0 {
		t.Errorf("%d lines are wrong, the others\n\t%s\nwant\n\t%s", wrong, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// order sends a command of a session.
func (b *bench) order(number uint16, text string) {
	line, err := protocol.AppendCommand(nil, number, text)
	if err != nil {
		panic(err)
	}
	b.receive(b.at, line)
}

func stateOf(taken int) string {
	return fmt.Sprintf("!state session=0000 last=0 input=63 taken=%d dropped=0", taken)
}

// The hello has the readings with their units, and the commands.
func TestHello_DescribesTheBoard(t *testing.T) {
	hello := []string{
		"!hello greenhouse protocol=1 library=0.3.0 parts=5 output=80", "!reading 1/5 temperature °C", "!reading 2/5 led",
		"!command 3/5 led bool", "!command 4/5 fan int 0..255", "!command 5/5 say text 32", stateOf(0),
	}
	b := newBench(helloBoard()).until(25 * time.Second)
	b.said(t, append(hello, stateOf(0), stateOf(0))...)
	b.until(time.Hour).log = nil
	b.receive(b.at, []byte("?\n"))
	b.until(b.at).said(t, append(hello[:6], stateOf(2))...)
	b.until(2*time.Hour - ms).log = nil
	b.until(2 * time.Hour)
	if b.said(t, "temperature=21.5,led=off"); b.kept[0] != "?" {
		t.Errorf("kept %q", b.kept)
	}
}

// Each command is confirmed with its reply, or refused.
func TestHello_ConfirmsCommands(t *testing.T) {
	b := newBench(helloBoard()).until(ms)
	b.log = nil
	b.receive(ms, protocol.AppendSession(nil, 0x7f3a))
	for i, text := range []string{"led=1", "fan=256", "fan=13", "fan=14", "lamp=on", "say="} {
		b.order(uint16(i+1), text)
	}
	b.order(1, "led=1")
	b.order(4, "fan=14")
	b.until(ms).said(t, "!state session=7F3A last=0 input=63 taken=12 dropped=0", "!ok 1 taken=27 led is on at 21.5",
		"!no 2 taken=44 takes int 0..255", "!no 3 taken=60 no 13s", "!ok 4 taken=76", "!no 5 taken=93 no such command",
		"!ok 6 taken=107", "!again 7 taken=122 not the next", "!ok 4 taken=138")
	if b.ran != 3 || b.vars.get("led") != "" {
		t.Errorf("%d ran, led=%s", b.ran, b.vars.get("led"))
	}
	b.reset(ms)
	b.until(2 * ms).log = nil
	b.order(7, "led=on")
	b.until(2*ms).said(t, "!again 0 taken=16 no session")
}

// A busy sketch keeps the session, and 63 bytes.
func TestHello_BusyAnswersLater(t *testing.T) {
	b := newBench(helloBoard(Fault{At: 2 * ms, Do: Busy, For: 30 * time.Second})).until(2 * ms)
	b.log = nil
	b.receive(b.at, protocol.AppendSession(nil, 0x7f3a))
	b.order(1, "led=on")
	b.order(2, "say=12345678901234567890123")
	b.until(30 * time.Second).said(t)
	b.until(31*time.Second).said(t, "!state session=7F3A last=0 input=63 taken=12 dropped=0", "!ok 1 taken=28 led is on at 21.5")
	b.receive(b.at, []byte("\n"))
	b.until(b.at).said(t, "!again 2 taken=64 no checksum")
	if b.input.lost != 2 {
		t.Errorf("%d bytes are lost", b.input.lost)
	}
}

// A slow reader does not make the board lose answers: the commands stay in the
// ring buffer.
func TestHello_SlowReaderDelaysAnswers(t *testing.T) {
	b := newBench(helloBoard()).until(ms)
	b.log = nil
	b.receive(ms, []byte(strings.Repeat("x\n", 2*maxReplies)))
	if want := uint64(4*maxReplies - 2*maxReplies - bufferSize); b.input.lost != want || len(b.replies) != maxReplies {
		t.Errorf("%d bytes are lost, want %d; %d replies wait", b.input.lost, want, len(b.replies))
	}
	b.until(ms)
	if got, wrong := b.heard(t); len(got) != maxReplies+bufferSize/2 || wrong > 0 {
		t.Errorf("%d answers, %d wrong", len(got), wrong)
	}
}

// Noise damages lines in both directions.
func TestHello_NoiseDamagesBothWays(t *testing.T) {
	b := newBench(helloBoard(Fault{At: 2 * ms, Do: Noise})).until(2 * ms)
	b.log = nil
	for range 1000 {
		b.receive(b.at, []byte("fan=1\n"))
		b.until(b.at)
	}
	got, wrong := b.heard(t)
	if wrong < 100 || wrong > 300 || len(got) < 600 {
		t.Errorf("%d lines are right, %d wrong", len(got), wrong)
	}
	if answers := fmt.Sprint(got); !strings.Contains(answers, "no such command") || b.ran > 980 || b.ran < 900 {
		t.Errorf("%d of 1000 ran", b.ran)
	}
}

// Garbage and cut spoil an answer like any line.
func TestHello_FaultsSpoilAnswers(t *testing.T) {
	b := newBench(helloBoard(Fault{At: 2 * ms, Do: Garbage})).until(2 * ms)
	b.log = nil
	b.receive(b.at, []byte("fan=1\nfan=2\n"))
	got, wrong := b.until(b.at).heard(t)
	if len(got)+wrong != 1 || b.ran != 2 {
		t.Errorf("%q, %d lines are wrong, %d ran", got, wrong, b.ran)
	}
}

// A line printed by a test counts for the ten seconds of silence.
func TestHello_PrintlnDelaysTheState(t *testing.T) {
	b := newBench(helloBoard()).until(ms)
	line := b.library.AppendChecksum(7*time.Second, []byte("n=1"), 0)
	if l := protocol.Parse(line); l.Check != protocol.Right || string(l.Text) != "n=1" {
		t.Errorf("%q", line)
	}
	b.log = nil
	b.until(16 * time.Second).said(t)
	b.until(17*time.Second).said(t, stateOf(0))
}
