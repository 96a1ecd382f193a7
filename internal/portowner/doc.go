// Package portowner names the program that has a serial port: the one that locks
// it, or has it open.
//
// It reads /proc and lock files and opens no port. Its answer is the best that
// can be seen: /proc/locks shows all programs to every user, /proc/PID/fd shows
// only the user's own programs, or all of them to root. Therefore [Look] answers
// Unknown, and not Free, if it saw no program but cannot see all. On other
// systems than Linux nothing can be seen.
//
// A look at all programs takes as long as they have files open, so all questions of a
// moment share one: three hundred ports that open at once cost a few looks.
//
// [Claim] writes the lock file of a device for programs that look at nothing
// else.
package portowner

import "fmt"

// Process is a program that has a port.
type Process struct {
	PID  int    `json:"pid"`
	Name string `json:"name,omitempty"` // as in /proc/PID/comm; "" if unknown
}

// String returns "screen (pid 4242)", or "pid 4242" without a name.
func (p Process) String() string {
	if p.Name == "" {
		return fmt.Sprintf("pid %d", p.PID)
	}
	return fmt.Sprintf("%s (pid %d)", p.Name, p.PID)
}
