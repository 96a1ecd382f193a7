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

// fill sets every field of a struct that is recorded, so that a new field cannot be
// forgotten.
func fill(v reflect.Value) {
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("json") == "-" {
			continue
		}
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

// A record is what encoding/json writes, with every field that is recorded.
func TestCommand_RecordHasEveryField(t *testing.T) {
	var full Command
	fill(reflect.ValueOf(&full).Elem())
	for _, e := range []Command{full, {}, {ID: 1, Result: &device.Result{}}} {
		record := appendCommand(nil, &e)
		var back Command
		if err := json.Unmarshal(record, &back); err != nil || !reflect.DeepEqual(back, e) {
			t.Errorf("%s is read as %+v, want %+v: %v", record, back, e, err)
		}
	}
	if want, _ := json.Marshal(full); string(appendCommand(nil, &full)) != string(want)+"\n" {
		t.Errorf("%s, want %s", appendCommand(nil, &full), want)
	}
}

// BenchmarkCommand measures all records of one command.
func BenchmarkCommand(b *testing.B) {
	j := Open(filepath.Join(b.TempDir(), "uno"), slog.New(slog.DiscardHandler))
	defer j.Close()
	arrived, packet := time.Now(), uint16(0)
	for b.Loop() {
		packet++
		id, _ := j.Add(Command{Name: "led", Value: "on", Packet: packet, Arrived: arrived}, false)
		j.Sent(id, "led=on", 0, 0)
		j.Result(id, device.Result{Status: device.Sent, Value: "on", Line: "led=on", Took: time.Millisecond})
		j.Delivered(id)
	}
}
