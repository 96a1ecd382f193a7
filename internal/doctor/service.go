package doctor

import (
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// serviceOf returns the systemd service of a process, or "". A line of its cgroup file:
//
//	0::/system.slice/gateway.service
func (t Target) serviceOf(pid int) string {
	text, err := os.ReadFile(filepath.Join(t.Machine.Root, "proc", strconv.Itoa(pid), "cgroup"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if unit := path.Base(strings.TrimSpace(line)); strings.HasSuffix(unit, ".service") {
			return unit
		}
	}
	return ""
}
