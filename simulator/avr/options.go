package avr

import (
	"strconv"
	"time"
)

// defaultBoot gives a host that opens a port again the time to set another baud
// rate before the sketch prints; for the first rate unosim waits. On the desk it is
// the bootloader that gives it, 0.5 to 2 s.
const defaultBoot = 50 * time.Millisecond

// Options describe a simulated Uno. The zero value of all but Hex is an Uno
// as it is on the desk: in real time, reset when its port is opened, and
// sending garbage at the wrong baud rate.
type Options struct {
	Hex        string        // its firmware, as from Compile; .hex or .elf
	Link       string        // a symbolic link to make to the pty, a fixed name for the port; "" is none
	Bootloader string        // .hex of a bootloader to start in; "" is none
	Boot       time.Duration // without one: what it would take after a reset, swallowing all that comes; 0 is 50 ms, below 0 none
	NoReset    bool          // opening the port does not reset the board
	AnyBaud    bool          // any baud rate of the host is right
	Speed      float64       // of its clock against the wall's; 0 is 1, below 0 as fast as possible
	Parts      []string      // virtual sensors on chip pins: dht22:D2:235:560, ds18b20:B2:21500, ping:D7:D7:100
}

// args is the command line of unosim; its head comment explains it.
func (o Options) args() []string {
	boot := o.Boot
	if boot == 0 {
		boot = defaultBoot
	}
	args := []string{"-q", "-w", strconv.FormatInt(max(boot, 0).Milliseconds(), 10)}
	for _, text := range []struct{ flag, value string }{{"-l", o.Link}, {"-b", o.Bootloader}} {
		if text.value != "" {
			args = append(args, text.flag, text.value)
		}
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"-r", !o.NoReset}, {"-g", !o.AnyBaud}} {
		if flag.set {
			args = append(args, flag.name)
		}
	}
	if o.Speed != 0 {
		args = append(args, "-s", strconv.FormatFloat(max(o.Speed, 0), 'g', -1, 64))
	}
	for _, part := range o.Parts {
		args = append(args, "-P", part)
	}
	return append(args, "--", o.Hex)
}
