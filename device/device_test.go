package device

import (
	"slices"
	"testing"
)

// Each line ending has its bytes, and the default is LF.
func TestLineEnding_Bytes(t *testing.T) {
	var got []string
	for _, ending := range LineEndings {
		got = append(got, ending.Bytes())
	}
	if want := []string{"\n", "\r\n", "\r", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := LineEnding("").Bytes(); got != "\n" {
		t.Errorf("without a setting: %q, want LF", got)
	}
}
