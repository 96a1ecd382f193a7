//go:build !linux && !darwin

package simulator

import (
	"errors"
	"runtime"
)

// terminal does not exist here; openTerminal reports that, and nothing else is
// called.
type terminal struct {
	path string
	gone chan struct{}
}

var errNoTerminal = errors.New("virtual boards need ptys, which " + systemName(runtime.GOOS) + " does not have")

func systemName(goos string) string {
	if goos == "windows" {
		return "Windows"
	}
	return goos
}

func openTerminal() (*terminal, error) { return nil, errNoTerminal }

func (t *terminal) inUse() bool                  { return false }
func (t *terminal) read([]byte) (int, error)     { return 0, errNoTerminal }
func (t *terminal) pause()                       {}
func (t *terminal) resume()                      {}
func (t *terminal) writeNow([]byte) int          { return 0 }
func (t *terminal) writeAll([]byte) (int, error) { return 0, errNoTerminal }
func (t *terminal) unread() (int, error)         { return 0, errNoTerminal }
func (t *terminal) release(bool) bool            { return true }
func (t *terminal) close()                       {}
