package dryrun

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/protocol"
)

// Lines are read as the gateway reads them, one second apart, however the text arrives.
func TestRunner_Lines(t *testing.T) {
	summed := fmt.Sprintf("t=3 ~%04X", protocol.Sum([]byte("t=3")))
	most := 2.0
	d := device.Device{Readings: device.ReadingSpecs{"t": {Unit: "°C", MinInterval: 2 * time.Second}, "n": {Max: &most}}}
	text := strings.Join([]string{"t=1", "t=2 n=1", summed, "n=3", "", "t=9 ~0000", strings.Repeat("x", 2000), "!state session=0000 last=0 input=63 taken=0", "no reading in it", "n=2"}, "\r\n")
	want := `t=1 [{t 1 °C}] [] <nil>
t=2 n=1 [{n 1 }] [t held, min_interval is 2s] <nil>
` + summed + ` [{t 3 °C}] [] <nil>
n=3 [] [n above max 2] <nil>
t=9 ~0000 [] [] wrong checksum
`
	for name, reader := range map[string]io.Reader{"at once": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text))} {
		var got strings.Builder
		lines := 0
		overlong, err := New(d).Lines(reader, func(l Line) {
			var withheld []string
			for _, w := range l.Withheld {
				withheld = append(withheld, w.Name+" "+w.Why)
			}
			if lines++; lines <= 5 {
				fmt.Fprintln(&got, string(l.Text), l.Readings, withheld, l.Err)
			}
		})
		if err != nil || overlong != 1 || lines != 8 || got.String() != want {
			t.Errorf("%s: %d lines, %d too long, %v\n%s", name, lines, overlong, err, got.String())
		}
	}
}

// A text that cannot be read is an error.
func TestRunner_LinesFail(t *testing.T) {
	broken := errors.New("broken")
	if _, err := New(device.Device{}).Lines(iotest.ErrReader(broken), func(Line) {}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// A JSON object on several lines is one, and one that does not end is refused.
func TestRunner_JoinsJSON(t *testing.T) {
	var got []string
	_, err := New(device.Device{}).Lines(strings.NewReader("{\n \"bme\": {\n  \"t\": 21.5\n }\n}\n{\n \"t\": 1\n"), func(l Line) {
		got = append(got, fmt.Sprint(string(l.Text), l.Readings, l.Err))
	})
	want := []string{`{ "bme": { "t": 21.5 } }[{bme_t 21.5 }] <nil>`, `{ "t": 1[] a JSON object that was not complete within two seconds`}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\n got %q\nwant %q", err, got, want)
	}
}
