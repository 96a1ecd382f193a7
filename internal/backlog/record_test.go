package backlog

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"arduino-gateway/device"
)

func TestARecordComesBack(t *testing.T) {
	text := rapid.StringN(0, 200, -1)
	rapid.Check(t, func(t *rapid.T) {
		want := make([]device.Reading, rapid.IntRange(0, 40).Draw(t, "readings"))
		for i := range want {
			want[i] = device.Reading{Name: text.Draw(t, "name"), Value: text.Draw(t, "value"), Unit: text.Draw(t, "unit")}
		}
		got, err := parseRecord(appendRecord(nil, want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q came back as %q, %v", want, got, err)
		}
	})
}

func TestARecordIsAsDescribed(t *testing.T) {
	got := appendRecord(nil, []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}, {Name: "led", Value: "on"}})
	want := "\x01\x02" + "\x0btemperature" + "\x0523.50" + "\x03°C" + "\x03led" + "\x02on" + "\x00"
	if string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestBrokenRecordsAreRefused(t *testing.T) {
	whole := string(appendRecord(nil, []device.Reading{{Name: "n", Value: "1"}}))
	for name, record := range map[string]string{
		"empty":         "",
		"other version": "\x02" + whole[1:],
		"cut":           whole[:len(whole)-1],
		"too long":      whole + "x",
		"too many":      "\x01\xff\xff\xff\xff\x0f",
		"no count":      "\x01",
		"endless count": "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"wild length":   "\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7fab",
	} {
		if readings, err := parseRecord([]byte(record)); err == nil {
			t.Errorf("%s: gave %q", name, readings)
		}
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add(appendRecord(nil, []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}}))
	f.Add([]byte("\x01\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, record []byte) {
		readings, err := parseRecord(record)
		if err != nil {
			return
		}
		again, err := parseRecord(appendRecord(nil, readings))
		if err != nil || !reflect.DeepEqual(again, readings) {
			t.Fatalf("%q came back as %q, %v", readings, again, err)
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	readings := []device.Reading{{Name: "temp", Value: "23.51"}, {Name: "hum", Value: "40.2"}, {Name: "seq", Value: "123456"}}
	var record []byte
	b.ReportAllocs()
	for b.Loop() {
		record = appendRecord(record[:0], readings)
		if _, err := parseRecord(record); err != nil {
			b.Fatal(err)
		}
	}
}
