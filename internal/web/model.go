package web

import (
	"context"
	"errors"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/status"
)

// Gateway is what this package needs from the gateway. Its methods are safe for
// concurrent use, and only Send may block.
type Gateway interface {
	Status(now time.Time) status.Snapshot
	// History returns the recent lines and readings of a device of the Status.
	History(device string) *history.Recorder
	// Subscribe subscribes to the lines of a device.
	Subscribe(device string) *monitor.Subscription
	// Send runs a command and returns when its result is known or ctx ends. The
	// error is ErrNoDevice or ctx.Err().
	Send(ctx context.Context, device, command, value string) (device.Result, error)
	// Try calls each with the lines of a text as the device would read them, and with the
	// part of each that is not understood. It publishes nothing. The error is ErrNoDevice.
	Try(device, text string, each func(line device.Heard, left error)) error
}

// ErrNoDevice reports that a device does not exist.
var ErrNoDevice = errors.New("no such device")

// Reading is the last published value of a reading.
type Reading struct {
	Name  string    `json:"name"`
	Value string    `json:"value"`
	Unit  string    `json:"unit,omitempty"`
	Time  time.Time `json:"time"`
}
