package naming

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func line(names string) (readings []device.Reading) {
	for name := range strings.FieldsSeq(names) {
		readings = append(readings, device.Reading{Name: name, Value: "1"})
	}
	return readings
}

func text(readings []device.Reading) string {
	var names []string
	for _, r := range readings {
		names = append(names, r.Name)
	}
	return strings.Join(names, " ")
}

// A name is kept from its third line on, at once if it is given or the board is slow.
func TestNames_Line(t *testing.T) {
	for name, c := range map[string]struct {
		every time.Duration // between two lines
		given []string
		lines []string
		want  []string // what is kept of each
	}{
		"the third time":         {time.Second, nil, []string{"a", "a b", "a b", "a b"}, []string{"", "", "a", "a b"}},
		"not in a row":           {time.Second, nil, []string{"a", "", "a", "b", "a"}, []string{"", "", "", "", "a"}},
		"names made of data":     {time.Second, nil, []string{"packet_1", "packet_2", "packet_3", "packet_4"}, []string{"", "", "", ""}},
		"columns":                {time.Second, []string{"a"}, []string{"a b", "a b"}, []string{"a", "a"}},
		"the end of devices":     {time.Second, nil, []string{"a", "b a"}, []string{"", ""}},
		"a slow board":           {time.Minute, nil, []string{"version", "t", "t"}, []string{"", "t", "t"}},
		"almost once a minute":   {time.Minute - 1, nil, []string{"t", "t", "t"}, []string{"", "", "t"}},
		"the order may change":   {time.Second, []string{"a", "b", "c"}, []string{"a b c", "c b a", "b"}, []string{"a b c", "c b a", "b"}},
		"a refused line is none": {time.Second, nil, []string{"a", "", "", "a"}, []string{"", "", "", ""}},
	} {
		n := New(nil, c.given...)
		at := start
		for i, l := range c.lines {
			if got := text(n.Line(at, line(l))); got != c.want[i] {
				t.Errorf("%s: of line %d %q is kept, want %q", name, i+1, got, c.want[i])
			}
			at = at.Add(c.every)
		}
	}
}

// The names of devices.yaml and of a hello are kept at once, under their published names.
func TestNames_Given(t *testing.T) {
	n := New(map[string]device.ReadingSpec{"t": {Rename: "temperature"}, "u": {Unit: "V"}})
	if got := text(n.Line(start, line("temperature u x"))); got != "temperature u" {
		t.Errorf("kept %q", got)
	}
	n.Give(map[string]device.ReadingSpec{"x": {}})
	if got := text(n.Kept(line("x y"))); got != "x" {
		t.Errorf("after the hello %q", got)
	}
	if got := text(n.Line(start, line("x y"))); got != "x" {
		t.Errorf("after the hello %q", got)
	}
}

// The time before the port was open does not make a board slow: a banner follows it.
func TestNames_Opened(t *testing.T) {
	n := New(nil)
	n.Line(start, line("a"))
	n.Opened(start.Add(time.Hour))
	if got := n.Line(start.Add(time.Hour+time.Second), line("version")); len(got) != 0 {
		t.Errorf("a banner is kept: %v", got)
	}
	if got := text(n.Line(start.Add(time.Hour+2*time.Minute), line("t"))); got != "t" {
		t.Errorf("of a slow board %q is kept", got)
	}
}

// The names of a corrected sketch are kept after three lines, whatever came before: names
// that came once, and so many that came often that there is no place for more.
func TestNames_FreshReplaceOld(t *testing.T) {
	n := New(nil)
	for i := range 3 * mostKept {
		for range 1 + i%2*Times {
			n.Line(start, line(fmt.Sprint("data", i)))
		}
	}
	corrected := line("a b c d e f g h i j k l m n o p q r s t u v w x y z")
	for range Times {
		n.Line(start, corrected)
	}
	if got := n.Line(start, corrected); len(got) != len(corrected) {
		t.Errorf("kept %v", got)
	}
	if len(n.kept) != mostKept || len(n.fresh) > mostFresh {
		t.Errorf("%d kept, %d fresh", len(n.kept), len(n.fresh))
	}
}

// A board that makes a name with every line is reported once, with a pattern that matches
// the names and none that is kept. When it stops, the report ends.
func TestNames_Invention(t *testing.T) {
	for name, c := range map[string]struct {
		regular string
		form    string
		pattern string
	}{
		"a counter":             {"temperature", "packet_%d_rssi", "packet_*_rssi"},
		"two counters":          {"", "i_%d_adc%[1]d", "i_*_adc*"},
		"only digits":           {"", "%d", ""},
		"letters":               {"", "%[1]b", ""},
		"like a kept one":       {"sensor1", "sensor%d", ""},
		"hexadecimal addresses": {"", "%x_mem", ""},
	} {
		n := New(nil)
		var news []*Invention
		for i := range 10 * Window {
			n.Line(start.Add(time.Duration(i)*time.Millisecond), line(c.regular+" "+fmt.Sprintf(c.form, 3_000_000_000+i*i*i)))
			if made := n.News(start); made != nil {
				news = append(news, made)
			}
		}
		if len(news) != 1 || news[0].Pattern != c.pattern || n.Invention() == nil {
			t.Errorf("%s: %d reports, the first %+v, now %+v", name, len(news), news[0], n.Invention())
		}
		if remedy := news[0].Remedy(); strings.Contains(remedy, "ignore") != (c.pattern != "") {
			t.Errorf("%s: %s", name, remedy)
		}
		for range Window {
			n.Line(start, line(c.regular))
		}
		if n.Invention() != nil {
			t.Errorf("%s: reported long after the last new name: %+v", name, n.Invention())
		}
	}
}

// No 1000 lines make more than 64 names without the report, and none is made for a board
// with 64 names. Names that the configuration gives do not count.
func TestNames_InventionIsReportedInTime(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		n, rate, most := New(nil, "given"), 1+random.IntN(30), 40+random.IntN(60)
		var made []string
		for i := range Window {
			names := []string{"given"}
			for range random.IntN(rate) {
				names = append(names, fmt.Sprint("n", random.IntN(most)))
			}
			slices.Sort(names)
			names = slices.Compact(names)
			n.Line(start.Add(time.Duration(i)*time.Second), line(strings.Join(names, " ")))
			for _, name := range names {
				if name != "given" && !slices.Contains(made, name) {
					made = append(made, name)
				}
			}
			if reported := n.Invention() != nil; reported != (len(made) > Most) {
				t.Fatalf("seed %d: %d names within %d lines, reported: %v", seed, len(made), i+1, reported)
			}
		}
	}
}

// A line with known names allocates nothing.
func TestNames_KnownLineAllocatesNothing(t *testing.T) {
	n, known := New(nil), line("temperature humidity pressure")
	for range Times {
		n.Line(start, known)
	}
	if allocs := testing.AllocsPerRun(100, func() { n.Line(start, known) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkNames_Line(b *testing.B) {
	n, known := New(nil), line("temperature humidity pressure")
	for range Times {
		n.Line(start, known)
	}
	for b.Loop() {
		n.Line(start, known)
	}
}
