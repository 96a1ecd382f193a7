package serialbridge

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// The baud rates that make sense: from the slowest of termios to the fastest
// of FTDI's chips.
const (
	minBaud = 50
	maxBaud = 12_000_000
)

// Options say which port to keep open, and how.
type Options struct {
	Device   string // the device's ID, for logs and errors
	Port     string // as the user names it, for logs and errors; links may be re-pointed between opens
	Baud     int    // bits a second, 50 to 12,000,000; 0 finds it out; always 8 data bits, no parity, 1 stop bit
	LastBaud int    // bits a second at which the board sent text last time, tried first if Baud is 0; 0: not known
	Finder   Finder // finds the port before each open; nil opens Port itself, a path or a server's address

	// FoundBaud is called with the rate at which a board was found to send text, if
	// Baud is 0, to be LastBaud next time. It must return at once: the port is not
	// read meanwhile. Nil does nothing.
	FoundBaud func(baud int)

	// MaxLine is the longest line that is read, in bytes without its ending; 0: 1024.
	MaxLine int

	// Gap is the least time between two lines to the board, after the wire has
	// carried the first. A sketch that reads them slowly may need it.
	Gap time.Duration

	// Yield is for ports that the user has not named, if it is not known that they
	// are free. Run returns ErrInUse if another program has the port. It also returns
	// an error if the terminal settings of the port show that another program uses
	// it, or has used it since it was plugged in; only Linux tells. In both cases
	// nothing of the port has changed.
	Yield bool

	// Silence is the longest time without a line; 0 is no limit. After it the
	// board is no longer ready, then the port is reopened, then the board reset if
	// DTR does that and ResetOnOpen and DTR are not false.
	Silence time.Duration

	// These override what the Finder's Chip decides; nil does not.
	ResetOnOpen *bool          // false: a close leaves DTR up, so that the next open does not reset the board
	DTR         *bool          // the level of DTR while the port is open; false lowers RTS too
	BootTime    *time.Duration // how long a silent board counts as booting
}

// Validate returns all mistakes in the options as one error, a line each; nil
// if there are none. New and Run do not call it.
func (o Options) Validate() error {
	return errors.Join(
		o.validatePort(),
		validateBaud("Baud", o.Baud),
		validateBaud("LastBaud", o.LastBaud),
		validateTime("Gap", o.Gap),
		validateTime("Silence", o.Silence),
		validateMaxLine(o.MaxLine),
		o.validateBootTime(),
	)
}

func validateMaxLine(bytes int) error {
	if bytes < 0 {
		return fmt.Errorf("MaxLine: %d (hint: bytes, or 0 for the default)", bytes)
	}
	return nil
}

// validatePort leaves the name of a port that a Finder finds to the user.
func (o Options) validatePort() error {
	if o.Finder != nil {
		return nil
	}
	if o.Port == "" {
		return errors.New("Port: missing (hint: a path such as /dev/ttyACM0, or set Finder)")
	}
	scheme, address, remote := strings.Cut(o.Port, "://")
	if !remote {
		return nil
	}
	if scheme != "tcp" && scheme != "rfc2217" {
		return fmt.Errorf("Port: %q has an unknown scheme (hint: a path, tcp://HOST:PORT or rfc2217://HOST:PORT)", o.Port)
	}
	host, port, err := net.SplitHostPort(strings.TrimSuffix(address, "/"))
	if err != nil || host == "" || port == "" {
		return fmt.Errorf("Port: %q has no host and port (hint: %s://HOST:PORT)", o.Port, scheme)
	}
	return nil
}

func validateBaud(name string, baud int) error {
	if baud != 0 && (baud < minBaud || baud > maxBaud) {
		return fmt.Errorf("%s: %d is not from %d to %d, or 0", name, baud, minBaud, maxBaud)
	}
	return nil
}

func validateTime(name string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%s: %v is below zero", name, d)
	}
	return nil
}

func (o Options) validateBootTime() error {
	if o.BootTime == nil {
		return nil
	}
	return validateTime("BootTime", *o.BootTime)
}
