package extras_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"arduino-gateway/internal/protocol"
	"arduino-gateway/simulator/avr"
)

// TestUno_SaysHelloAfterBoot: the hello is whole, and ends with a new state.
func TestUno_SaysHelloAfterBoot(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "../examples/Greenhouse/Greenhouse.ino")
	var c protocol.Collector
	last := k.line("state", func(l protocol.Line) bool {
		if err := c.Add(l); err != nil {
			t.Error(err)
		}
		return l.Kind == protocol.StateLine
	})
	if last.State != (protocol.State{Input: 63}) {
		t.Errorf("after its boot the state of the board is %+v", last.State)
	}
	if h := last.Health; h.Dropped != 0 || h.Reset != protocol.ResetPin || h.RAM < 1000 || h.RAM > 2048 {
		t.Errorf("after its boot the board reports %+v", h)
	}
	d, whole := c.Description()
	if got := fmt.Sprintf("%s %d %d %s", d.ID, len(d.Readings), len(d.Commands), d.Readings["temperature"].Unit); !whole || got != "greenhouse 3 3 °C" {
		t.Errorf("got %s, whole: %v", got, whole)
	}
}

// TestUno_PrintsReadingsWithChecksums: a line with one damaged digit does not pass.
func TestUno_PrintsReadingsWithChecksums(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "../examples/Greenhouse/Greenhouse.ino")
	for channel, millivolts := range []int{740, 2195, 2500} {
		if err := k.uno.SetADC(testContext(t), channel, millivolts); err != nil {
			t.Fatal(err)
		}
	}
	line := k.reading(`^temperature=23\.\d\d,humidity=40\.\d,light=511$`)
	damaged := fmt.Appendf(nil, "%s ~%04X", strings.Replace(line, "=2", "=3", 1), protocol.Sum([]byte(line)))
	if got := protocol.Parse(damaged); got.Check != protocol.Wrong {
		t.Errorf("%q passes", damaged)
	}
}

// TestUno_RunsAndRefusesCommands: bounds, words and the sketch's own refusal.
func TestUno_RunsAndRefusesCommands(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "../examples/Greenhouse/Greenhouse.ino")
	k.state()
	k.begin(0x7f3a)
	k.expect(command(t, 1, "led=on"), "ok 1")
	k.waitPin(avr.High)
	k.expect(command(t, 2, "pwm=128"), "ok 2")
	if err := k.uno.WaitDuty(testContext(t), "D9", avr.Duty{Value: 128, Top: 255}); err != nil {
		t.Error(err)
	}
	k.expect(command(t, 3, "pwm=256"), "no 3 takes int 0..255")
	k.expect(command(t, 4, "mode=auto"), "ok 4")
	k.expect(command(t, 5, "pwm=1"), "no 5 the fan runs by itself (mode=manual ends that)")
	k.expect(command(t, 6, "led=off"), "ok 6")
	k.waitPin(avr.Low)
}

// TestUno_RunsARepeatedCommandOnce: a command that comes four times runs once.
func TestUno_RunsARepeatedCommandOnce(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "testdata/Busy/Busy.ino")
	k.state()
	k.begin(0x7f3a)
	k.expect(command(t, 1, "add=5"), "ok 1")
	for range 3 {
		k.expect(append([]byte("\n"), command(t, 1, "add=5")...), "ok 1")
	}
	k.expect(command(t, 2, "add=0"), "ok 2")
	k.reading(`,ran=2,sum=155$`)
}

// TestUno_AsksAgainForDamagedCommands: only the right line, in its turn, runs.
func TestUno_AsksAgainForDamagedCommands(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "testdata/Busy/Busy.ino")
	k.state()
	k.begin(0x7f3a)
	line := command(t, 1, "add=5")
	k.expect(bytes.Replace(line, []byte("5"), []byte("6"), 1), "again 1 damaged")
	k.expect([]byte("#1 add=7\n"), "again 1 no checksum")
	k.write([]byte("#1 a")) // half a line, and the ending before a repetition
	k.expect([]byte("\n"), "again 1 no checksum")
	k.expect(command(t, 2, "add=8"), "again 1 not the next")
	k.expect(line, "ok 1")
	k.reading(`,ran=1,sum=5$`)
}

// TestUno_RunsNothingOldAfterReset: a command from before the reset does not run after
// it.
func TestUno_RunsNothingOldAfterReset(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "testdata/Busy/Busy.ino")
	k.state()
	k.begin(0x7f3a)
	line := command(t, 1, "add=5")
	k.expect(line, "ok 1")
	if err := k.uno.Reset(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if state := k.state(); state.Session != 0 {
		t.Errorf("after the reset the state of the board is %+v", state)
	}
	k.expect(line, "again 0 no session")
	k.begin(0x0b0e)
	k.reading(`,ran=0,sum=0$`)
	k.expect(command(t, 1, "add=9"), "ok 1")
	k.reading(`,ran=1,sum=9$`)
}

// TestUno_LosesNothingWhileBusy fills the input buffer of a board that is deaf most of
// the time, as far as its credit goes: no command and no line is lost or damaged.
func TestUno_LosesNothingWhileBusy(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "testdata/Busy/Busy.ino")
	k.state()
	var credit protocol.Credit
	k.write(protocol.AppendSession(nil, 0x7f3a))
	credit.Begin(k.line("state", func(l protocol.Line) bool { return l.State.Session == 0x7f3a }).State)
	const commands = 30
	var ends []uint16
	line, most, sum := uint16(0), 0, uint32(0)
	for answered := 0; answered < commands; {
		for len(ends) < commands {
			next := command(t, uint16(len(ends)+1), fmt.Sprintf("add=%d", len(ends)*331))
			if len(next) > credit.Room() || len(ends)-answered == 4 {
				break
			}
			k.write(next)
			sum = sum*31 + uint32(len(ends)*331)
			ends = append(ends, credit.Sent(len(next)))
			most = max(most, len(ends)-answered)
		}
		l := k.line("line", func(l protocol.Line) bool { return l.Kind != protocol.StateLine })
		switch l.Kind {
		case protocol.AnswerLine:
			if l.Answer.Verdict != protocol.OK || int(l.Answer.Number) != answered+1 {
				t.Fatalf("%q", l.Text)
			}
			credit.Answered(ends[answered], l.Answer.Taken)
			answered++
		case protocol.Plain:
			number := lineNumber(t, l)
			if line != 0 && number != line+1 {
				t.Errorf("after line %d comes %d", line, number)
			}
			line = number
		}
	}
	if most < 3 {
		t.Errorf("only %d commands were on their way at a time", most)
	}
	k.reading(fmt.Sprintf(",ran=%d,sum=%d$", commands, sum))
	if stats, err := k.uno.Stats(testContext(t)); err != nil || stats.Overrun != 0 {
		t.Errorf("%+v, %v", stats, err)
	}
}

func lineNumber(t *testing.T, l protocol.Line) uint16 {
	t.Helper()
	text, _, _ := strings.Cut(strings.TrimPrefix(string(l.Text), "line="), ",")
	n, err := strconv.Atoi(text)
	if err != nil || l.Check != protocol.Right {
		t.Fatalf("%q", l.Text)
	}
	return uint16(n)
}

// TestUno_SendsItsOwnReason: the reason of a sketch for a refusal reaches the gateway.
func TestUno_SendsItsOwnReason(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	k := plugIn(t, "../examples/RelayBoard/RelayBoard.ino")
	k.state()
	k.begin(0x7f3a)
	k.expect(command(t, 1, "pump=on"), "no 1 the lock is open")
	if err := k.uno.SetPin(ctx, "D2", false); err != nil {
		t.Fatal(err)
	}
	k.expect(command(t, 2, "pump=on"), "ok 2")
	if err := k.uno.WaitPin(ctx, "D4", avr.High); err != nil {
		t.Error(err)
	}
}

// TestUno_TakesTypedCommands: commands from the serial monitor have no number and no
// checksum.
func TestUno_TakesTypedCommands(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "../examples/Migrating/After/After.ino")
	k.state()
	k.expect([]byte("led=on\r\n"), "ok 0")
	k.waitPin(avr.High)
	k.expect([]byte("fan=300\r\n"), "no 0 takes int 0..255")
	k.write([]byte("?\r\n"))
	k.line("hello", func(l protocol.Line) bool { return l.Kind == protocol.HelloLine })
}

// TestUno_TakesPlainTexts: texts in RAM and in flash work side by side.
func TestUno_TakesPlainTexts(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "testdata/Plain/Plain.ino")
	var c protocol.Collector
	k.line("state", func(l protocol.Line) bool {
		if err := c.Add(l); err != nil {
			t.Error(err)
		}
		return l.Kind == protocol.StateLine
	})
	d, whole := c.Description()
	if got := fmt.Sprintf("%s %s %d", d.ID, d.Readings["temperature"].Unit, len(d.Commands)); !whole || got != "plain-7 °C 4" {
		t.Errorf("got %s, whole: %v", got, whole)
	}
	k.begin(0x7f3a)
	k.expect(command(t, 1, "led=on"), "ok 1 it is on")
	k.waitPin(avr.High)
	k.expect(append([]byte("\n"), command(t, 1, "led=on")...), "ok 1 it is on")
	k.expect(command(t, 2, "mode=auto"), "ok 2")
	k.expect(command(t, 3, "mode=off"), "no 3 it stays on")
	k.expect(command(t, 4, "mode=on"), "no 4 takes enum auto|off")
	k.expect(command(t, 5, "fan=256"), "no 5 takes int 0..255")
	k.expect(command(t, 6, "pump=10"), "no 6 takes int 0..9")
	k.expect(command(t, 7, "pump=9"), "ok 7")
	k.reading(`^temperature=23\.5,light=dark,door=open$`)
}

// TestUno_SleepsWithoutLosingLines: a board that sleeps between its lines sends each whole,
// and wakes again.
func TestUno_SleepsWithoutLosingLines(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "../examples/Nap/Nap.ino")
	for readings := 0; readings < 2; {
		l := k.line("reading", func(l protocol.Line) bool { return true })
		if l.Check != protocol.Right {
			t.Errorf("%q", l.Text)
		}
		if l.Kind == protocol.Plain {
			readings++
		}
	}
}

// TestUno_RunsOldNames: a sketch for version 0.2 still runs.
func TestUno_RunsOldNames(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "testdata/Old/Old.ino")
	k.line("hello", func(l protocol.Line) bool {
		return l.Kind == protocol.HelloLine && strings.HasPrefix(string(l.Text), "!hello old ")
	})
	k.reading(`^light=\d+$`)
}

// TestUno_AnswersOldGateways: the board gets what a gateway from before the library 0.3
// wrote to it, as recorded, and answers all that such a gateway counts on: a session, two
// commands at once, and the first of them again, which runs once.
func TestUno_AnswersOldGateways(t *testing.T) {
	t.Parallel()
	k := plugIn(t, "testdata/Busy/Busy.ino")
	k.state()
	k.write([]byte("\n?C4AB ~66B8\n"))
	if got, want := k.state(), (protocol.State{Session: 0xC4AB, Input: 63, Taken: 13}); got != want {
		t.Errorf("the state of the board is %+v, want %+v", got, want)
	}
	k.write([]byte("#1 add=5 ~CB74\n#2 add=6 ~5181\n"))
	k.write([]byte("\n#1 add=5 ~CB74\n"))
	for _, want := range []string{"ok 1", "ok 2", "ok 1"} {
		if got := k.answer(); got != want {
			t.Errorf("the board answers %q, want %q", got, want)
		}
	}
	k.expect([]byte("#3 add=7 ~DFDD\n"), "ok 3")
	k.reading(`,ran=3,sum=4998$`)
}
