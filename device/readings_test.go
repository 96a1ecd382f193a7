package device

import (
	"fmt"
	"reflect"
	"testing"
)

// Each * stands for any characters, also for none.
func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"sample_*", "sample_17", true}, {"sample_*", "sample_", true}, {"sample_*", "sample", false}, {"sample_*", "a_sample_1", false},
		{"*_rssi", "packet_17_rssi", true}, {"*_rssi", "packet_17_rssi_2", false}, {"*", "", true}, {"*", "x", true},
		{"a*b*c", "a1b2b3c", true}, {"a*b*c", "a1b2b3", false}, {"a**c", "abc", true}, {"t", "t", true}, {"t", "t2", false},
		{"a*ab", "aab", true}, {"größe_*", "größe_1", true},
	} {
		if got := Matches(c.pattern, c.name); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.name, got)
		}
	}
}

// A reading's own name wins over patterns, and the more specific pattern over the others.
func TestReadingSpecs_Of(t *testing.T) {
	specs := ReadingSpecs{}
	for _, key := range []string{"*", "temp_*", "temp_*_*", "temp_in_*", "temp_in_1", "*_1"} {
		specs[key] = ReadingSpec{Unit: key}
	}
	for name, want := range map[string]string{
		"temp_in_1": "temp_in_1", "temp_in_2": "temp_in_*", "temp_x": "temp_*", "temp_x_y": "temp_*_*", "x": "*", "x_1": "*_1", "temp_1": "temp_*",
	} {
		if got, ok := specs.Of(name); !ok || got.Unit != want {
			t.Errorf("%s is specified by %s, want %s", name, got.Unit, want)
		}
	}
	if _, ok := (ReadingSpecs{"a_*": {}}).Of("b"); ok {
		t.Error("b is specified by a_*")
	}
	if got := fmt.Sprint(specs.Patterns()); got != "[temp_in_* temp_*_* temp_* *_1 *]" {
		t.Errorf("patterns are tried in the order %s", got)
	}
}

// devices.yaml wins over the description of a board, also by a pattern.
func TestReadingSpecs_Over(t *testing.T) {
	own := ReadingSpecs{"raw_*": {Ignore: true}, "t": {Rename: "temperature"}}
	board := map[string]ReadingSpec{"raw_1": {Unit: "V"}, "t": {Unit: "°C"}, "h": {Unit: "%"}}
	want := ReadingSpecs{"raw_*": {Ignore: true}, "raw_1": {Ignore: true, Unit: "V"}, "t": {Rename: "temperature", Unit: "°C"}, "h": {Unit: "%"}}
	if got := own.Over(board); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if got := own.Over(nil); !reflect.DeepEqual(got, own) {
		t.Errorf("without a description %v", got)
	}
}
