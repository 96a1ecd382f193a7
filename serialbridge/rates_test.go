package serialbridge

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Each kind of port has the rates that may be set on it.
func TestRates_SayWhatMayBeSet(t *testing.T) {
	for _, c := range []struct {
		rates                  Rates
		slowest                int // that a search tries
		at1200, at2400, at9600 int // the rate for this wish; 0: refused
	}{
		{CarefulRates, 4800, 1200, 2400, 9600},
		{AllRates, 1200, 1200, 2400, 9600},
		{FastRates, 4800, 0, 0, 9600},
		{NoRates, 115200, 115200, 115200, 115200},
	} {
		tried := slices.DeleteFunc(slices.Clone(usualRates), func(baud int) bool { return !c.rates.tries(baud) })
		if got := slices.Min(tried); got != c.slowest {
			t.Errorf("%d: a search tries %d", c.rates, got)
		}
		for wish, want := range map[int]int{1200: c.at1200, 2400: c.at2400, 9600: c.at9600} {
			got, err := c.rates.fixed(wish)
			if got != want || (err != nil) != (want == 0) || err != nil && !errors.Is(err, errOrder) {
				t.Errorf("%d: %d for %d: %v", c.rates, got, wish, err)
			}
		}
		if got, err := c.rates.fixed(0); got != 0 || err != nil {
			t.Errorf("%d: a search became %d: %v", c.rates, got, err)
		}
	}
	v := classify(fmt.Errorf("open: %w", errOrder))
	if v.fatal || v.hint == "" {
		t.Errorf("%+v", v)
	}
}

// ratesOfADay returns the rates that a search sets in a day of noise, sorted, with
// a port that is opened again now and then.
func ratesOfADay(wanted int, places ...Rates) []int {
	set := map[int]bool{}
	b := baudSearch{tunable: true, known: 1200, own: 1200} // from a file, of another board, and as a server had it
	random := rand.New(rand.NewPCG(1, 2))
	at := time.Unix(0, 0)
	for second := range 24 * 3600 {
		if second%40 == 0 {
			b.rates = places[second/40%len(places)]
			fixed, err := b.rates.fixed(wanted)
			if err != nil {
				continue
			}
			set[b.opened(fixed, at)] = true
		}
		b.tunable = b.rates != NoRates
		at = at.Add(time.Second)
		b.hear([]byte{byte(random.Uint32()), 0x80, byte(random.Uint32()), 0xff}, at)
		b.quiet(at)
		set[b.rate] = true
	}
	var all []int
	for rate := range set {
		all = append(all, rate)
	}
	slices.Sort(all)
	return all
}

// No search ever sets a slow rate where it may mean something: not with a rate
// that was found elsewhere, nor if the board is another one after a replug in the
// middle of a search.
func TestBaudSearch_SetsNoSlowRateUnlessTheyAreAllSafe(t *testing.T) {
	for _, rates := range []Rates{CarefulRates, FastRates} {
		for _, wanted := range []int{0, 9600, 115200} {
			if got := ratesOfADay(wanted, rates); got[0] < SlowestSafe || len(got) < 8 {
				t.Errorf("rates %d, baud %d: %d were set", rates, wanted, got)
			}
		}
	}
	if got := ratesOfADay(0, NoRates); !slices.Equal(got, []int{FirstBaud}) {
		t.Errorf("%d were set on a board without a rate", got)
	}
	if got := ratesOfADay(2400, NoRates); !slices.Equal(got, []int{FirstBaud}) {
		t.Errorf("%d were set on a board without a rate", got)
	}
	if got := ratesOfADay(0, AllRates); got[0] != 1200 {
		t.Errorf("a UART is not searched: %d", got)
	}
}

// A search that is interrupted at a slow rate goes on at a safe one if another
// board is in its place.
func TestBaudSearch_GoesOnSafelyAtAnotherBoard(t *testing.T) {
	b := baudSearch{tunable: true, rates: AllRates}
	at := time.Unix(0, 0)
	b.opened(0, at)
	for b.rate != 1200 {
		at = at.Add(time.Second)
		b.hear([]byte{0, 0, 0, 0}, at)
	}
	b.rates = FastRates
	if got := b.opened(0, at); got != FirstBaud {
		t.Errorf("opened at %d", got)
	}
}
