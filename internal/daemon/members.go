package daemon

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/supervisor"
	"arduino-gateway/mqttbridge"
	"arduino-gateway/serialbridge"
)

// member is a device of the fleet with its port and its session.
type member struct {
	config  device.Device
	device  *gateway.Device // nil if there is no such device
	port    *serialbridge.Port
	lease   *ports.Lease
	session *mqttbridge.Session
	located *atomic.Pointer[ports.Port] // the port that is open, or was last
}

// part returns what runs the member: its device runs the port and the session.
func (m member) part() supervisor.Part { return supervisor.PartOf(m.device) }

// members are the devices of the fleet. The fleet's goroutine changes them; all others
// may look.
type members struct {
	pauses *pauses // of the devices, over a restart

	mu     sync.Mutex
	byID   map[string]member
	config *config.Config // that they are from
}

func newMembers(p *pauses) *members { return &members{pauses: p, byID: map[string]member{}} }

// get returns the device with this ID; its device is nil if there is none.
func (m *members) get(id string) member {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.byID[id]
}

// put adds a device, in place of one with its ID. It takes over the pause of that one, or
// one from before the restart.
func (m *members) put(next member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id, now := next.config.ID, time.Now()
	if before, ok := m.byID[id]; ok {
		if until := before.device.State().PausedUntil; !until.IsZero() {
			next.device.StayPaused(until)
		}
		if before.config.ClientID != next.config.ClientID {
			next.device.Renamed()
		}
	} else if rest := m.pauses.rest(id, now); rest > 0 {
		m.pauses.log.Info("still paused after the restart", "device", id, "until", now.Add(rest).Format(time.TimeOnly), "hint", "gateway resume "+id+" ends it before")
		next.device.StayPaused(now.Add(rest))
	}
	m.byID[id] = next
}

// configure gives a device another configuration, which takes no restart.
func (m *members) configure(d device.Device) member {
	m.mu.Lock()
	defer m.mu.Unlock()
	one := m.byID[d.ID]
	one.config = d
	m.byID[d.ID] = one
	return one
}

// tune gives the port the settings that can change while it is open.
func (m member) tune() {
	d := m.config
	m.port.Tune(serialbridge.Tuning{Baud: d.Baud, Gap: d.Gap, Silence: d.Silence})
	m.device.Tuned(d.Silence)
}

// keep keeps the devices of a configuration, forgets all others, and returns the IDs
// of those that stay.
func (m *members) keep(c *config.Config) (ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := map[string]member{}
	for _, d := range c.Devices {
		kept[d.ID] = m.byID[d.ID]
	}
	for id, one := range m.byID {
		if _, stays := kept[id]; !stays {
			one.lease.Close() // a pause ends with its device
		}
	}
	m.pauses.retain(func(id string) bool { _, stays := kept[id]; return stays }, time.Now())
	m.byID, m.config = kept, c
	return slices.Collect(maps.Keys(kept))
}

// current returns the configuration that the devices are from.
func (m *members) current() *config.Config {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.config
}
