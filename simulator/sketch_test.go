package simulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

// bench runs a sketch without a clock and writes down what it does.
type bench struct {
	*sketch
	at   time.Duration
	log  []string
	kept []string
}

func newBench(spec Spec) *bench {
	spec = spec.withDefaults()
	b := &bench{}
	b.sketch = newSketch(&spec, func(line string) { b.kept = append(b.kept, line) })
	return b
}

// until lets time pass, as the board's loop does.
func (b *bench) until(end time.Duration) *bench {
	for {
		a, again := b.step(b.at)
		switch {
		case a.do == printing:
			b.log = append(b.log, fmt.Sprintf("%v %q", b.at, a.print))
		case a.do == updatingPort:
			b.log = append(b.log, fmt.Sprintf("%v powered=%v hung=%v", b.at, b.powered, b.active(Hang)))
		case again > end:
			b.at = end
			return b
		default:
			b.at = again
		}
	}
}

func (b *bench) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(b.log, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(b.log, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func counting(faults ...Fault) Spec {
	return Spec{Every: 100 * ms, Line: "line {tick}", Faults: faults}
}

// The boot is followed by the banner, then by the lines.
func TestSketch_BootsThenPrints(t *testing.T) {
	spec := counting()
	spec.Boot, spec.Banner, spec.Ending, spec.Lines = 250*ms, []string{"ready", "led={led}"}, "crlf", 2
	spec.State = []Variable{{"led", "off"}}
	newBench(spec).until(time.Hour).want(t,
		`250ms "ready\r\nled=off\r\n"`, `300ms "line 3\r\n"`, `400ms "line 4\r\n"`)
}

// Faults begin and end at their times.
func TestSketch_FollowsItsFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault Fault
		want  []string
	}{
		"cut once": {Fault{At: 150 * ms, Do: Cut},
			[]string{`0s "line 0\n"`, `100ms "line 1\n"`, `200ms "lin"`, `300ms "line 3\n"`}},
		"cut": {Fault{At: 50 * ms, Do: Cut, For: 200 * ms},
			[]string{`0s "line 0\n"`, `100ms "lin"`, `200ms "lin"`, `300ms "line 3\n"`}},
		"silence": {Fault{At: 50 * ms, Do: Silence, For: 200 * ms},
			[]string{`0s "line 0\n"`, `300ms "line 3\n"`}},
		"busy": {Fault{At: 50 * ms, Do: Busy, For: 200 * ms},
			[]string{`0s "line 0\n"`, `300ms "line 3\n"`}},
		"reset": {Fault{At: 150 * ms, Do: Reset},
			[]string{`0s "line 0\n"`, `100ms "line 1\n"`, `150ms powered=true hung=false`, `200ms "line 2\n"`, `300ms "line 3\n"`}},
		"hang": {Fault{At: 50 * ms, Do: Hang, For: 200 * ms},
			[]string{`0s "line 0\n"`, `50ms powered=true hung=true`, `250ms powered=true hung=false`, `300ms "line 3\n"`}},
		"unplug": {Fault{At: 50 * ms, Do: Unplug, For: 200 * ms},
			[]string{`0s "line 0\n"`, `50ms powered=false hung=false`, `250ms powered=true hung=false`, `300ms "line 3\n"`}},
		"unplug for good": {Fault{At: 50 * ms, Do: Unplug},
			[]string{`0s "line 0\n"`, `50ms powered=false hung=false`}},
		"silence again and again": {Fault{At: 50 * ms, Do: Silence, For: 100 * ms, Every: 200 * ms},
			[]string{`0s "line 0\n"`, `200ms "line 2\n"`}},
	} {
		t.Run(name, func(t *testing.T) {
			newBench(counting(c.fault)).until(350*ms).want(t, c.want...)
		})
	}
}

// Garbage has the length of the line that it replaces.
func TestSketch_PrintsGarbage(t *testing.T) {
	run := func() *bench {
		return newBench(counting(Fault{At: 50 * ms, Do: Garbage, For: 100 * ms})).until(200 * ms)
	}
	b := run()
	if len(b.log) != 3 || strings.Contains(b.log[1], "line") || b.log[2] != `200ms "line 2\n"` {
		t.Errorf("%q", b.log)
	}
	run().want(t, b.log...)
}

// A flood is as fast as the rate.
func TestSketch_FloodsAtItsBaud(t *testing.T) {
	spec := counting(Fault{At: 0, Do: Flood, For: time.Second})
	spec.Baud = 9600
	b := newBench(spec).until(990 * ms)
	bytes := 0
	for _, entry := range b.log {
		bytes += strings.Count(entry, "U")
		if strings.Contains(entry, `\n`) {
			t.Errorf("a line ending in %s", entry)
		}
	}
	if bytes < 900 || bytes > 960 {
		t.Errorf("%d bytes in a second at 9600 baud", bytes)
	}
}

// A reset ends a hang.
func TestSketch_ResetEndsAHang(t *testing.T) {
	b := newBench(counting(Fault{At: 50 * ms, Do: Hang}, Fault{At: 500 * ms, Do: Reset}))
	b.until(600*ms).want(t, `0s "line 0\n"`, `50ms powered=true hung=true`,
		`500ms powered=true hung=false`, `500ms "line 5\n"`, `600ms "line 6\n"`)
	if b.resets != 1 {
		t.Errorf("%d resets", b.resets)
	}
}

// A flat-out board writes large batches, and waits while it is muted.
func TestSketch_FlatOutBatchesAndNeverSpins(t *testing.T) {
	b := newBench(Spec{FlatOut: true, Lines: 10_000, Line: "n={tick}"}).until(0)
	if len(b.log) > 5 || b.lines != 10_000 {
		t.Errorf("%d lines in %d writes", b.lines, len(b.log))
	}
	muted := newBench(Spec{FlatOut: true, Line: "x", Faults: []Fault{{Do: Hang}}}).until(time.Minute)
	if muted.lines > 61 {
		t.Errorf("a hung board went round %d times in a minute", muted.lines)
	}
}

// A lossless board prints every tick, also after a boot.
func TestSketch_LosslessSkipsNoTick(t *testing.T) {
	spec := counting(Fault{At: 150 * ms, Do: Reset})
	spec.Lossless, spec.Boot = true, 100*ms
	newBench(spec).until(300*ms).want(t, `100ms "line 0\n"`, `100ms "line 1\n"`,
		`150ms powered=true hung=false`, `250ms "line 2\n"`, `300ms "line 3\n"`)
}

func commanded() Spec {
	return Spec{
		State: []Variable{{"led", "off"}, {"pwm", "0"}}, Unknown: "?", Every: time.Hour, Line: "led={led},pwm={pwm}",
		Commands: []Command{
			{On: "L{value}!", Set: "led", Reply: "led is {led}"},
			{On: "H", Set: "led", To: "high"},
			{On: "pwm={value}", Set: "pwm", To: "{value}0"},
		},
	}
}

// Commands match in their order, and change the state.
func TestSketch_RunsCommands(t *testing.T) {
	b := newBench(commanded()).until(0)
	b.receive(ms, []byte("Lon!\nL!\nLx\r\npwm=5\nH\n"))
	b.until(time.Hour).want(t, `0s "led=off,pwm=0\n"`, `0s "led is on\n?\n?\n"`, `1h0m0s "led=high,pwm=50\n"`)
	if want := []string{"Lon!", "L!", "Lx", "pwm=5", "H"}; !slices.Equal(b.kept, want) {
		t.Errorf("kept %q", b.kept)
	}
}

// A reset restores the state and drops half a command.
func TestSketch_ResetClearsStateAndInput(t *testing.T) {
	b := newBench(commanded()).until(0)
	b.receive(0, []byte("H\nLo"))
	b.reset(ms)
	b.receive(ms, []byte("n!\n"))
	b.until(2 * ms)
	if b.vars.get("led") != "off" {
		t.Errorf("led is %s", b.vars.get("led"))
	}
	b.until(5*ms).receive(5*ms, []byte("H\n"))
	if b.vars.get("led") != "high" || b.input.lost != 3 {
		t.Errorf("led is %s, %d bytes lost", b.vars.get("led"), b.input.lost)
	}
}

// Input without an ending counts as a line after a second.
func TestSketch_ReadsInputWithoutAnEnding(t *testing.T) {
	b := newBench(commanded()).until(0)
	b.receive(0, []byte("H"))
	if b.until(999 * ms); b.vars.get("led") != "off" {
		t.Error("taken too early")
	}
	if b.until(time.Second); b.vars.get("led") != "high" {
		t.Error("never taken")
	}
}

// A busy sketch reads later what the ring buffer kept.
func TestSketch_BusyReadsLater(t *testing.T) {
	spec := commanded()
	spec.Faults = []Fault{{At: 0, Do: Busy, For: time.Second}}
	b := newBench(spec).until(0)
	b.receive(ms, []byte("H\n"+strings.Repeat("x", 80)))
	if b.until(999 * ms); b.vars.get("led") != "off" || b.input.lost != 82-bufferSize {
		t.Errorf("led is %s, %d lost", b.vars.get("led"), b.input.lost)
	}
	if b.until(time.Second); b.vars.get("led") != "high" {
		t.Error("the ring is forgotten")
	}
}

// A line without an end is read in pieces.
func TestSketch_ReadsEndlessInputInPieces(t *testing.T) {
	b := newBench(Spec{}).until(0)
	b.receive(0, make([]byte, 3*inputLine))
	if len(b.kept) != 3 {
		t.Errorf("%d lines", len(b.kept))
	}
}

// Replies beyond the bound are lost.
func TestSketch_BoundsItsReplies(t *testing.T) {
	b := newBench(commanded()).until(0)
	b.receive(0, []byte(strings.Repeat("?\n", 10*maxReplies)))
	if len(b.replies) != maxReplies {
		t.Errorf("%d replies wait", len(b.replies))
	}
}

// No schedule of faults makes the sketch stand still in time.
func TestSketch_AdvancesWithAnySchedule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := commanded()
		spec.Every, spec.Boot = 50*ms, 20*ms
		spec.FlatOut = rapid.Bool().Draw(t, "flat out")
		spec.Lines = 1000
		for range rapid.IntRange(0, 8).Draw(t, "faults") {
			spec.Faults = append(spec.Faults, Fault{
				At: time.Duration(rapid.IntRange(0, 1000).Draw(t, "at")) * ms,
				Do: rapid.SampledFrom(Faults).Draw(t, "do"), For: time.Duration(rapid.IntRange(0, 200).Draw(t, "for")) * ms,
			})
		}
		b := newBench(spec)
		for b.at < 2*time.Second {
			_, again := b.step(b.at)
			if again < b.at {
				t.Fatalf("at %v asked for %v", b.at, again)
			}
			b.at = max(again, b.at)
			if len(b.log) > 10_000 {
				t.Fatal("it goes round and round")
			}
			b.log = append(b.log, "")
		}
	})
}

// The bytes take the time that the rate needs.
func TestPacer_SpreadsBytes(t *testing.T) {
	p := pacer{baud: 9600}
	if p.chunk() != 9 {
		t.Errorf("%d bytes in 10 ms", p.chunk())
	}
	first := p.send(0, 96)
	second := p.send(50*ms, 96)
	late := p.send(time.Second, 96)
	if first != 100*ms || second != 200*ms || late != 1100*ms {
		t.Errorf("%v %v %v", first, second, late)
	}
	if slow := (&pacer{baud: 50}); slow.chunk() != 1 {
		t.Errorf("%d bytes in 10 ms at 50 baud", slow.chunk())
	}
}

// What a program writes does not change what the noise does to the lines.
func TestSketch_NoiseOfTheLinesDoesNotDependOnTheInput(t *testing.T) {
	spec := counting(Fault{Do: Noise})
	quiet, busy := newBench(spec), newBench(spec)
	quiet.until(5 * time.Second)
	for at := ms; at <= 5*time.Second; at += ms {
		busy.until(at).receive(at, []byte("led=on"))
	}
	busy.want(t, quiet.log...)
}
