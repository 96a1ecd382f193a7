package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/spelling"
	"arduino-gateway/internal/status"
)

// Gateway is what requests are about. Its methods are called from the
// connections' goroutines; a device that is none is their error.
type Gateway interface {
	// Devices gives the IDs that there are now.
	Devices() []string
	// Pause gives a device's port up for so long, and returns when it is closed
	// or ctx ends.
	Pause(ctx context.Context, device string, length time.Duration) (Paused, error)
	// Resume ends a pause, and tells whether there was one.
	Resume(device string) (paused bool, err error)
	// Forget removes a device that was found, and that is away.
	Forget(ctx context.Context, device string) error
	// Status tells how all of it is.
	Status(now time.Time) status.Snapshot
}

// Status is how a gateway is, and which process it is.
type Status struct {
	PID int `json:"pid"`
	status.Snapshot
}

// Paused tells of a pause.
type Paused struct {
	Until    time.Time `json:"until"`
	Port     string    `json:"port"`               // its path, free until then
	Extended bool      `json:"extended,omitempty"` // it was paused already
}

// What a request may ask for.
const (
	doWatch  = "watch"
	doPause  = "pause"
	doResume = "resume"
	doForget = "forget"
	doStatus = "status"
)

// request is what a client says.
type request struct {
	Do      string `json:"do"`
	Device  string `json:"device,omitempty"`  // of all but status
	Seconds int64  `json:"seconds,omitempty"` // of a pause
}

// String is: pause "greenhouse"
func (r request) String() string {
	if r.Device == "" {
		return r.Do
	}
	return fmt.Sprintf("%s %q", r.Do, r.Device)
}

// resumed is the answer to resume.
type resumed struct {
	Paused bool `json:"paused"` // until now
}

// refusal is the answer to a request that can't be met.
type refusal struct {
	Error string   `json:"error"`
	Known []string `json:"known,omitempty"` // the devices that there are
}

// LongestPause bounds a pause: a port that is needed for longer should not be in
// the configuration.
const LongestPause = 24 * time.Hour

const (
	maxRequest = 1024    // bytes of a line
	maxAnswer  = 4 << 20 // bytes of a line
)

// decodeRequest reads {"do":"watch","device":"greenhouse"}.
func decodeRequest(line []byte) (request, error) {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("the request is no JSON object: %w", err)
	}
	switch r.Do {
	case doStatus:
		return r, nil
	case doWatch, doPause, doResume, doForget:
	default:
		return r, fmt.Errorf("the request %q is not known (hint: is the gateway another version than this program?)", r.Do)
	}
	if r.Device == "" && r.Do != doWatch {
		return r, errors.New("the request names no device")
	}
	if r.Do == doPause && (r.Seconds <= 0 || r.Seconds > int64(LongestPause/time.Second)) {
		return r, fmt.Errorf("a pause of %d seconds is none up to %v", r.Seconds, LongestPause)
	}
	return r, nil
}

// decodeEvent reads an event, or a refusal, which has no kind.
func decodeEvent(line []byte, device string) (monitor.Event, error) {
	var both struct {
		monitor.Event
		Known []string `json:"known"`
	}
	if err := json.Unmarshal(line, &both); err != nil {
		return monitor.Event{}, notJSON(err)
	}
	if both.Kind == "" {
		return monitor.Event{}, refusal{both.Error, both.Known}.asError(device)
	}
	return both.Event.Unpacked(), nil
}

// decodeAnswer reads the one answer to a request about a device.
func decodeAnswer(line []byte, device string, answer any) error {
	var refused refusal
	if err := json.Unmarshal(line, &refused); err != nil {
		return notJSON(err)
	}
	if refused.Error != "" {
		return refused.asError(device)
	}
	if err := json.Unmarshal(line, answer); err != nil {
		return notJSON(err)
	}
	return nil
}

func notJSON(err error) error { return fmt.Errorf("the gateway sent no JSON object: %w", err) }

// asError names what could have been meant.
func (r refusal) asError(device string) error {
	if len(r.Known) == 0 {
		return errors.New(r.Error)
	}
	return fmt.Errorf("%s (hint: %s)", r.Error, spelling.Hint(device, r.Known))
}
