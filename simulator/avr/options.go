package avr

import (
	"strconv"
	"time"
)

// defaultBoot gives a host that opens a port again the time to set another baud
// rate before the sketch prints; unosim waits for the first rate. On real
// hardware the bootloader gives that time, 0.5 to 2 s.
const defaultBoot = 50 * time.Millisecond

// Options describe a simulated Uno. Only Hex is needed. The zero value of the
// others is an Uno as on a desk: in real time, reset when its port is opened,
// and sending garbage at the wrong baud rate.
type Options struct {
	Hex        string        // the firmware, as from Compile; .hex or .elf
	Link       string        // symbolic link to the pty, a fixed name for the port; "" is none
	Bootloader string        // .hex of a bootloader to start in; "" is none
	Boot       time.Duration // without a bootloader: how long the board ignores its input after a reset; 0 is 50 ms, below 0 is none
	NoReset    bool          // opening the port does not reset the board
	AnyBaud    bool          // every baud rate of the host is right
	Speed      float64       // speed of its clock; 0 is 1, real time; below 0 is as fast as possible
	Parts      []string      // virtual sensors on chip pins: dht22:D2:235:560, ds18b20:B2:21500, ping:D7:D7:100
}

// args returns the command line of unosim; its head comment explains it.
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
	if ring := receiveRing(o.Hex); ring != 0 {
		args = append(args, "-R", strconv.Itoa(int(ring)))
	}
	for _, part := range o.Parts {
		args = append(args, "-P", part)
	}
	return append(args, "--", o.Hex)
}
