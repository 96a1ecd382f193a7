package daemon

import (
	"log/slog"

	"arduino-gateway/internal/config"
)

// filesPerDevice are the descriptors of a device: four of its port, one of its session.
// filesOfGateway are those of everything else.
const (
	filesPerDevice = 5
	filesOfGateway = 64
)

// missingFiles returns how many files a gateway with so many devices needs at once, if
// that is more than the limit, else 0.
func missingFiles(devices int, limit uint64) (needed int) {
	needed = filesOfGateway + filesPerDevice*devices
	if uint64(needed) <= limit {
		return 0
	}
	return needed
}

// warnOfFewFiles logs if the system does not allow as many open files as the devices
// need. Each that finds none left reports that itself.
func warnOfFewFiles(c *config.Config, log *slog.Logger) {
	limit := fileLimit()
	if needed := missingFiles(len(c.Devices), limit); needed > 0 {
		log.Warn("limit of open files is too low for all devices", "devices", len(c.Devices), "limit", limit, "needed", needed,
			"hint", "raise LimitNOFILE in the service's unit, or ulimit -n in a shell")
	}
}
