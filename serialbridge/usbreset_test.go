package serialbridge

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// The adapter of a board that stays silent is reset in the second cycle and later ones,
// while its port is closed, where that can do no harm. USB itself is not real here.
func TestPort_ResetsTheUSBAdapterLast(t *testing.T) {
	const node = "/dev/bus/usb/001/004"
	no := new(false)
	for name, c := range map[string]struct {
		place    Place
		reset    *bool
		banner   bool // the board prints after each restart
		fails    bool
		attempts int // in three cycles
	}{
		"banner":             {Place{Path: "/dev/ttyUSB0", Chip: AutoReset, USB: node}, nil, true, false, 0},
		"adapter":            {Place{Path: "/dev/ttyUSB0", Chip: AutoReset, USB: node}, nil, false, false, 2},
		"no reset on open":   {Place{Path: "/dev/ttyUSB0", Chip: AutoReset, USB: node}, no, false, false, 0},
		"harm, or no rights": {Place{Path: "/dev/ttyUSB0", Chip: AutoReset}, nil, false, false, 0},
		"it fails":           {Place{Path: "/dev/ttyUSB0", Chip: AutoReset, USB: node}, nil, false, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var modems []*lines
				port, log := quiet(newRecorder(t), &modems)
				at(c.place, port)
				port.options.ResetOnOpen = c.reset
				attempts := 0
				port.reset = func(usb string) error {
					if attempts++; usb != node || !modems[len(modems)-1].isClosed() {
						t.Errorf("reset of %s, closed: %v", usb, modems[len(modems)-1].isClosed())
					}
					if c.fails {
						return errors.New("reset: no such device")
					}
					return nil
				}
				open := port.open
				port.open = func(ctx context.Context, path string, baud int) (rawPort, error) {
					raw, err := open(ctx, path, baud)
					if c.banner {
						input := modems[len(modems)-1].input
						time.AfterFunc(time.Second, func() { input <- []byte("\ngreenhouse 1.0\n") })
					}
					return raw, err
				}
				p := start(t, port)
				time.Sleep(5 * time.Minute) // the third cycle begins after 4 minutes
				synctest.Wait()
				resets := int(p.Stats().USBResets)
				p.stop()
				if attempts != c.attempts || resets != c.attempts && !c.fails || resets != 0 && c.fails {
					t.Errorf("%d attempts, %d counted", attempts, resets)
				}
				if done, failed := log.Count("USB reset of its adapter"), log.Count("USB reset failed"); done+failed != c.attempts || failed > 0 != c.fails {
					t.Errorf("log:\n%s", log)
				}
			})
		})
	}
}
