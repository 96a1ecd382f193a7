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

// Gateway is what this package needs from the gateway. Its methods are safe for
// concurrent use, and return an error for an unknown device.
type Gateway interface {
	// Devices returns the IDs of the current devices.
	Devices() []string
	// Pause releases a device's port for a length of time, and returns when the port
	// is closed or ctx ends.
	Pause(ctx context.Context, device string, length time.Duration) (Paused, error)
	// Resume ends a pause, and reports whether the device was paused.
	Resume(device string) (paused bool, err error)
	// Forget removes a detected device that is unplugged.
	Forget(ctx context.Context, device string) error
	// Status returns the status of the gateway and its devices.
	Status(now time.Time) status.Snapshot
}

// Status is the status of a gateway, and its process.
type Status struct {
	PID int `json:"pid"`
	status.Snapshot
}

// Paused describes a pause.
type Paused struct {
	Until    time.Time `json:"until"`
	Port     string    `json:"port"`               // its path, for other programs until then
	Extended bool      `json:"extended,omitempty"` // the device was paused before
}

// The requests.
const (
	doWatch  = "watch"
	doPause  = "pause"
	doResume = "resume"
	doForget = "forget"
	doStatus = "status"
)

// request is what a client sends.
type request struct {
	Do      string `json:"do"`
	Device  string `json:"device,omitempty"`  // not for status; "" watches all
	Seconds int64  `json:"seconds,omitempty"` // of a pause
}

// String formats a request: pause "greenhouse"
func (r request) String() string {
	if r.Device == "" {
		return r.Do
	}
	return fmt.Sprintf("%s %q", r.Do, r.Device)
}

// resumed is the answer to resume.
type resumed struct {
	Paused bool `json:"paused"` // before the request
}

// refusal is the answer to a request that failed.
type refusal struct {
	Error string   `json:"error"`
	Known []string `json:"known,omitempty"` // the devices, if the one asked for is unknown
}

// LongestPause is the longest pause. A port that is needed for longer should not be in
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
		return r, fmt.Errorf("the request is not a JSON object: %w", err)
	}
	switch r.Do {
	case doStatus:
		return r, nil
	case doWatch, doPause, doResume, doForget:
	default:
		return r, fmt.Errorf("unknown request %q (hint: is the gateway of another version than this program?)", r.Do)
	}
	if r.Device == "" && r.Do != doWatch {
		return r, errors.New("the request lacks a device")
	}
	if r.Do == doPause && (r.Seconds <= 0 || r.Seconds > int64(LongestPause/time.Second)) {
		return r, fmt.Errorf("a pause of %d seconds is not between 1s and %v", r.Seconds, LongestPause)
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

func notJSON(err error) error { return fmt.Errorf("the gateway did not send a JSON object: %w", err) }

// asError returns the error with a hint at the device that was probably meant.
func (r refusal) asError(device string) error {
	if len(r.Known) == 0 {
		return errors.New(r.Error)
	}
	return fmt.Errorf("%s (hint: %s)", r.Error, spelling.Hint(device, r.Known))
}
