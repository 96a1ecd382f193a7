package daemon

import (
	"log/slog"
	"path/filepath"
	"sync/atomic"

	"arduino-gateway/device"
	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/lineformat"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/spool"
	"arduino-gateway/mqttbridge"
	"arduino-gateway/serialbridge"
)

// newMember makes a device with its backlog, its port and its session.
func (f *fleet) newMember(d device.Device) member {
	log := f.log.With("device", d.ID)
	facts := f.state.Detected[d.ID]
	queue := backlog.New(f.queue(d.ID), f.deps.clock, log)
	m := member{config: d, lease: f.deps.tracker.Lease(d.ID, d.Port), located: new(atomic.Pointer[ports.Port])}
	m.device = gateway.NewDevice(d, gateway.Parts{
		Parser:       lineformat.NewReader(lineformat.OptionsOf(d)),
		Queue:        queue,
		Observer:     observer{f.deps.hub, f.deps.history.Device(d.ID), f.deps.announcer.Observer(d), d.ID},
		Lease:        m.lease,
		Journal:      f.journal(d.ID, log),
		Described:    func(board device.Description) { f.deps.announcer.Describe(d.ID, board) },
		RequireHello: facts.Hello,
		Mismatch:     func(does string) { f.mismatches.mark(d.ID, mismatch{d.Port, does}) },
		Log:          f.log,
	})
	options := portOptions(d, f.bauds.of(d, facts), m.lease, m.located)
	options.FoundBaud = func(baud int) { f.bauds.note(d, baud) }
	m.port = serialbridge.New(options, m.device, log)
	m.session = mqttbridge.New(deviceSession(f.session, f.state.Config, d), queue,
		newKeeper(m.device, f.state.Config.Spool.Dir, d.ID, log), log)
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

// backlogs returns the IDs of all queues that hold lines.
func (f *fleet) backlogs() (ids []string) {
	for _, q := range f.deps.spool.Queues() {
		if q.Name != "" && q.Lines > 0 {
			ids = append(ids, q.Name)
		}
	}
	return ids
}
