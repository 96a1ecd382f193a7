package serialbridge

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"time"

	"go.bug.st/serial"
)

// openPort locks and opens the port at path with 8 data bits, no parity and 1
// stop bit, raw. classify knows its errors.
func openPort(path string, baud int) (rawPort, error) { return openLocked(path, baud, false) }

// openLocked is openPort. If it yields, a port that another program may use is
// closed again before anything of it has changed.
func openLocked(path string, baud int, yields bool) (rawPort, error) {
	if baud < minBaud || baud > maxBaud {
		return nil, fmt.Errorf("%w: %d is not from %d to %d", errBaud, baud, minBaud, maxBaud)
	}
	lock, err := lockPort(path)
	if err != nil {
		return nil, err
	}
	if yields && lock.unlikeNew() {
		return nil, errors.Join(errDoubtful, lock.leave())
	}
	port, err := openUninherited(lock, baud)
	if err != nil {
		lock.release()
		return nil, translate(err, lock)
	}
	bytes, err := newStream(port, lock)
	if err != nil {
		port.Close()
		lock.release()
		return nil, err
	}
	return &serialPort{Port: port, bytes: bytes, lock: lock, baud: baud}, nil
}

// openUninherited keeps the port from all programs that are started during or
// after the open: the library opens it without O_CLOEXEC.
func openUninherited(lock *portLock, baud int) (serial.Port, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	free := lock.lowestFree()
	port, err := serial.Open(lock.path, modeAt(baud))
	if err == nil {
		lock.closeOnExec(free)
	}
	return port, err
}

func modeAt(baud int) *serial.Mode { return &serial.Mode{BaudRate: baud, DataBits: 8} }

// serialPort is the port of the library together with our lock.
type serialPort struct {
	serial.Port
	bytes stream
	lock  *portLock
	baud  int // that is set
}

// stream moves the bytes of a port, better than the library if the system
// allows.
type stream interface {
	readWriter
	freeWriter() // ends a stuck Write, after Discard has dropped what it wrote before
}

type readWriter interface {
	reader
	io.Writer
}

func (p *serialPort) Read(b []byte) (int, error) { return p.bytes.Read(b) }

func (p *serialPort) Write(b []byte) (int, error) { return p.bytes.Write(b) }

func (p *serialPort) SetReadTimeout(d time.Duration) error { return p.bytes.SetReadTimeout(d) }

func (p *serialPort) Follow(b []byte, chunk func(n int) (more bool)) error {
	return follow(p.bytes, b, chunk)
}

// SetBaud changes the rate and drops what came at the previous rate.
func (p *serialPort) SetBaud(baud int) error {
	p.baud = baud
	return errors.Join(p.SetMode(modeAt(baud)), p.ResetInputBuffer())
}

// Unsent is 0 if the system does not tell.
func (p *serialPort) Unsent() int { return p.lock.unsent() }

// SetHangUp does nothing if the system does not offer it.
func (p *serialPort) SetHangUp(on bool) error { return p.lock.setHangUp(on) }

// KeepHangUp makes the close leave HUPCL as SetHangUp has set it.
func (p *serialPort) KeepHangUp() { p.lock.keepHangUp() }

func (p *serialPort) Interrupt() { interrupt(p.bytes) }

// Discard drops what waits to be sent. It ignores errors, which mean that the port is
// gone.
func (p *serialPort) Discard() {
	p.ResetOutputBuffer()
	p.bytes.freeWriter()
}

// Close closes the port first: while the lock is held no other program opens it. It
// leaves no slow rate: the close moves DTR, which together with 1200 baud is an
// order to many boards. The lock then puts back the settings that the port had.
func (p *serialPort) Close() error {
	if p.baud < SlowestSafe {
		_ = p.SetMode(modeAt(FirstBaud)) // fails on a port that is gone
	}
	return errors.Join(p.Port.Close(), p.lock.release())
}

// translate maps the error codes of the library to errors that classify knows.
func translate(err error, lock *portLock) error {
	var coded *serial.PortError
	if !errors.As(err, &coded) {
		return err
	}
	switch coded.Code() {
	case serial.PortBusy:
		return fmt.Errorf("%w by %s", ErrInUse, lock.holder())
	case serial.PortNotFound:
		return fs.ErrNotExist
	case serial.PermissionDenied:
		return fs.ErrPermission
	case serial.InvalidSpeed:
		return fmt.Errorf("%w: %w", errBaud, err)
	case serial.InvalidSerialPort:
		switch {
		case refusesBaud(err):
			return fmt.Errorf("%w: %w", errBaud, err)
		case strings.Contains(err.Error(), "error opening signaling pipe: "):
			return fmt.Errorf("%w: %w", syscall.EMFILE, err) // all else has worked
		}
		return fmt.Errorf("%w: %w", errNotSerial, err)
	}
	return err
}

// refusesBaud reads the cause in the text, since a PortError does not unwrap.
// The library sets the speed last, when the port has accepted all else:
//
//	Invalid serial port: error configuring port: invalid argument
//	Invalid serial port: error configuring port: Port speed invalid or not supported
func refusesBaud(err error) bool {
	_, cause, ok := strings.Cut(err.Error(), "error configuring port: ")
	return ok && (strings.Contains(cause, "invalid argument") || strings.Contains(cause, "Port speed"))
}
