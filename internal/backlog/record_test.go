package backlog

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"arduino-gateway/device"
	"arduino-gateway/internal/clock"
)

// Any readings survive encoding and decoding.
func TestRecord_RoundTrip(t *testing.T) {
	text := rapid.StringN(0, 200, -1)
	rapid.Check(t, func(t *rapid.T) {
		want := make([]device.Reading, rapid.IntRange(0, 40).Draw(t, "readings"))
		for i := range want {
			want[i] = device.Reading{Name: text.Draw(t, "name"), Value: text.Draw(t, "value"), Unit: text.Draw(t, "unit")}
		}
		record, stamp := appendTimed(nil), (*clock.Stamp)(nil)
		if rapid.Bool().Draw(t, "stamped") {
			stamp = &clock.Stamp{Boot: rapid.Uint64().Draw(t, "boot"), Uptime: time.Duration(rapid.Int64Min(0).Draw(t, "uptime"))}
			record = appendStamped(nil, *stamp)
		}
		got, err := parseRecord(appendReadings(record, want))
		if err != nil || !reflect.DeepEqual(got, content{stamp, want}) {
			t.Fatalf("%q came back as %+v, %v", want, got, err)
		}
	})
}

// The bytes are those of the comments.
func TestRecord_Format(t *testing.T) {
	got := appendReadings(appendTimed(nil), []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}, {Name: "led", Value: "on"}})
	want := "\x01" + "\x02" + "\x0btemperature" + "\x0523.50" + "\x03°C" + "\x03led" + "\x02on" + "\x00"
	if string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
	got = appendStamped(nil, clock.Stamp{Boot: 0x0f3a51d2c9e84b76, Uptime: time.Second})
	if want := "\x02" + "\x76\x4b\xe8\xc9\xd2\x51\x3a\x0f" + "\x80\x94\xeb\xdc\x03"; string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A damaged record is an error.
func TestParseRecord_Refuses(t *testing.T) {
	whole := string(appendReadings(appendTimed(nil), []device.Reading{{Name: "n", Value: "1"}}))
	for name, record := range map[string]string{
		"empty":         "",
		"other version": "\x03" + whole[1:],
		"cut stamp":     "\x02\x76\x4b",
		"only a stamp":  string(appendStamped(nil, clock.Stamp{})),
		"cut":           whole[:len(whole)-1],
		"too long":      whole + "x",
		"too many":      "\x01\xff\xff\xff\xff\x0f",
		"no count":      "\x01",
		"endless count": "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"wild length":   "\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7fab",
	} {
		if c, err := parseRecord([]byte(record)); err == nil {
			t.Errorf("%s: gave %+v", name, c)
		}
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add(appendReadings(appendTimed(nil), []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}}))
	f.Add(appendReadings(appendStamped(nil, clock.Stamp{Boot: 7, Uptime: time.Second}), nil))
	f.Add([]byte("\x01\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, record []byte) {
		c, err := parseRecord(record)
		if err != nil || c.stamp != nil && c.stamp.Uptime < 0 {
			return
		}
		again := appendTimed(nil)
		if c.stamp != nil {
			again = appendStamped(nil, *c.stamp)
		}
		back, err := parseRecord(appendReadings(again, c.readings))
		if err != nil || !reflect.DeepEqual(back, c) {
			t.Fatalf("%+v came back as %+v, %v", c, back, err)
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	readings := []device.Reading{{Name: "temp", Value: "23.51"}, {Name: "hum", Value: "40.2"}, {Name: "seq", Value: "123456"}}
	var record []byte
	b.ReportAllocs()
	for b.Loop() {
		record = appendReadings(appendTimed(record[:0]), readings)
		if _, err := parseRecord(record); err != nil {
			b.Fatal(err)
		}
	}
}
