package gateway

import (
	"context"
	"time"

	"arduino-gateway/device"
)

// Port is the serial side of a device.
type Port interface {
	// Run keeps the port open until ctx ends. An error means that a retry cannot help.
	// Run is called again after a pause.
	Run(ctx context.Context) error
	// Write writes a whole line and waits for the board until ctx ends. begun reports
	// whether a part of the line may have reached the board.
	Write(ctx context.Context, line []byte) (begun bool, err error)
	// Ask is Write for a line that the board answers. It calls asked right before the
	// last bytes go out, and before Closed of the same opening. While leaving reports
	// true, some of them have not left; call it only in Line.
	Ask(ctx context.Context, line []byte, asked func(at time.Time, leaving func() bool)) (begun bool, err error)
}

// Lease is the device's right to its port.
type Lease interface {
	// Hold keeps the port from other devices while it is closed. Hold(false) comes
	// before the next Run of the port.
	Hold(held bool)
}

// Session is the MQTT side of a device. Only Run blocks.
type Session interface {
	Run(ctx context.Context) error
	SetOnline(online bool)
	// SetCommands sets whether the device accepts commands.
	SetCommands(accepted bool)
	// Result publishes a result and calls delivered when the broker has it.
	Result(command string, result device.Result, delivered func())
}

// Queue numbers lines and keeps them until the broker has acknowledged them. Append may
// block, which slows a fast board down to the broker's pace; if ctx ends, it still takes
// the line. After Commit, everything appended is safe. The queue copies what it keeps.
type Queue interface {
	Append(ctx context.Context, at time.Time, readings []device.Reading)
	Commit()
	SetConnected(connected bool)
}

// Parser parses lines for one goroutine. The readings are valid until the next call and
// share the memory of line. An error that wraps device.ErrHeader is not a problem of the
// board. Names returns the names that the configuration gives to values. Reset forgets what
// earlier lines taught.
type Parser interface {
	Names() []string
	// Line takes the next line, and First one that may be the end of a line that began
	// before the port was opened. They call each for what becomes of it: at once, or after
	// further lines, which may be part of it. Quiet takes the time while no line comes, and
	// End the end of an opening, after which nothing is held.
	Line(at time.Time, line []byte, each Outcome)
	First(at time.Time, line []byte, each Outcome)
	Quiet(at time.Time, each Outcome)
	End(each Outcome)
	Left() error // says which part of the last line is not among the readings; nil if all is
	Reset()
}

// Outcome takes the readings of one or more lines of the board, or why there are none. text
// and readings are valid during the call.
type Outcome = func(at time.Time, text []byte, readings []device.Reading, err error)

// Observer sees every line and every other event of a device. It is quick, never blocks,
// and copies what it keeps.
type Observer interface {
	Line(device.Heard)
	// Later gets readings that are published later than their line. Their names are kept.
	Later(at time.Time, readings []device.Reading)
	// Active reports whether Out and Note have an effect.
	Active() bool
	Out(at time.Time, command string, result device.Result)
	Note(at time.Time, text string)
}
