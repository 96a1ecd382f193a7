package gateway

import (
	"context"
	"time"

	"arduino-gateway/device"
)

// Port is the serial side of a device.
type Port interface {
	// Run keeps the port open until ctx ends; an error means that no retry
	// can mend it. It is called again after a pause.
	Run(ctx context.Context) error
	// Write puts a whole line on the wire, waiting for the board until ctx
	// ends. begun tells whether some of it may have reached the board.
	Write(ctx context.Context, line []byte) (begun bool, err error)
}

// Lease is the device's right to its port.
type Lease interface {
	// Hold keeps the port from other devices while it is closed. Hold(false) comes
	// before the next Run of the port.
	Hold(held bool)
}

// Session is the MQTT side of a device. Result and SetOnline never block.
type Session interface {
	Run(ctx context.Context) error
	SetOnline(online bool)
	// Result calls told when the broker has the result.
	Result(command string, result device.Result, told func())
}

// Queue numbers lines and holds them until the session has had them
// acknowledged. Append may block: that is how a slow broker slows down a fast
// board; when ctx ends meanwhile, the line is still taken. What was appended is
// safe after Commit. It keeps nothing of what it was given.
type Queue interface {
	Append(ctx context.Context, at time.Time, readings []device.Reading)
	Commit()
	SetConnected(connected bool)
}

// Parser reads one line; it is called by one goroutine at a time. The readings
// are valid until the next call, and only while line is. An error that wraps
// device.ErrHeader is no complaint. Reset forgets what the lines so far taught.
type Parser interface {
	Parse(line []byte) ([]device.Reading, error)
	Reset()
}

// Observer is told of every line, understood or not, and of what else happens. It is
// quick, never blocks, and keeps nothing of what it was given.
type Observer interface {
	// Line comes with the readings that are published of it at once, what is
	// withheld, and why it was refused.
	Line(at time.Time, line []byte, readings []device.Reading, withheld []device.Withheld, err error)
	// Later has readings that are published later than their line.
	Later(at time.Time, readings []device.Reading)
	// Active tells whether the others are of any use.
	Active() bool
	Out(at time.Time, command string, result device.Result)
	Note(at time.Time, text string)
}
