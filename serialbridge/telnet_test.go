package serialbridge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// decodeAll returns the data, and the commands as text.
func decodeAll(d *telnetDecoder, chunks ...[]byte) (data []byte, commands []string) {
	for _, chunk := range chunks {
		chunk = bytes.Clone(chunk)
		n := d.decode(chunk, func(c telnetCommand) {
			commands = append(commands, fmt.Sprintf("%d %d %v", c.verb, c.option, c.data))
		})
		data = append(data, chunk[:n]...)
	}
	return data, commands
}

// Data and commands are the same however the stream is chunked.
func TestTelnetDecoder_SeparatesDataAndCommands(t *testing.T) {
	long := strings.Repeat("x", maxSubnegotiation)
	for _, c := range []struct{ name, stream, data, commands string }{
		{"data alone", "t=23.5\r\n", "t=23.5\r\n", ""},
		{"escaped byte", "a\xff\xffb\xff\xff", "a\xffb\xff", ""},
		// as ser2net 4.3.11 greets
		{"greeting", "\xff\xfb\x03\xff\xfd\x03\xff\xfb\x01\xff\xfe\x01\xff\xfd\x00\xff\xfb\x00\xff\xfd,", "",
			"251 3 [] 253 3 [] 251 1 [] 254 1 [] 253 0 [] 251 0 [] 253 44 []"},
		{"baud rate within data", "t=1\xff\xfa,e\x00\x01\xc2\x00\xff\xf0\n", "t=1\n", "250 44 [101 0 1 194 0]"},
		{"escaped byte in a command", "\xff\xfa,e\xff\xff\xff\xf0", "", "250 44 [101 255]"},
		{"lone commands", "a\xff\xf1b\xff\xf0c", "abc", ""},
		{"empty subnegotiation", "\xff\xfa\xff\xf0a", "a", ""},
		{"the longest subnegotiation", "\xff\xfa" + long + "\xff\xf0a", "a", fmt.Sprintf("250 120 %v", []byte(long)[1:])},
		{"a longer one is passed over", "\xff\xfax" + long + "\xff\xf0a", "a", ""},
		{"a missing end", "\xff\xfa,e\xff\xfd,a", "a", "253 44 []"},
		{"broken off", "a\xff", "a", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for size := 1; size <= len(c.stream); size++ {
				data, commands := decodeAll(&telnetDecoder{}, slices.Collect(slices.Chunk([]byte(c.stream), size))...)
				if string(data) != c.data || strings.Join(commands, " ") != c.commands {
					t.Fatalf("chunks of %d: %q, %v\nwant %q, %s", size, data, commands, c.data, c.commands)
				}
			}
		})
	}
}

// What is escaped comes back, whatever stands between and however it is chunked.
func FuzzTelnet(f *testing.F) {
	f.Add([]byte("t=1\xff\xff"), []byte("\xff\xfa,e\x00\xff\xf0"), 3)
	f.Add([]byte{telnetIAC, telnetSE, telnetIAC}, []byte{telnetIAC, telnetSB, telnetIAC, telnetDo}, 1)
	f.Fuzz(func(t *testing.T, data, noise []byte, size int) {
		decodeAll(&telnetDecoder{}, noise) // anything may come

		stream := slices.Concat(appendData(nil, data), comPort(setBaudRate, data...), appendData(nil, data))
		size = max(1, min(size, len(stream)))
		got, commands := decodeAll(&telnetDecoder{}, slices.Collect(slices.Chunk(stream, size))...)
		if want := slices.Concat(data, data); !bytes.Equal(got, want) {
			t.Errorf("data %q, want %q", got, want)
		}
		want := fmt.Sprintf("250 44 %v", append([]byte{setBaudRate}, data...))
		if fits := len(data)+2 <= maxSubnegotiation; fits && !slices.Equal(commands, []string{want}) || !fits && len(commands) > 0 {
			t.Errorf("commands %v, want %s", commands, want)
		}
	})
}

// The requests have the bytes of RFC 2217.
func TestComPort_EncodesRequests(t *testing.T) {
	for baud, want := range map[int]string{
		115200:  "\xff\xfa,\x01\x00\x01\xc2\x00\xff\xf0",
		0xff00:  "\xff\xfa,\x01\x00\x00\xff\xff\x00\xff\xf0",
		1000000: "\xff\xfa,\x01\x00\x0fB@\xff\xf0",
	} {
		if got := baudRequest(baud); string(got) != want {
			t.Errorf("%d: %q, want %q", baud, got, want)
		}
	}
	for c, want := range map[byte]string{telnetDo: "\xff\xfc\x01", telnetWill: "\xff\xfe\x01", telnetDont: "", telnetWont: ""} {
		if got := refusal(telnetCommand{verb: c, option: 1}); string(got) != want {
			t.Errorf("%d: %q, want %q", c, got, want)
		}
		if got := refusal(telnetCommand{verb: c, option: optionBinary}); got != nil {
			t.Errorf("our own option is answered with %q", got)
		}
	}
	for _, c := range []struct {
		a, b int
		near bool
	}{{115200, 115200, true}, {115107, 115200, true}, {111111, 115200, false}, {9600, 115200, false}, {118000, 115200, true}} {
		if nearBaud(c.a, c.b) != c.near {
			t.Errorf("%d and %d", c.a, c.b)
		}
	}
}
