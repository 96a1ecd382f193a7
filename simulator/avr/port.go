package avr

import (
	"fmt"
	"os"
)

// OpenPort opens a pty of an [Uno] as a host does: raw, at a baud rate, as the
// board's reset. Reads and writes honour the file's deadlines.
func OpenPort(path string, baud int) (*os.File, error) {
	f, err := openPort(path, baud)
	if err != nil {
		return nil, fmt.Errorf("open %s at %d baud: %w", path, baud, err)
	}
	return f, nil
}
