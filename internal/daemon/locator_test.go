package daemon

import (
	"sync/atomic"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/ports"
)

// A server of serial ports is used by its address. A USB identity needs the machine.
func TestLocator_FindsServersByTheirAddress(t *testing.T) {
	watch := ports.NewTracker(ports.Machine{Root: t.TempDir()}, nil)
	for port, found := range map[string]bool{"/dev/null": true, "COM3": true, "usb:2341:0043": false, "usb-path:1-1": false,
		"tcp://esp:23": true, "rfc2217://esp:2217": true} {
		c := portOptions(device.Device{ID: "uno", Port: port}, 0, watch.Lease("uno", port), new(atomic.Pointer[ports.Port]))
		if place, err := c.Finder.Find(); (place.Path == port && err == nil) != found || c.Port != port {
			t.Errorf("%s: %+v, %v", port, place, err)
		}
	}
}
