package status

import "time"

// Snapshot is all of it. Totals are since the gateway's start.
type Snapshot struct {
	Gateway
	Devices []Device `json:"devices"` // in the order of the configuration
}

// Gateway is the gateway as a whole.
type Gateway struct {
	ID       string    `json:"id"`
	Version  string    `json:"version"`
	Started  time.Time `json:"started"`
	Broker   Broker    `json:"broker"`
	Spool    Spool     `json:"spool"`
	Warnings []string  `json:"warnings"`
}

// Broker is where the readings go.
type Broker struct {
	Address   string `json:"address"` // without credentials
	Embedded  bool   `json:"embedded,omitempty"`
	Connected bool   `json:"connected"`         // the gateway's own session is
	Problem   string `json:"problem,omitempty"` // why not, in words with a hint
}

// Spool is where readings wait for the broker.
type Spool struct {
	Lines    int       `json:"lines"`              // that wait
	Bytes    int64     `json:"bytes"`              // on disk
	MaxBytes int64     `json:"max_bytes"`          //
	Oldest   time.Time `json:"oldest,omitzero"`    // of the lines that wait
	Dropped  uint64    `json:"dropped"`            // lines
	Damaged  uint64    `json:"damaged"`            // places
	DiskDown time.Time `json:"disk_down,omitzero"` // since when the disk takes nothing

	// For Prometheus alone: they would be new to a page each time it looks.
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

// About is what changes seldom.
type About struct {
	ID       string    `json:"id"`
	Online   bool      `json:"online"` // as its status topic says
	Since    time.Time `json:"since"`  // when it went online or offline
	Port     Port      `json:"port"`
	Session  Session   `json:"session"`
	Silence  float64   `json:"silence_s,omitempty"` // seconds without a line after which it is offline
	Commands []Command `json:"commands"`
	Warnings []string  `json:"warnings"`
}

// Port is the serial side.
type Port struct {
	Value       string    `json:"value"`           // as configured
	Path        string    `json:"path,omitempty"`  // where it was found
	Board       string    `json:"board,omitempty"` // what is known of it
	Baud        int       `json:"baud"`
	Open        bool      `json:"open"`
	Problem     string    `json:"problem,omitempty"`     // why nothing is read, in words with a hint
	PausedUntil time.Time `json:"paused_until,omitzero"` // it is given up for others
}

// Session is the MQTT side.
type Session struct {
	ClientID  string `json:"client_id"` // "" is a random one
	Topic     string `json:"topic"`
	Connected bool   `json:"connected"`
	Problem   string `json:"problem,omitempty"` // in words with a hint
}

// Live is what changes with each line.
type Live struct {
	LastLine time.Time `json:"last_line,omitzero"`
	Rate     float64   `json:"lines_per_second"` // of late
	Counts   Counts    `json:"counts"`
	Errors   uint64    `json:"errors"` // those of Counts that a person should look at
	Waiting  Waiting   `json:"waiting"`
}

// Counts are totals.
type Counts struct {
	Lines       uint64 `json:"lines"`         // published
	Refused     uint64 `json:"refused"`       // lines not understood
	Damaged     uint64 `json:"damaged"`       // lines dropped for their checksum
	Overlong    uint64 `json:"overlong"`      // lines dropped for their length
	OutOfBounds uint64 `json:"out_of_bounds"` // readings
	Sent        uint64 `json:"sent"`          // commands
	Rejected    uint64 `json:"rejected"`      // commands
	Unsent      uint64 `json:"unsent"`        // commands failed or expired
}

func (c Counts) errors() uint64 { return c.Refused + c.Damaged + c.Overlong + c.OutOfBounds + c.Unsent }

// Waiting is a device's share of the spool.
type Waiting struct {
	Lines   int       `json:"lines"`
	Bytes   int64     `json:"-"`
	Oldest  time.Time `json:"oldest,omitzero"`
	Dropped uint64    `json:"dropped"` // lines, for want of room
}

// Traffic are totals that interest nobody but Prometheus.
type Traffic struct {
	Opens, BytesRead, BytesWritten uint64 // of the port
	Connects, Losses, Attempts     uint64 // of the session; Attempts failed
	Messages, Acked, Late          uint64 // PUBLISH packets, and lines
}

// Judge fills in what follows from the figures: warnings and errors.
func (s *Snapshot) Judge(now time.Time) {
	s.Warnings = s.Gateway.warn(now)
	for i := range s.Devices {
		d := &s.Devices[i]
		d.Warnings, d.Errors = d.warn(now), d.Counts.errors()
	}
}
