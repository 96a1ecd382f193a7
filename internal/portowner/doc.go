// Package portowner names the program that has a serial port: who locks it, or has
// it open.
//
// It reads /proc and lock files and opens no port. What it says is the best that
// can be seen: /proc/locks tells everybody about everybody, /proc/PID/fd tells
// only of one's own programs, or of all of them to root. Elsewhere than on
// Linux nothing can be seen.
package portowner

import "fmt"

// Process is a program that has a port.
type Process struct {
	PID  int    `json:"pid"`
	Name string `json:"name,omitempty"` // as in /proc/PID/comm; "" is not known
}

// String is "screen (pid 4242)", or "pid 4242" where the name is not known.
func (p Process) String() string {
	if p.Name == "" {
		return fmt.Sprintf("pid %d", p.PID)
	}
	return fmt.Sprintf("%s (pid %d)", p.Name, p.PID)
}
