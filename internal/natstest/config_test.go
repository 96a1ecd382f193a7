package natstest

import "testing"

// A configuration that lacks what must be replaced is an error.
func TestReplace(t *testing.T) {
	pairs := [][2]string{{"a", "1"}, {"b", "2"}}
	for config, want := range map[string]string{"b a": "2 1", "a": "", "a a b": ""} {
		got, err := replace(config, pairs)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", config, got, err)
		}
	}
}
