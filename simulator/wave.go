package simulator

import (
	"fmt"
	"hash/fnv"
	"math"
	"time"
)

// Wave is how a signal moves.
type Wave string

// The waves, with the fields of Signal that each of them uses.
const (
	Constant Wave = "constant" // Value
	Sine     Wave = "sine"     // Mean, Amplitude, Period
	Ramp     Wave = "ramp"     // From, To, Period; then it starts again
	Walk     Wave = "walk"     // Start, Step, Min, Max: at each tick up or down by at most Step
)

// Waves lists every Wave.
var Waves = []Wave{Constant, Sine, Ramp, Walk}

// Signal is a quantity that a board measures. It goes on while the board boots
// or is unplugged.
type Signal struct {
	Name            string
	Wave            Wave // default Constant
	Value           float64
	Mean, Amplitude float64
	From, To        float64
	Start, Step     float64
	Min, Max        float64
	Period          time.Duration
	Noise           float64 // the most that is added or subtracted at each tick
	Decimals        int     // digits printed after the point
	Unit            string  // described in a Hello
}

// At returns the value of the signal at a tick; every is the time between ticks.
// Equal arguments return equal values. For a walk it takes time in proportion to
// tick.
func (s Signal) At(seed uint64, tick int64, every time.Duration) float64 {
	return (&generator{Signal: s, every: every, seed: signalSeed(seed, s.Name)}).at(tick)
}

func (s Signal) mistake() string {
	switch s.Wave {
	case Constant, "":
	case Sine, Ramp:
		if s.Period <= 0 {
			return fmt.Sprintf("a %s needs a period", s.Wave)
		}
	case Walk:
		if s.Step <= 0 || s.Min >= s.Max || s.Start < s.Min || s.Start > s.Max {
			return "a walk needs a step above zero, and min, start and max in rising order"
		}
	default:
		return fmt.Sprintf("wave: %q is not one of %s", s.Wave, list(Waves))
	}
	if s.Decimals < 0 || s.Decimals > 9 {
		return "decimals must be 0 to 9"
	}
	for _, v := range []float64{s.Value, s.Mean, s.Amplitude, s.From, s.To, s.Start, s.Step, s.Min, s.Max, s.Noise} {
		if math.Abs(v) > 1e15 || math.IsNaN(v) {
			return "a number is beyond 1e15"
		}
	}
	return ""
}

// generator computes the values of a signal tick by tick. It keeps the place of
// a walk, so that one more tick costs one step.
type generator struct {
	Signal
	every  time.Duration
	seed   uint64
	walked int64   // the tick that place belongs to
	place  float64 // of a walk
	moving bool    // place is valid
}

// signalSeed makes the signals of one board move independently.
func signalSeed(seed uint64, name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return mix(seed ^ h.Sum64())
}

func (g *generator) at(tick int64) float64 {
	value := g.Value
	switch g.Wave {
	case Sine:
		value = g.Mean + g.Amplitude*math.Sin(2*math.Pi*g.phase(tick))
	case Ramp:
		value = g.From + (g.To-g.From)*g.phase(tick)
	case Walk:
		value = g.walk(tick)
	}
	if g.Noise != 0 {
		value += g.Noise * uniform(g.seed+1, tick)
	}
	return value
}

// phase returns how much of the period has passed, 0 to 1. The remainder is
// computed in whole nanoseconds of both: the ten-millionth period is as exact as
// the first.
func (g *generator) phase(tick int64) float64 {
	period := int64(g.Period)
	within := mulMod(tick, int64(g.every), period)
	return float64(within) / float64(period)
}

func (g *generator) walk(tick int64) float64 {
	if !g.moving || tick < g.walked {
		g.moving, g.walked, g.place = true, 0, g.Start
	}
	for g.walked < tick {
		g.walked++
		g.place = reflect(g.place+g.Step*uniform(g.seed, g.walked), g.Min, g.Max)
	}
	return g.place
}

// reflect folds a value outside of the range back into it.
func reflect(v, low, high float64) float64 {
	if v > high {
		v = 2*high - v
	}
	if v < low {
		v = 2*low - v
	}
	return min(max(v, low), high)
}

// uniform returns a number from -1 to 1, evenly spread, that depends only on
// seed and n.
func uniform(seed uint64, n int64) float64 {
	return float64(mix(seed+uint64(n)*0x9e3779b97f4a7c15)>>11)/(1<<52) - 1
}

// mix is the finisher of splitmix64: each bit of x changes about half of the
// bits of the result.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
