package status

import "time"

// Snapshot is the state of the gateway and all devices. Totals are since the gateway's
// start.
type Snapshot struct {
	Gateway
	Devices []Device `json:"devices"` // in the order of the configuration
}

// Gateway is the state of the gateway itself.
type Gateway struct {
	ID       string    `json:"id"`
	Version  string    `json:"version"`
	Started  time.Time `json:"started"`
	Broker   Broker    `json:"broker"`
	Spool    Spool     `json:"spool"`
	Warnings []string  `json:"warnings"`
}

// Broker is the broker that receives the readings.
type Broker struct {
	Address   string   `json:"address"` // without credentials
	Embedded  bool     `json:"embedded,omitempty"`
	Connected bool     `json:"connected"`                  // the gateway's own session
	Problem   string   `json:"problem,omitempty"`          // the first of Problems
	Problems  []string `json:"problems,omitempty"`         // why not, or what else is wrong, with hints; the worst first
	Refused   uint64   `json:"refused_messages,omitempty"` // of the gateway's own session, put aside
}

// Spool is the backlog of readings for the broker.
type Spool struct {
	Lines    int       `json:"lines"`              // waiting
	Bytes    int64     `json:"bytes"`              // on disk
	MaxBytes int64     `json:"max_bytes"`          //
	Oldest   time.Time `json:"oldest,omitzero"`    // of the waiting lines
	Dropped  uint64    `json:"dropped"`            // lines
	Damaged  uint64    `json:"damaged"`            // places
	DiskDown time.Time `json:"disk_down,omitzero"` // since when the disk has failed

	// Only for Prometheus: on a page they would change with each update.
	MemoryBytes int64  `json:"-"` // of lines that are not on disk
	Written     uint64 `json:"-"` // bytes
	Syncs       uint64 `json:"-"` // fsyncs
}

// Device is one board.
type Device struct {
	About
	Live
	Traffic Traffic `json:"-"`
}

// About is the part of a device that rarely changes.
type About struct {
	ID       string    `json:"id"`
	Online   bool      `json:"online"` // as in its status topic
	Since    time.Time `json:"since"`  // of that state
	Port     Port      `json:"port"`
	Session  Session   `json:"session"`
	Silence  float64   `json:"silence_s,omitempty"` // seconds without a line after which it is offline
	Commands []Command `json:"commands"`
	Names    string    `json:"names_problem,omitempty"` // why names of readings are not kept, with a hint
	Warnings []string  `json:"warnings"`
}

// Port is the serial side.
type Port struct {
	Value       string    `json:"value"`           // as configured
	Path        string    `json:"path,omitempty"`  // where the board is now
	Board       string    `json:"board,omitempty"` // description of the board
	Baud        int       `json:"baud"`
	Open        bool      `json:"open"`
	Problem     string    `json:"problem,omitempty"`     // why nothing is read, with a hint
	PausedUntil time.Time `json:"paused_until,omitzero"` // other programs can use it
}

// Session is the MQTT side.
type Session struct {
	ClientID   string   `json:"client_id"` // "" is random
	Topic      string   `json:"topic"`
	Connected  bool     `json:"connected"`
	Subscribed bool     `json:"subscribed"`                 // the broker has granted the subscription to commands
	Deaf       bool     `json:"-"`                          // the device is offline only because it has not
	Problem    string   `json:"problem,omitempty"`          // the first of Problems
	Problems   []string `json:"problems,omitempty"`         // with hints; the worst first
	Refused    uint64   `json:"refused_messages,omitempty"` // put aside: the broker does not take them

	Stalled        time.Time `json:"stalled_since,omitzero"`    // since when lines wait and the broker acknowledges none, though it is connected
	DroppedResults uint64    `json:"dropped_results,omitempty"` // of commands, because too many waited for the broker
}

// Live is the part of a device that changes with each line.
type Live struct {
	LastLine time.Time `json:"last_line,omitzero"`
	Rate     float64   `json:"lines_per_second"` // in the last seconds
	Counts   Counts    `json:"counts"`
	Errors   uint64    `json:"errors"` // the Counts that need attention
	Waiting  Waiting   `json:"waiting"`
}

// Counts are totals.
type Counts struct {
	Lines       uint64 `json:"lines"`         // published
	Refused     uint64 `json:"refused"`       // lines not understood
	Partly      uint64 `json:"partly"`        // lines of which a part was not understood
	Damaged     uint64 `json:"damaged"`       // lines dropped because of their checksum
	Overlong    uint64 `json:"overlong"`      // lines dropped because of their length
	OutOfBounds uint64 `json:"out_of_bounds"` // readings
	Unprinted   uint64 `json:"unprinted"`     // lines that the board reports as dropped
	Sent        uint64 `json:"sent"`          // commands
	Rejected    uint64 `json:"rejected"`      // commands
	Unsent      uint64 `json:"unsent"`        // commands failed or expired
}

func (c Counts) errors() uint64 {
	return c.Refused + c.Damaged + c.Overlong + c.OutOfBounds + c.Unprinted + c.Unsent
}

// Waiting is a device's share of the spool.
type Waiting struct {
	Lines   int       `json:"lines"`
	Bytes   int64     `json:"-"`
	Oldest  time.Time `json:"oldest,omitzero"`
	Dropped uint64    `json:"dropped"` // lines, since the spool was full
}

// Traffic has totals for Prometheus only.
type Traffic struct {
	Opens, BytesRead, BytesWritten uint64 // of the port
	USBResets                      uint64 // of the port's adapter, by the watchdog
	Connects, Losses, Attempts     uint64 // of the session; Attempts are failed ones
	Messages, Acked, Late          uint64 // PUBLISH packets, and lines
}

// Judge sets the warnings and errors that follow from the figures.
func (s *Snapshot) Judge(now time.Time) {
	s.Warnings = s.Gateway.warn(now)
	for i := range s.Devices {
		d := &s.Devices[i]
		d.Warnings, d.Errors = d.warn(now), d.Counts.errors()
	}
}
