package history

import (
	"errors"
	"fmt"
	"testing"
	"time"
	"unsafe"

	"arduino-gateway/device"
	"arduino-gateway/internal/monitor"
)

var start = time.Now()

func after(d time.Duration) time.Time { return start.Add(d) }

func recorder() *Recorder { return NewStore(start, true).Device("a") }

func reading(name, value string) []device.Reading {
	return []device.Reading{{Name: name, Value: value, Unit: "V"}}
}

// A bucket has its lowest and highest number; other values do not count.
func TestPoints_HaveLowestAndHighest(t *testing.T) {
	r := recorder()
	for i, v := range []string{"3", "-1.5", "2", "nan", "inf", "ovf", "x", ""} {
		r.Readings(after(time.Duration(i)*100*time.Millisecond), reading("u", v))
	}
	r.Readings(after(5*time.Second), reading("u", "7"))
	points, ok := r.Points("u", after(6*time.Second), after(0))
	if got := fmt.Sprint(shape(points), ok); got != "[0:-1.5..3 2:7..7] true" {
		t.Error(got)
	}
	if !points[1].At.Equal(after(4 * time.Second).Round(0)) {
		t.Errorf("%v is not four seconds after %v", points[1].At, start)
	}
	if _, ok := r.Points("v", start, start); ok {
		t.Error("v has points")
	}
}

func shape(points []Point) (text []string) {
	for _, p := range points {
		text = append(text, fmt.Sprintf("%d:%v..%v", p.Bucket, p.Low, p.Top))
	}
	return text
}

// A truth value is drawn as 1 or 0.
func TestNumber(t *testing.T) {
	for value, want := range map[string]float32{"on": 1, "OFF": 0, "True": 1, "false": 0, "-.5": -0.5, "+1e3": 1000} {
		if got, ok := number(value); !ok || got != want {
			t.Errorf("%s: %v, %v", value, got, ok)
		}
	}
	for _, value := range []string{"", "nan", "-inf", "1,5", "0x", "open", "99999999999999999999999999999999999999999999"} {
		if got, ok := number(value); ok {
			t.Errorf("%s: %v", value, got)
		}
	}
}

// Older buckets are removed.
func TestPoints_OnlyTheLastHour(t *testing.T) {
	r := recorder()
	for s := time.Duration(0); s < 2*time.Hour; s += 10 * time.Second {
		r.Readings(after(s), reading("u", "1"))
	}
	points, _ := r.Points("u", after(2*time.Hour), after(0))
	if n := len(points); n != 360 {
		t.Errorf("%d points", n)
	}
	points, _ = r.Points("u", after(2*time.Hour), after(2*time.Hour-time.Minute))
	if n := len(points); n != 6 {
		t.Errorf("%d points of the last minute", n)
	}
}

// A new reading replaces the one without a value for longest.
func TestRecorder_BoundsReadings(t *testing.T) {
	r := recorder()
	for i := range 3 * MaxReadings {
		r.Readings(after(time.Duration(i)*time.Second), reading(fmt.Sprint("n", i), "1"))
		r.Readings(after(time.Duration(i)*time.Second), reading("always", "2"))
	}
	all, _ := r.Since(0)
	if len(all) != MaxReadings || len(r.series) != MaxReadings {
		t.Errorf("%d readings", len(all))
	}
	if points, _ := r.Points("always", after(time.Hour/2), start); len(points) != 3*MaxReadings/2 {
		t.Errorf("a reading that comes with every line has %d points", len(points))
	}
	if points, _ := r.Points("n95", after(time.Hour/2), start); len(points) != 1 {
		t.Errorf("a reading that replaced another has %d points", len(points))
	}
}

// Since returns the readings that changed after a version.
func TestSince_ReturnsChanges(t *testing.T) {
	r := recorder()
	r.Readings(after(0), []device.Reading{{Name: "a", Value: "1"}, {Name: "b", Value: "text"}})
	all, version := r.Since(0)
	if len(all) != 2 || all[0].Name != "a" || !all[0].Number || all[1].Number || all[1].Value != "text" {
		t.Errorf("%+v", all)
	}
	r.Readings(after(time.Second), reading("b", "2"))
	changed, version := r.Since(version)
	if len(changed) != 1 || changed[0].Name != "b" || changed[0].Unit != "V" || changed[0].Low != 2 {
		t.Errorf("%+v", changed)
	}
	if changed, _ := r.Since(version); len(changed) != 0 {
		t.Errorf("%+v", changed)
	}
}

// The rate counts whole seconds only.
func TestLines_RateOfWholeSeconds(t *testing.T) {
	r := recorder()
	if last, rate := r.Lines(after(0)); !last.IsZero() || rate != 0 {
		t.Error(last, rate)
	}
	for i := range 100 {
		r.Line(device.Heard{Time: after(time.Duration(i) * 20 * time.Millisecond)})
	}
	if last, rate := r.Lines(after(2 * time.Second)); rate != 50 || !last.Equal(after(1980*time.Millisecond)) {
		t.Error(last, rate)
	}
	if _, rate := r.Lines(after(10 * time.Second)); rate != 10 {
		t.Error(rate)
	}
	if _, rate := r.Lines(after(time.Hour)); rate != 0 {
		t.Error(rate)
	}
}

// Retain removes the other devices.
func TestStore_Retain(t *testing.T) {
	s := NewStore(start, false)
	a := s.Device("a")
	s.Device("b")
	s.Retain([]string{"a", "c"})
	if s.Device("a") != a || len(s.all) != 1 {
		t.Errorf("%d recorders", len(s.all))
	}
	a.Readings(start, reading("u", "1"))
	if all, _ := a.Since(0); all != nil {
		t.Error("readings kept without keep")
	}
}

// Readings and lines can be kept from a later time on, or no more.
func TestStore_SetKeep(t *testing.T) {
	s := NewStore(start, false)
	a := s.Device("a")
	s.SetKeep(true)
	a.Line(device.Heard{Time: start})
	for _, r := range []*Recorder{a, s.Device("b")} {
		r.Readings(start, reading("u", "1"))
		if all, _ := r.Since(0); len(all) != 1 {
			t.Errorf("%+v", all)
		}
	}
	s.SetKeep(false)
	a.Readings(start, reading("u", "2"))
	a.Note(start, monitor.Note, "port open")
	if all, _ := a.Since(0); len(all) != 0 || a.Recent() != nil || a.Keeping() {
		t.Errorf("%+v, %+v", all, a.Recent())
	}
	if last, _ := a.Lines(after(time.Second)); !last.Equal(start) {
		t.Error("the count of lines was lost, too")
	}
}

// Recent returns the last lines with their readings, in order.
func TestRecent(t *testing.T) {
	r := recorder()
	if r.Recent() != nil {
		t.Error("lines before the first one")
	}
	line := []byte("t=1.5 V,u=99")
	readings := []device.Reading{{Name: "t", Value: unsafe.String(&line[2], 3), Unit: "V"}}
	withheld := []device.Withheld{{Reading: device.Reading{Name: "u", Value: unsafe.String(&line[10], 2)}, Why: "above max 20"}}
	if seq := r.Line(device.Heard{Time: after(time.Second), Text: line, Readings: readings, Withheld: withheld}); seq != 1 {
		t.Errorf("number %d", seq)
	}
	copy(line, "????????????????") // the port reuses its buffer
	r.Line(device.Heard{Time: after(2 * time.Second), Text: []byte("ready"), Err: errors.New("no reading in it")})
	if seq := r.Note(after(3*time.Second), monitor.Out, "led=on"); seq != 3 {
		t.Errorf("number %d", seq)
	}
	want := []monitor.Event{
		{Seq: 1, Time: after(time.Second), Kind: monitor.In, Text: "t=1.5 V,u=99", Readings: []device.Reading{{Name: "t", Value: "1.5", Unit: "V"}},
			Withheld: []device.Withheld{{Reading: device.Reading{Name: "u", Value: "99"}, Why: "above max 20"}}},
		{Seq: 2, Time: after(2 * time.Second), Kind: monitor.Refused, Text: "ready", Error: "no reading in it"},
		{Seq: 3, Time: after(3 * time.Second), Kind: monitor.Out, Text: "led=on"},
	}
	if got := r.Recent(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for i := range 3 * MaxLines {
		r.Line(device.Heard{Time: after(time.Minute), Text: fmt.Append(nil, i), Readings: make([]device.Reading, 2*maxLineReadings), Withheld: make([]device.Withheld, 2*maxLineReadings)})
	}
	got := r.Recent()
	if first, last := got[0], got[len(got)-1]; len(got) != MaxLines || first.Text != fmt.Sprint(2*MaxLines) || last.Seq != 3+3*MaxLines ||
		len(last.Readings) != maxLineReadings || len(last.Withheld) != maxLineReadings {
		t.Errorf("%d lines, from %+v to %+v", len(got), first, last)
	}
}

// FuzzRing compares the ring with a list of all values.
func FuzzRing(f *testing.F) {
	f.Add([]byte{0, 1, 255, 2, 200, 3})
	f.Fuzz(func(t *testing.T, steps []byte) {
		var r ring
		r.clear()
		type one struct {
			bucket int64
			v      float32
		}
		var all []one
		at, newest := int64(0), int64(-1<<40)
		for i, step := range steps {
			at += int64(int8(step)) * 37 // back and forth, also beyond the ring
			v := float32(i % 7)
			r.add(at, v)
			newest = max(newest, at)
			if newest-at < buckets {
				all = append(all, one{at, v})
			}
		}
		for _, o := range all {
			low, top, ok := r.at(o.bucket)
			if kept := newest-o.bucket < buckets; kept != ok {
				t.Fatalf("bucket %d of up to %d: kept is %v", o.bucket, newest, ok)
			}
			if !ok {
				continue
			}
			wantLow, wantTop := o.v, o.v
			for _, p := range all {
				if p.bucket == o.bucket {
					wantLow, wantTop = min(wantLow, p.v), max(wantTop, p.v)
				}
			}
			if low != wantLow || top != wantTop {
				t.Fatalf("bucket %d: %v..%v, want %v..%v", o.bucket, low, top, wantLow, wantTop)
			}
		}
	})
}

// A line costs no allocation.
func TestLine_DoesNotAllocate(t *testing.T) {
	r := recorder()
	line, readings := []byte("u=1.5"), reading("u", "1.5")
	for range MaxLines {
		r.Line(device.Heard{Time: start, Text: line, Readings: readings, Kept: readings})
	}
	if n := testing.AllocsPerRun(100, func() { r.Line(device.Heard{Time: start, Text: line, Readings: readings, Kept: readings}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLine(b *testing.B) {
	r := recorder()
	readings := []device.Reading{{Name: "temperature", Value: "23.51"}, {Name: "humidity", Value: "40.2"}, {Name: "led", Value: "off"}}
	line := []byte("temperature=23.51,humidity=40.2,led=off")
	b.ReportAllocs()
	for i := range b.N {
		at := start.Add(time.Duration(i) * time.Millisecond)
		r.Line(device.Heard{Time: at, Text: line, Readings: readings, Kept: readings})
	}
}
