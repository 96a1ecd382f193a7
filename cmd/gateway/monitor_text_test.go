package main

import (
	"strings"
	"testing"

	"arduino-gateway/internal/monitor"
)

// The monitor shows colours and control characters, which the values do not contain.
func TestEventText_ShowsControls(t *testing.T) {
	for _, c := range []struct {
		kind       monitor.Kind
		text, want string
	}{
		{monitor.In, "\x1b[32mT=23.5 °C\x1b[0m\t\x00", `< \x1b[32mT=23.5 °C\x1b[0m` + "\t" + `\x00   [`},
		{monitor.In, "T=23.5 \xb0C", `< T=23.5 \xb0C   [`},
		{monitor.Refused, "\x1b[0;32mI (29) boot: Loaded app\x1b[0m", `< \x1b[0;32mI (29) boot: Loaded app\x1b[0m   !`},
		{monitor.Refused, "\x00\xf8\x80a", "< 0x00f88061   !"},
	} {
		if got := eventText(monitor.Event{Kind: c.kind, Text: c.text}); !strings.Contains(got, c.want) {
			t.Errorf("%q: got %s, want %s", c.text, got, c.want)
		}
	}
}
