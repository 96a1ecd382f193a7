package rules

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"arduino-gateway/device"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func number(n float64) *float64 { return &n }

// step is a line "name=value name=value", when it comes, and the result: the published
// readings, and behind "!" the withheld ones with the reason. The line "due" calls Due, and
// "rest" calls Rest.
type step struct {
	second float64 // after start
	line   string
	want   string
}

func at(second float64) time.Time {
	return start.Add(time.Duration(second * float64(time.Second)))
}

func (s step) run(r *Rules) string {
	switch s.line {
	case "due":
		return held(r.Due(at(s.second)))
	case "rest":
		return held(r.Rest(at(s.second)))
	}
	var results []string
	publish, withheld := r.Apply(at(s.second), parse(s.line))
	for _, reading := range publish {
		results = append(results, reading.Name+"="+reading.Value+reading.Unit)
	}
	for _, w := range withheld {
		mark := "! "
		if w.Bad {
			mark = "!! "
		}
		results = append(results, mark+w.Name+" "+w.Why)
	}
	return strings.Join(results, " ")
}

func held(line device.Line, ok bool) string {
	if !ok {
		return "nothing"
	}
	r := line.Readings[0]
	return fmt.Sprintf("%s=%s%s of %v", r.Name, r.Value, r.Unit, line.Time.Sub(start).Seconds())
}

func parse(line string) (readings []device.Reading) {
	for pair := range strings.FieldsSeq(line) {
		name, value, _ := strings.Cut(pair, "=")
		value, unit, _ := strings.Cut(value, "_")
		readings = append(readings, device.Reading{Name: name, Value: value, Unit: unit})
	}
	return readings
}

// Each kind of rule publishes and withholds what devices.yaml says.
func TestRules_Apply(t *testing.T) {
	for name, c := range map[string]struct {
		specs map[string]device.ReadingSpec
		steps []step
	}{
		"no rule": {nil, []step{{0, "a=1 b=x", "a=1 b=x"}}},
		"others pass": {map[string]device.ReadingSpec{"t": {Ignore: true}}, []step{
			{0, "a=1 t=2 b=3", "a=1 b=3 ! t ignored"},
			{1, "t=2", "! t ignored"},
		}},
		"a pattern": {map[string]device.ReadingSpec{"sample_*": {Ignore: true}, "sample_0": {Unit: "V"}, "*_t": {Deadband: number(0)}}, []step{
			{0, "sample_1=2 b=3 sample_0=1", "b=3 sample_0=1V ! sample_1 ignored"},
			{1, "a_t=1 b_t=1", "a_t=1 b_t=1"},
			{2, "a_t=1 b_t=2 sample_t=1", "b_t=2 ! a_t unchanged ! sample_t ignored"},
		}},
		"bounds": {map[string]device.ReadingSpec{"t": {Min: number(-40), Max: number(85.5)}}, []step{
			{0, "t=-40 h=1", "t=-40 h=1"},
			{1, "t=-40.01 h=1", "h=1 !! t below min -40"},
			{2, "t=85.50", "t=85.50"},
			{3, "t=85.51", "!! t above max 85.5"},
			{4, "t=-127.00", "!! t below min -40"},
			{5, "t=nan", "!! t not a number, and it has bounds"},
			{6, "t=-inf", "!! t not a number, and it has bounds"},
			{7, "t=ovf", "!! t not a number, and it has bounds"},
			{8, "t=1e999", "!! t not a number, and it has bounds"},
			{9, "t=open", "!! t not a number, and it has bounds"},
			{10, "t=", "!! t not a number, and it has bounds"},
			{11, "t=+5.", "t=+5."},
		}},
		"one bound": {map[string]device.ReadingSpec{"t": {Min: number(0)}}, []step{
			{0, "t=1e9", "t=1e9"}, {1, "t=inf", "!! t not a number, and it has bounds"}, {2, "t=-0.1", "!! t below min 0"},
		}},
		"no bounds": {map[string]device.ReadingSpec{"t": {Unit: "V"}}, []step{{0, "t=nan", "t=nanV"}, {1, "t=5_mV", "t=5V"}}},
		"deadband": {map[string]device.ReadingSpec{"t": {Deadband: number(0.1)}}, []step{
			{0, "t=23.4", "t=23.4"},
			{1, "t=23.5", "! t unchanged"},
			{2, "t=23.30", "! t unchanged"},
			{3, "t=23.51", "t=23.51"},
			{4, "t=23.6", "! t unchanged"},
			{5, "t=nan", "t=nan"},
			{6, "t=nan", "! t unchanged"},
			{7, "t=inf", "t=inf"},
			{8, "t=inf", "! t unchanged"},
			{9, "t=23.5", "t=23.5"},
		}},
		"a drift is seen": {map[string]device.ReadingSpec{"t": {Deadband: number(1)}}, []step{
			{0, "t=0", "t=0"}, {1, "t=0.6", "! t unchanged"}, {2, "t=1.2", "t=1.2"},
		}},
		"changes only": {map[string]device.ReadingSpec{"door": {Deadband: number(0)}}, []step{
			{0, "door=open", "door=open"}, {1, "door=open", "! door unchanged"}, {2, "door=closed", "door=closed"},
			{3, "door=5", "door=5"}, {4, "door=5.0", "! door unchanged"}, {5, "door=1700000000001", "door=1700000000001"},
			{6, "door=1700000000002", "door=1700000000002"},
		}},
		"max_interval": {map[string]device.ReadingSpec{"t": {Deadband: number(0), MaxInterval: time.Minute}}, []step{
			{0, "t=1", "t=1"}, {59, "t=1", "! t unchanged"}, {60, "t=1", "t=1"}, {119, "t=1", "! t unchanged"}, {200, "t=1", "t=1"},
		}},
		"min_interval": {map[string]device.ReadingSpec{"t": {MinInterval: 10 * time.Second, Rename: "temp", Unit: "°C"}}, []step{
			{0, "t=1", "temp=1°C"},
			{0.5, "due", "nothing"},
			{1, "t=2", "! t held, min_interval is 10s"},
			{2, "t=3", "! t held, min_interval is 10s"},
			{9.9, "due", "nothing"},
			{10, "due", "temp=3°C of 2"},
			{10, "due", "nothing"},
			{11, "t=4", "! t held, min_interval is 10s"},
			{20, "t=5", "temp=5°C"}, // the newest, and 4 is over
			{20, "due", "nothing"},
			{21, "t=6", "! t held, min_interval is 10s"},
			{22, "rest", "temp=6°C of 21"},
			{22, "rest", "nothing"},
		}},
		"back within the dead band": {map[string]device.ReadingSpec{"t": {MinInterval: 10 * time.Second, Deadband: number(1)}}, []step{
			{0, "t=1", "t=1"}, {1, "t=5", "! t held, min_interval is 10s"}, {2, "t=1.5", "! t unchanged"}, {11, "due", "nothing"},
		}},
		"a value out of bounds replaces no held value": {map[string]device.ReadingSpec{"t": {MinInterval: 10 * time.Second, Max: number(9)}}, []step{
			{0, "t=1", "t=1"}, {1, "t=5_C", "! t held, min_interval is 10s"}, {2, "t=99", "!! t above max 9"}, {10, "due", "t=5C of 1"},
		}},
		"several are held": {map[string]device.ReadingSpec{"a": {MinInterval: time.Second}, "b": {MinInterval: 5 * time.Second}}, []step{
			{0, "a=1 b=1", "a=1 b=1"},
			{0.1, "b=2 a=2", "! b held, min_interval is 5s ! a held, min_interval is 1s"},
			{1, "due", "a=2 of 0.1"},
			{1, "due", "nothing"},
			{1.5, "a=3", "! a held, min_interval is 1s"},
			{2, "rest", "b=2 of 0.1"},
			{2, "rest", "a=3 of 1.5"},
			{2, "rest", "nothing"},
		}},
		"rename": {map[string]device.ReadingSpec{"t": {Rename: "temp"}}, []step{
			{0, "t=1", "temp=1"}, {1, "temp=2 t=3", "temp=3 ! temp its name is used by t"},
		}},
		"rename to an ignored one": {map[string]device.ReadingSpec{"t": {Rename: "temp"}, "temp": {Ignore: true}}, []step{
			{1, "temp=2 t=3", "temp=3 ! temp ignored"},
		}},
		"swap": {map[string]device.ReadingSpec{"a": {Rename: "b"}, "b": {Rename: "a"}}, []step{{0, "a=1 b=2", "b=1 a=2"}}},
	} {
		r := New(c.specs)
		for _, s := range c.steps {
			if got := s.run(r); got != s.want {
				t.Errorf("%s: %v s %s\n got %s\nwant %s", name, s.second, s.line, got, s.want)
			}
		}
	}
}

// Whatever a board prints, two values are at least min_interval apart, none is out of
// bounds, and the newest is published in the end.
func TestRules_MinIntervalKeepsTheNewest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const least = 10.0
		r := New(map[string]device.ReadingSpec{"t": {MinInterval: least * time.Second, Max: number(50)}})
		now, last := 0.0, math.Inf(-1)
		newest, sent := "", ""
		take := func(value string) {
			if now-last < least-1e-6 { // sums of pauses
				t.Fatalf("%s after %v s", value, now-last)
			}
			last, sent = now, value
		}
		for range rapid.IntRange(1, 60).Draw(t, "lines") {
			now += rapid.Float64Range(0, 15).Draw(t, "pause")
			value := fmt.Sprint(rapid.IntRange(0, 70).Draw(t, "value"))
			publish, withheld := r.Apply(at(now), parse("t="+value))
			if len(withheld) == 0 || !withheld[0].Bad {
				newest = value
			}
			for _, p := range publish {
				take(p.Value)
			}
			if rapid.Bool().Draw(t, "tick") {
				if line, ok := r.Due(at(now)); ok {
					take(line.Readings[0].Value)
				}
			}
		}
		if line, ok := r.Rest(at(now)); ok {
			sent = line.Readings[0].Value
		}
		if sent != newest {
			t.Fatalf("the newest is %q, the last published is %q", newest, sent)
		}
	})
}

// A held value does not share the memory of its line.
func TestRules_CopyHeldValues(t *testing.T) {
	r := New(map[string]device.ReadingSpec{"t": {MinInterval: time.Minute}})
	r.Apply(start, parse("t=off"))
	text := []byte("on")
	r.Apply(start, []device.Reading{{Name: "t", Value: unsafe.String(&text[0], len(text))}})
	copy(text, "##")
	if got := held(r.Rest(start)); got != "t=on of 0" {
		t.Error(got)
	}
}

// Apply does not allocate.
func TestRules_ApplyDoesNotAllocate(t *testing.T) {
	r := New(map[string]device.ReadingSpec{
		"a": {Min: number(0), Max: number(100), Deadband: number(1)},
		"b": {MinInterval: time.Hour}, "c": {Ignore: true}, "door": {Deadband: number(0)},
	})
	line := parse("a=23.51 b=40.2 c=1 door=open x=5")
	r.Apply(start, line)
	n := 0
	if got := testing.AllocsPerRun(100, func() {
		n++
		r.Apply(start.Add(time.Duration(n)*time.Second), line)
	}); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkApply(b *testing.B) {
	r := New(map[string]device.ReadingSpec{"a": {Min: number(0), Max: number(100)}, "b": {Deadband: number(1)}})
	line := parse("a=23.51 b=40.2 c=1")
	b.ReportAllocs()
	for b.Loop() {
		r.Apply(start, line)
	}
}
