package deviceid

import "testing"

// ForBoard returns a valid, short ID for any name of a board.
func TestForBoard(t *testing.T) {
	for name, want := range map[string]string{
		"Arduino Mega 2560":                     "arduino-mega-2560",
		"CH340":                                 "ch340",
		"…":                                     "board",
		"A board with a very long product name": "a-board-with-a-very-long-product",
	} {
		if got := ForBoard(name); got != want || !Valid(got) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Free avoids IDs that are taken or reserved.
func TestFree(t *testing.T) {
	taken := map[string]bool{"ch340": true, "ch340-2": true}
	for id, want := range map[string]string{"uno": "uno", "ch340": "ch340-3", "gateway": "board", "auto": "board"} {
		if got := Free(id, func(id string) bool { return taken[id] }); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}
