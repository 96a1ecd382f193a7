package journal

import (
	"encoding/json"
	"log/slog"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"arduino-gateway/device"
)

// fill sets every field that a struct has, so that none can be forgotten.
func fill(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)))
		case *device.Result:
			r := reflect.New(f.Type().Elem())
			fill(r.Elem())
			f.Set(r)
		default:
			switch {
			case f.CanUint():
				f.SetUint(uint64(i) + 1)
			case f.CanInt():
				f.SetInt(int64(i) + 1)
			case f.Kind() == reflect.Bool:
				f.SetBool(true)
			default:
				f.SetString("text" + string(rune('a'+i)))
			}
		}
	}
}

// A record says what encoding/json would, and reads, of every field that there is.
func TestARecordHasEveryField(t *testing.T) {
	var full Entry
	fill(reflect.ValueOf(&full).Elem())
	for _, e := range []Entry{full, {}, {ID: 1, Result: &device.Result{}}} {
		record := appendEntry(nil, &e)
		var back Entry
		if err := json.Unmarshal(record, &back); err != nil || !reflect.DeepEqual(back, e) {
			t.Errorf("%s is read as %+v, want %+v: %v", record, back, e, err)
		}
	}
	if want, _ := json.Marshal(full); string(appendEntry(nil, &full)) != string(want)+"\n" {
		t.Errorf("%s, want %s", appendEntry(nil, &full), want)
	}
}

// BenchmarkCommand is what the journal costs a command from its arrival until the
// broker has its result.
func BenchmarkCommand(b *testing.B) {
	j := Open(filepath.Join(b.TempDir(), "uno"), slog.New(slog.DiscardHandler))
	defer j.Close()
	arrived, packet := time.Now(), uint16(0)
	for b.Loop() {
		packet++
		id, _ := j.Take(Entry{Command: "led", Value: "on", Packet: packet, Arrived: arrived}, false)
		j.Sent(id, "led=on", 0, 0)
		j.Result(id, device.Result{Status: device.Sent, Value: "on", Line: "led=on", Took: time.Millisecond})
		j.Over(id)
	}
}
