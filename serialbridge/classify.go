package serialbridge

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"

	"arduino-gateway/internal/netdial"
)

// ErrInUse is the cause of the error of Run with Options.Yield if another program
// has the port.
var ErrInUse = errors.New("in use")

// The causes that the openers and the two loops find behind the errors of a
// system.
var (
	errDoubtful  = errors.New("its terminal settings were changed since it was plugged in, so another program may use it")
	errBaud      = errors.New("the port refuses this baud rate")
	errOrder     = errors.New("below 4800 baud is an order to many boards, such as to erase the sketch")
	errNotSerial = errors.New("not a usable serial port")
	errCrowded   = errors.New("too many open files for select(2)")
	errUnplugged = errors.New("unplugged, or its driver failed")
	errStuck     = errors.New("the board accepts no more bytes")
	errSilent    = errors.New("the board is silent")

	errSuspended    = fmt.Errorf("%w: the server suspended the writing", errStuck)
	errServerClosed = errors.New("the server closed the connection")
	errNoComPort    = errors.New("the server does not speak RFC 2217")
	errServerBaud   = errors.New("the server refuses this baud rate")
)

// stateReady is the state in which nothing is wrong.
const stateReady = "ready"

// slowRetry is the longest delay if a person has to act first. The backoff
// reaches it step by step: udev may grant access a moment after the plug.
const slowRetry = 30 * time.Second

// verdict is what to do about an error.
type verdict struct {
	state  string        // in a user's words, after "port"; a change of it is logged
	hint   string        // what the user can do
	cap    time.Duration // longest delay between attempts; 0: the usual one
	fatal  bool          // no retry can cure it
	logged bool          // the log has it already
}

// statedError is an error of a Finder that brings its own words.
type statedError interface {
	error
	State() string // in a user's words, after "port"
	Hint() string
}

// classify returns what to do about an error of a port.
func classify(err error) verdict {
	if own, ok := errors.AsType[statedError](err); ok {
		return verdict{state: own.State(), hint: own.Hint()}
	}
	switch {
	case errors.Is(err, errBaud):
		return verdict{state: "baud rate refused", fatal: true,
			hint: "set baud to the rate in the sketch's Serial.begin, such as 9600 or 115200"}
	case errors.Is(err, errOrder):
		return verdict{state: "not opened at this baud rate", cap: slowRetry,
			hint: "use a faster rate in the sketch's Serial.begin, and set baud to it"}
	case errors.Is(err, fs.ErrNotExist):
		return verdict{state: "missing", hint: "plug the board in, or change its port"}
	case errors.Is(err, fs.ErrPermission):
		return verdict{state: "not permitted", cap: slowRetry,
			hint: "add the user to group dialout (uucp on Arch) and log in again"}
	case errors.Is(err, ErrInUse):
		return verdict{state: "held by another program",
			hint: "a port has one reader: stop the other program, such as a serial monitor or ModemManager"}
	case errors.Is(err, errDoubtful):
		return verdict{state: "perhaps in use", fatal: true,
			hint: "replug it, or name the port in devices.yaml if no other program uses it"}
	case errors.Is(err, errCrowded):
		return verdict{state: "over the limit of open files", cap: slowRetry,
			hint: "spread the devices over several gateways"}
	case netdial.CauseOf(err) == netdial.TooManyFiles:
		return verdict{state: "over the limit of open files", cap: slowRetry, hint: netdial.Hint(err)}
	case errors.Is(err, errNotSerial), errors.Is(err, syscall.EISDIR):
		return verdict{state: "not usable as a serial port", cap: slowRetry,
			hint: "port must name a serial port"}
	case errors.Is(err, errStuck):
		return verdict{state: "abandoned", hint: "reset the board: it hangs, or its sketch never reads"}
	case errors.Is(err, errSilent):
		return verdict{state: "silent", logged: true}
	}
	if v, ok := classifyRemote(err); ok {
		return v
	}
	if errors.Is(err, errUnplugged) {
		return verdict{state: "lost"}
	}
	return verdict{state: "failed"}
}

// classifyRemote is classify for a server of serial ports and the way to it.
func classifyRemote(err error) (verdict, bool) {
	cause := netdial.CauseOf(err)
	switch {
	case errors.Is(err, errNoComPort):
		return verdict{state: "not served with RFC 2217", cap: slowRetry,
			hint: "enable it there (ser2net: accepter: telnet(rfc2217),tcp,PORT), or set the rate there and use tcp://"}, true
	case errors.Is(err, errServerBaud):
		return verdict{state: "baud rate refused by its server", cap: slowRetry,
			hint: "set baud to a rate that the server allows"}, true
	case errors.Is(err, errServerClosed):
		return verdict{state: "closed by its server",
			hint: "a server often serves only one client, and closes when the board is unplugged"}, true
	case cause == netdial.HostNotFound:
		return verdict{state: "host not found", hint: netdial.Hint(err)}, true
	case cause == netdial.DNSFailed:
		return verdict{state: "host not resolved", hint: netdial.Hint(err)}, true
	case cause == netdial.Refused:
		return verdict{state: "connection refused", hint: "start the server there, or change the number in its port"}, true
	case cause == netdial.HostUnreachable, cause == netdial.NetworkUnreachable:
		return verdict{state: "host unreachable", hint: netdial.Hint(err)}, true
	case cause == netdial.TimedOut:
		return verdict{state: "host without an answer", hint: "check that its host is on, and in this network"}, true
	}
	return verdict{}, false
}
