package gateway

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/wake"
)

// A board that confirmed commands when last heard of is believed to have another
// sketch now after so many lines without a checksum, or when it has said nothing
// for so long: with the library none is silent for more than ten seconds.
const (
	doubts     = 8
	mostSilent = 15 * time.Second
)

// desk is where a device's commands are from their arrival to their result. The
// port's reading goroutine, the session's and serve meet at it.
type desk struct {
	mu       sync.Mutex
	rung     wake.Signal // serve looks again
	queue    []request   // bounded by queuedCommands, but for what came back
	hand     map[uint64]request
	exchange *arq.Machine

	commands    map[string]device.Command // of devices.yaml, and what the board tells
	expects     bool                      // the board will say what it takes, and confirm
	doubted     time.Time                 // when it no longer is, if nothing comes on this opening; zero is never
	described   bool                      // it has said so
	description device.Description
	opening     context.Context // ends when the port is closed
	close       context.CancelFunc
}

func newDesk(commands map[string]device.Command) *desk {
	d := &desk{rung: wake.NewSignal(), hand: map[uint64]request{}, commands: commands,
		exchange: arq.New(func() uint16 { return uint16(rand.Uint32()) })}
	d.shut()
	return d
}

// ring has serve look at what is to be done.
func (d *desk) ring() {
	d.rung.Set()
}

// open begins an opening of the port.
func (d *desk) open(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opening, d.close = context.WithCancel(context.Background())
	d.exchange.Opened()
	d.doubted = at.Add(mostSilent)
	d.ring()
}

// shut ends it: what was meant for this opening must not go to the next, which
// may be another board.
func (d *desk) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.close != nil {
		d.close()
	}
	d.opening, d.close = context.WithCancel(context.Background())
	d.close()
	d.exchange.Closed()
	d.doubted = time.Time{}
	d.ring()
}

// take takes the first of the queue.
func (d *desk) take() request {
	q := d.queue[0]
	d.queue = d.queue[1:]
	return q
}

// AcceptedCommands returns the commands that the device accepts: those of devices.yaml and
// those that the board described.
func (d *Device) AcceptedCommands() map[string]device.Command {
	d.desk.mu.Lock()
	defer d.desk.mu.Unlock()
	return d.desk.commands // replaced, and never changed
}

// describe takes up what the board says of itself, and tells whether it is new.
// The desk is locked.
func (d *Device) describe(told device.Description) (changed bool) {
	k := d.desk
	if d.Describe != nil && !*d.Describe || k.described && reflect.DeepEqual(told, k.description) {
		return false
	}
	k.described, k.description = true, told
	k.commands = map[string]device.Command{}
	for name, command := range told.Commands {
		k.commands[name] = command
	}
	for name, command := range d.Commands {
		k.commands[name] = command
	}
	return true
}

// specs are the readings as the board describes them, overruled by devices.yaml.
func (d *Device) specs(told device.Description) map[string]device.ReadingSpec {
	specs := map[string]device.ReadingSpec{}
	for name, spec := range told.Readings {
		specs[name] = spec
	}
	for name, spec := range d.Readings {
		if spec.Unit == "" {
			spec.Unit = specs[name].Unit
		}
		specs[name] = spec
	}
	return specs
}

// expires is when a request's time is over.
func (d *Device) expires(q request) time.Time { return q.at.Add(d.lifetime()) }

func (d *Device) lifetime() time.Duration {
	if d.Expires > 0 {
		return d.Expires
	}
	return device.DefaultExpires
}

func (d *Device) errExpired() error { return fmt.Errorf("not within %v", d.lifetime()) }
