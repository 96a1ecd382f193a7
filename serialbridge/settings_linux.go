package serialbridge

import (
	"slices"

	"golang.org/x/sys/unix"
)

// The settings that a driver of serial ports gives a new port: those of
// tty_std_termios in drivers/tty/tty_io.c. The kernel resets them when a device
// is plugged in, and keeps them from one open to the next until then.
const (
	newIflag = unix.ICRNL | unix.IXON
	newOflag = unix.OPOST | unix.ONLCR
	newLflag = unix.ISIG | unix.ICANON | unix.ECHO | unix.ECHOE | unix.ECHOK | unix.ECHOCTL | unix.ECHOKE | unix.IEXTEN
	newCflag = unix.CS8 | unix.CREAD
)

// newRates are the rates of new ports: of serial_core, usb-serial and cdc_acm;
// of tty_std_termios; of cypress_m8.
var newRates = []uint32{9600, 38400, 4800}

// likeNew reports whether settings are those that the driver gave the port. HUPCL
// and CLOCAL do not count: drivers differ, and a rule of udev may change them. On
// a pseudo-terminal only the rate counts: the program behind it sets the rest.
func likeNew(s unix.Termios, pty bool) bool {
	if s.Line != 0 { // another program has attached the port, such as pppd
		return false
	}
	if pty {
		return s.Ospeed == 38400 || s.Ospeed == 0 // the kernel's, or that of simulated firmware
	}
	flags := s.Cflag &^ (unix.CBAUD | unix.CIBAUD | unix.HUPCL | unix.CLOCAL)
	return s.Iflag == newIflag && s.Oflag == newOflag && s.Lflag == newLflag && flags == newCflag &&
		s.Cc[unix.VMIN] == 1 && s.Cc[unix.VTIME] == 0 && slices.Contains(newRates, s.Ospeed)
}

// isPty reports whether a device number is that of a pseudo-terminal.
func isPty(rdev uint64) bool {
	major := unix.Major(rdev)
	return major >= 136 && major <= 143
}
