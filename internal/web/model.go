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

// Gateway is what the pages show and the scripts ask. Its methods are called
// from any goroutine, and only Send may take its time.
type Gateway interface {
	Status(now time.Time) status.Snapshot
	// History is what a device of the Status has said lately.
	History(device string) *history.Recorder
	// Subscribe begins to watch the lines of a device.
	Subscribe(device string) *monitor.Subscription
	// Send runs a command and returns when its result is known or ctx ends. The
	// error is ErrNoDevice, or that of ctx.
	Send(ctx context.Context, device, command, value string) (device.Result, error)
}

// ErrNoDevice is the error for a device that there is not.
var ErrNoDevice = errors.New("no such device")

// Reading is one as it was last published.
type Reading struct {
	Name  string    `json:"name"`
	Value string    `json:"value"`
	Unit  string    `json:"unit,omitempty"`
	Time  time.Time `json:"time"`
}
