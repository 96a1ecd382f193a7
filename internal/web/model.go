package web

import (
	"context"
	"errors"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/monitor"
)

// Gateway is what the pages show and the scripts ask. Its methods are called
// from any goroutine, and only Send may take its time.
type Gateway interface {
	Overview(now time.Time) Overview
	// Devices gives them in the order of the configuration.
	Devices(now time.Time) []Device
	// Subscribe begins to watch the lines of a device.
	Subscribe(device string) *monitor.Subscription
	// Send runs a command and returns when its result is known or ctx ends. The
	// error is ErrNoDevice, or that of ctx.
	Send(ctx context.Context, device, command, value string) (device.Result, error)
}

// ErrNoDevice is the error for a device that there is not.
var ErrNoDevice = errors.New("no such device")

// Overview is the gateway as a whole.
type Overview struct {
	ID      string    `json:"id"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	Broker  Broker    `json:"broker"`
	Spool   Spool     `json:"spool"`
}

// Broker is where the readings go.
type Broker struct {
	Address   string `json:"address"` // without credentials
	Embedded  bool   `json:"embedded,omitempty"`
	Connected bool   `json:"connected"`         // the gateway's own session is
	Problem   string `json:"problem,omitempty"` // why not
}

// Spool is where readings wait for the broker.
type Spool struct {
	Lines    int        `json:"lines"`               // that wait
	Bytes    int64      `json:"bytes"`               // on disk
	MaxBytes int64      `json:"max_bytes"`           //
	Oldest   *time.Time `json:"oldest,omitempty"`    // of the lines that wait
	Dropped  uint64     `json:"dropped"`             // lines, since the start
	Damaged  uint64     `json:"damaged"`             // places
	DiskDown *time.Time `json:"disk_down,omitempty"` // since when the disk takes nothing
}

// Device is one board.
type Device struct {
	About
	Live
	History *history.Recorder `json:"-"`
}

// About is what changes seldom.
type About struct {
	ID       string    `json:"id"`
	Online   bool      `json:"online"`
	Since    time.Time `json:"since"` // when it went online or offline
	Port     Port      `json:"port"`
	Session  Session   `json:"session"`
	Silence  float64   `json:"silence_s,omitempty"` // seconds without a line after which it is offline
	Commands []Command `json:"commands"`
	Warnings []string  `json:"warnings"`
}

// Port is the serial side.
type Port struct {
	Value       string     `json:"value"`           // as configured
	Path        string     `json:"path,omitempty"`  // where it was found
	Board       string     `json:"board,omitempty"` // what is known of it
	Baud        int        `json:"baud"`
	Open        bool       `json:"open"`
	Problem     string     `json:"problem,omitempty"` // why not
	PausedUntil *time.Time `json:"paused_until,omitempty"`
}

// Session is the MQTT side.
type Session struct {
	ClientID  string `json:"client_id"` // "" is a random one
	Topic     string `json:"topic"`
	Connected bool   `json:"connected"`
	Problem   string `json:"problem,omitempty"`
}

// Live is what changes with each line.
type Live struct {
	LastLine *time.Time `json:"last_line,omitempty"`
	Rate     float64    `json:"lines_per_second"`
	Counts   Counts     `json:"counts"`
	Waiting  Waiting    `json:"waiting"`
}

// Counts are totals since the gateway's start.
type Counts struct {
	Lines       uint64 `json:"lines"`         // published
	Refused     uint64 `json:"refused"`       // not understood
	Overlong    uint64 `json:"overlong"`      // dropped for their length
	OutOfBounds uint64 `json:"out_of_bounds"` // readings
	Sent        uint64 `json:"sent"`          // commands
	Rejected    uint64 `json:"rejected"`      // commands
	Unsent      uint64 `json:"unsent"`        // commands failed or expired
}

// Errors are those that a person should look at.
func (c Counts) Errors() uint64 { return c.Refused + c.Overlong + c.OutOfBounds + c.Unsent }

// Waiting is a device's share of the spool.
type Waiting struct {
	Lines   int        `json:"lines"`
	Oldest  *time.Time `json:"oldest,omitempty"`
	Dropped uint64     `json:"dropped"`
}

// Command is one that a device takes.
type Command struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	Min       *int64   `json:"min,omitempty"`
	Max       *int64   `json:"max,omitempty"`
	Values    []string `json:"values,omitempty"`
	MaxLength int      `json:"max_length,omitempty"` // bytes of a text
}

// Commands gives the commands of a device, by name.
func Commands(d device.Device) []Command {
	all := []Command{}
	for _, name := range sortedKeys(d.Commands) {
		c := d.Commands[name]
		one := Command{Name: name, Type: string(c.Type), Min: c.Min, Max: c.Max, Values: c.Values}
		if c.Type == device.Text {
			one.MaxLength = textLength(c)
		}
		all = append(all, one)
	}
	return all
}

// Reading is one as it was last published.
type Reading struct {
	Name  string    `json:"name"`
	Value string    `json:"value"`
	Unit  string    `json:"unit,omitempty"`
	Time  time.Time `json:"time"`
}
