package avr

import (
	"fmt"
	"os"
)

// OpenPort opens the pty of an [Uno] as a host does: raw, at a baud rate, which
// resets the board. Reads and writes honour the deadlines of the file.
func OpenPort(path string, baud int) (*os.File, error) {
	f, err := openPort(path, baud)
	if err != nil {
		return nil, fmt.Errorf("open %s at %d baud: %w", path, baud, err)
	}
	return f, nil
}
