package simulator

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/lineformat"

	"pgregory.net/rapid"
)

// A sine stays within its amplitude and repeats.
func TestSignal_SineRepeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := time.Duration(rapid.IntRange(1, 5000).Draw(t, "every")) * time.Millisecond
		ticks := rapid.Int64Range(1, 1000).Draw(t, "ticks a period")
		s := Signal{
			Wave: Sine, Period: every * time.Duration(ticks),
			Mean: rapid.Float64Range(-1e3, 1e3).Draw(t, "mean"), Amplitude: rapid.Float64Range(0, 1e3).Draw(t, "amplitude"),
		}
		tick := rapid.Int64Range(0, 1<<40).Draw(t, "tick")
		v := s.At(0, tick, every)
		if math.Abs(v-s.Mean) > s.Amplitude+1e-9 {
			t.Fatalf("%v is out of %v ± %v", v, s.Mean, s.Amplitude)
		}
		if again := s.At(0, tick+ticks, every); again != v {
			t.Fatalf("a period later %v, not %v", again, v)
		}
	})
}

// A ramp goes from From to To, and starts again.
func TestSignal_RampGoesFromTo(t *testing.T) {
	s := Signal{Wave: Ramp, From: 10, To: -10, Period: 4 * time.Second}
	for tick, want := range []float64{10, 5, 0, -5, 10} {
		if got := s.At(0, int64(tick), time.Second); got != want {
			t.Errorf("tick %d: %v, want %v", tick, got, want)
		}
	}
}

// A walk takes small steps within its range.
func TestSignal_WalkStaysInItsRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-100, 100).Draw(t, "min")
		s := Signal{Wave: Walk, Min: low, Max: low + rapid.Float64Range(0.1, 50).Draw(t, "range")}
		s.Start = (s.Min + s.Max) / 2
		s.Step = rapid.Float64Range(0.01, 100).Draw(t, "step")
		seed := rapid.Uint64().Draw(t, "seed")
		g := generator{Signal: s, seed: seed}
		last := s.Start
		for tick := range int64(200) {
			v := g.at(tick)
			if v < s.Min || v > s.Max || math.Abs(v-last) > s.Step+1e-9 {
				t.Fatalf("tick %d: from %v to %v", tick, last, v)
			}
			last = v
		}
	})
}

// Equal seeds and ticks have equal values.
func TestSignal_DependsOnSeedAndTick(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Signal{
			Name: "x", Wave: rapid.SampledFrom(Waves).Draw(t, "wave"), Period: time.Minute, Amplitude: 3, To: 9,
			Step: 1, Max: 10, Noise: 0.5,
		}
		seed := rapid.Uint64().Draw(t, "seed")
		g := generator{Signal: s, every: time.Second, seed: signalSeed(seed, s.Name)}
		for _, tick := range rapid.SliceOfN(rapid.Int64Range(0, 300), 1, 20).Draw(t, "ticks in any order") {
			if got, want := g.at(tick), s.At(seed, tick, time.Second); got != want {
				t.Fatalf("tick %d: %v, then %v", tick, got, want)
			}
		}
	})
}

// Two walks of one board differ.
func TestSignal_MovesIndependently(t *testing.T) {
	s := Spec{Signals: []Signal{{Name: "a", Noise: 1, Decimals: 9}, {Name: "b", Noise: 1, Decimals: 9}}}
	a, b, _ := strings.Cut(strings.ReplaceAll(s.LineAt(3), "b=", "a="), ",")
	if a == b {
		t.Errorf("both are %s", a)
	}
	one := s.LineAt(3)
	s.Seed = 1
	if s.LineAt(3) == one {
		t.Error("another seed gives the same line")
	}
}

// The numbers spread evenly from -1 to 1.
func TestUniform_IsEvenlySpread(t *testing.T) {
	var buckets [10]int
	for n := range int64(100_000) {
		v := uniform(42, n)
		if v < -1 || v >= 1 {
			t.Fatalf("%v", v)
		}
		buckets[int((v+1)*5)]++
	}
	for i, n := range buckets {
		if n < 9500 || n > 10500 {
			t.Errorf("tenth %d has %d of 100,000", i, n)
		}
	}
}

// Each format has its line.
func TestSpec_PrintsEachFormat(t *testing.T) {
	for format, want := range map[Format]string{
		Pairs:   `temperature=23.50,humidity=40.2,led=off,pwm=7`,
		Plotter: `temperature:23.50,humidity:40.2,led:off,pwm:7`,
		CSV:     `23.50,40.2,off,7`,
		JSON:    `{"temperature":23.50,"humidity":40.2,"led":"off","pwm":7}`,
	} {
		spec := Spec{
			Format:  format,
			Signals: []Signal{{Name: "temperature", Value: 23.5, Decimals: 2}, {Name: "humidity", Value: 40.2, Decimals: 1}},
			State:   []Variable{{"led", "off"}, {"pwm", "7"}},
		}
		got := spec.LineAt(0)
		if got != want {
			t.Errorf("%s: %s, want %s", format, got, want)
		}
		if format == JSON && !json.Valid([]byte(got)) {
			t.Errorf("%s is not JSON", got)
		}
	}
}

func TestSpec_PrintsWhatTheGatewayReads(t *testing.T) {
	for _, format := range Formats {
		spec := Spec{Format: format, Signals: []Signal{{Name: "temperature", Value: 23.5, Decimals: 2}, {Name: "humidity", Value: 40, Decimals: 1}}}
		readings, err := lineformat.NewParser(lineformat.Options{Format: "auto", Columns: []string{"temperature", "humidity"}}).Parse([]byte(spec.LineAt(0)))
		if err != nil || len(readings) != 2 || readings[0].Name != "temperature" || readings[0].Value != "23.50" || readings[1].Value != "40.0" {
			t.Errorf("%s: %+v, %v", format, readings, err)
		}
	}
}

// LineAt panics for a spec that Plug refuses.
func TestSpec_LineAtPanicsForABadSpec(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Spec{Line: "{nothing}"}.LineAt(0)
}
