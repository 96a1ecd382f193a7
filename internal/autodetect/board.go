package autodetect

import (
	"time"

	"arduino-gateway/internal/hello"
)

// Board is a detected board.
type Board struct {
	ID    string `json:"id"`
	Port  string `json:"port"`            // as port: in devices.yaml
	Baud  int    `json:"baud"`            // at which it was read
	Plain bool   `json:"plain,omitempty"` // it only prints lines, and its ID was made for it
}

// Detection is a board that was just detected. Its port is closed.
type Detection struct {
	Board          // its ID is "" if it is plain
	Name    string // of the board, or of its USB chip
	Opened  time.Time
	Lines   []hello.Line // since Opened; of a board that is not plain, those with a right checksum
	Unsure  bool         // the first of Lines may be the end of one that began before Opened
	Dropped uint64       // how many lines before Lines did not fit in memory
}
