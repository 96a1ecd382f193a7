package serialbridge

import (
	"testing"
	"time"
)

// TestOptions_ValidateAcceptsWhatOpens checks the forms of a port and the limits.
func TestOptions_ValidateAcceptsWhatOpens(t *testing.T) {
	for _, o := range []Options{
		{Port: "/dev/ttyACM0"},
		{Port: "COM3", Baud: minBaud, LastBaud: maxBaud},
		{Port: "tcp://pi.local:3333"},
		{Port: "rfc2217://[::1]:2217/", Gap: time.Second, Silence: time.Minute, BootTime: new(time.Duration)},
		{Port: "usb:2341:0043", Finder: fixedFinder("/dev/ttyACM0")},
		{Finder: fixedFinder("/dev/ttyACM0")},
	} {
		if err := o.Validate(); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestOptions_ValidateReportsEachMistake checks each rule, with its words.
func TestOptions_ValidateReportsEachMistake(t *testing.T) {
	const path = "/dev/ttyACM0"
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{}, "Port: missing (hint: a path such as /dev/ttyACM0, or set Finder)"},
		{Options{Port: "http://pi:80"}, `Port: "http://pi:80" has an unknown scheme (hint: a path, tcp://HOST:PORT or rfc2217://HOST:PORT)`},
		{Options{Port: "tcp://pi"}, `Port: "tcp://pi" has no host and port (hint: tcp://HOST:PORT)`},
		{Options{Port: "rfc2217://:2217"}, `Port: "rfc2217://:2217" has no host and port (hint: rfc2217://HOST:PORT)`},
		{Options{Port: "tcp://pi:"}, `Port: "tcp://pi:" has no host and port (hint: tcp://HOST:PORT)`},
		{Options{Port: path, Baud: 49}, "Baud: 49 is not from 50 to 12000000, or 0"},
		{Options{Port: path, LastBaud: -1}, "LastBaud: -1 is not from 50 to 12000000, or 0"},
		{Options{Port: path, Gap: -time.Second}, "Gap: -1s is below zero"},
		{Options{Port: path, Silence: -time.Second}, "Silence: -1s is below zero"},
		{Options{Port: path, MaxLine: -1}, "MaxLine: -1 (hint: bytes, or 0 for the default)"},
		{Options{Port: path, BootTime: new(-time.Second)}, "BootTime: -1s is below zero"},
		{Options{Baud: 1, Gap: -1}, "Port: missing (hint: a path such as /dev/ttyACM0, or set Finder)\nBaud: 1 is not from 50 to 12000000, or 0\nGap: -1ns is below zero"},
	} {
		if err := c.options.Validate(); err == nil || err.Error() != c.want {
			t.Errorf("%+v: error %v, want %s", c.options, err, c.want)
		}
	}
}
