package ports

import (
	"io/fs"
	"os"
)

const listPorts = "gateway ports"

// notTerminal returns the problem of a port whose path cannot be one: it is not a
// character device, or one that is not a terminal. It does not open it.
func (m Machine) notTerminal(p Port) []Problem {
	if p.node != "" && m.Root != "/" {
		return nil // in a test the nodes of boards are files
	}
	info, err := os.Stat(p.Path)
	if err != nil {
		return nil // reported elsewhere
	}
	problem := Problem{Kind: NotTerminal, Fix: listPorts}
	switch {
	case info.IsDir():
		problem.What = "it is a folder, not a serial port"
	case info.Mode().IsRegular():
		problem.What = "it is a file, not a serial port"
	case info.Mode()&fs.ModeCharDevice == 0:
		problem.What = "it is not a serial port"
	case m.knownNoTerminal(info):
		problem.What = "it is a device but not a terminal, and so not a serial port"
	default:
		return nil
	}
	return []Problem{problem}
}
