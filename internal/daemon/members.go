package daemon

import (
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync/atomic"

	"arduino-gateway/device"
	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/lineformat"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/spool"
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

// newMember makes a device with its backlog, its port and its session.
func (f *fleet) newMember(d device.Device) member {
	log := f.log.With("device", d.ID)
	facts := f.state.Detected[d.ID]
	queue := backlog.New(f.queue(d.ID), f.deps.clock, log)
	m := member{config: d, lease: f.deps.tracker.Lease(d.ID, d.Port), located: new(atomic.Pointer[ports.Port])}
	m.device = gateway.NewDevice(d, gateway.Parts{
		Parser:       lineformat.NewParser(lineformat.Options{Format: d.Format, Columns: d.Columns, Pattern: d.Pattern}),
		Queue:        queue,
		Observer:     observer{f.deps.hub, f.deps.history.Device(d.ID), f.deps.announcer.Observer(d), d.ID},
		Lease:        m.lease,
		Journal:      f.journal(d.ID, log),
		Described:    func(board device.Description) { f.deps.announcer.Describe(d.ID, board) },
		RequireHello: facts.Hello,
		Mismatch:     func(does string) { f.mismatches.mark(d.ID, mismatch{d.Port, does}) },
		Log:          f.log,
	})
	m.port = serialbridge.New(portOptions(d, facts.LastBaud, m.lease, m.located), m.device, log)
	m.session = mqttbridge.New(f.deviceSession(d), queue, m.device, log)
	m.device.Join(m.port, m.session)
	return m
}

// queue returns a device's queue in the spool, set up for the QoS of today's sessions.
func (f *fleet) queue(id string) *spool.Queue {
	queue := f.deps.spool.Queue(id)
	queue.SetBypass(f.state.Config.MQTT.QoS == 0)
	return queue
}

// journal opens the journal of a device's commands. Nothing else has it open.
func (f *fleet) journal(id string, log *slog.Logger) *journal.Journal {
	return journal.Open(filepath.Join(f.commandsDir(), id), log)
}

func (f *fleet) commandsDir() string { return filepath.Join(f.state.Config.Spool.Dir, "commands") }

// replace makes a device. It takes over the pause of the one before it.
func (f *fleet) replace(d device.Device) {
	next := f.newMember(d)
	f.mu.Lock()
	defer f.mu.Unlock()
	if before, ok := f.members[d.ID]; ok {
		if until := before.device.State().PausedUntil; !until.IsZero() {
			next.device.StayPaused(until)
		}
	}
	f.members[d.ID] = next
}

// list keeps the members that are devices of a configuration, and forgets all others.
func (f *fleet) list(c *config.Config) {
	f.mu.Lock()
	defer f.mu.Unlock()
	members := map[string]member{}
	for _, d := range c.Devices {
		members[d.ID] = f.members[d.ID]
	}
	for id, m := range f.members {
		if _, stays := members[id]; !stays {
			m.lease.Close() // a pause ends with its device
		}
	}
	f.members, f.listed = members, c
	f.deps.history.Retain(slices.Collect(maps.Keys(members)))
}

// member returns the device with this ID; its device is nil if there is none.
func (f *fleet) member(id string) member {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.members[id]
}

// config returns the configuration that the members are from.
func (f *fleet) config() *config.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.listed
}

// backlogs returns the IDs of all queues that hold lines.
func (f *fleet) backlogs() (ids []string) {
	for _, q := range f.deps.spool.Queues() {
		if q.Name != "" && q.Lines > 0 {
			ids = append(ids, q.Name)
		}
	}
	return ids
}
