package daemon

import (
	"cmp"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/spool"
	"arduino-gateway/internal/status"
	"arduino-gateway/mqttbridge"
)

// Status returns the state of the gateway and its devices.
func (a *api) Status(now time.Time) status.Snapshot {
	c, own := a.members.current(), a.own.Stats()
	s := status.Snapshot{Gateway: status.Gateway{
		ID: c.Gateway.ID, Version: a.version, Started: a.started.UTC(),
		Broker: status.Broker{Address: brokerAddress(c.MQTT), Embedded: c.MQTT.Embedded, Connected: own.Connected, Problem: own.Problem, Problems: own.Problems, Refused: own.Refused},
	}}
	queues := map[string]spool.QueueStats{} // by device
	for _, q := range a.spool.Queues() {
		queues[q.Name] = q
	}
	s.Spool = a.spoolStatus(c.Spool.MaxSize, queues)
	for _, d := range c.Devices {
		if m := a.members.get(d.ID); m.device != nil {
			s.Devices = append(s.Devices, a.deviceStatus(now, c.MQTT.BaseTopic, d, m, queues[d.ID]))
		}
	}
	a.judgeMotion(now, &s, stallAfter*c.MQTT.KeepAlive)
	s.Judge(now)
	return s
}

// stallAfter is how many keep-alives lines may wait for a broker that acknowledges none.
const stallAfter = 2

// judgeMotion finds the devices whose lines do not move. Something looks at least every
// ten seconds: systemd's notifier does.
func (a *api) judgeMotion(now time.Time, s *status.Snapshot, limit time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.motions
	a.motions = make(map[string]*status.Motion, len(s.Devices))
	for i := range s.Devices {
		d := &s.Devices[i]
		m := cmp.Or(before[d.ID], &status.Motion{})
		a.motions[d.ID] = m
		d.Session.Stalled = m.Look(now, d.Traffic.Acked, d.Waiting.Lines > 0, d.Session.Connected, limit).UTC()
	}
}

func brokerAddress(m config.MQTT) string {
	var all []string
	for _, u := range m.Brokers {
		all = append(all, u.Redacted())
	}
	return strings.Join(all, ", ")
}

func (a *api) spoolStatus(maxSize int64, queues map[string]spool.QueueStats) status.Spool {
	total := a.spool.Stats()
	s := status.Spool{Lines: total.Lines, Bytes: total.Disk, MaxBytes: maxSize, Dropped: total.Dropped, Damaged: total.Damaged,
		DiskDown: total.MemoryOnly.UTC(), MemoryBytes: total.Memory, Written: total.Written, Syncs: total.Syncs}
	for _, q := range queues {
		if q.Lines > 0 && !q.Oldest.IsZero() && (s.Oldest.IsZero() || q.Oldest.Before(s.Oldest)) {
			s.Oldest = q.Oldest.UTC()
		}
	}
	return s
}

func (a *api) deviceStatus(now time.Time, base string, d device.Device, m member, q spool.QueueStats) status.Device {
	state, counts, port, session := m.device.State(), m.device.Stats(), m.port.Stats(), m.session.Stats()
	last, rate := a.history.Device(d.ID).Lines(now)
	online, since := presence(state, session)
	return status.Device{
		About: status.About{
			ID: d.ID, Online: online, Since: since.UTC(), Silence: d.Silence.Seconds(), Commands: status.Commands(m.device.AcceptedCommands()),
			Names: m.device.Invention().Problem(),
			Port: status.Port{Value: d.Port, Path: port.Path, Board: boardName(m.located.Load()), Baud: d.Baud,
				Open: state.Open, Problem: port.Problem, PausedUntil: state.PausedUntil.UTC()},
			Session: status.Session{ClientID: d.ClientID, Topic: base + "/" + d.ID, Connected: session.Connected, Subscribed: session.Subscribed, Deaf: state.Online && session.Deaf,
				Problem: session.Problem, Problems: session.Problems, Refused: session.Refused,
				DroppedResults: session.ResultsDropped},
		},
		Live: status.Live{
			LastLine: last.UTC(), Rate: rate,
			Counts: status.Counts{Lines: counts.Lines, Refused: counts.Refused, Partly: counts.Partly, Damaged: counts.Damaged, Overlong: port.Overlong, OutOfBounds: counts.OutOfBounds,
				Unprinted: counts.Unprinted, Sent: counts.Sent, Rejected: counts.Rejected, Unsent: counts.Unsent},
			Waiting: status.Waiting{Lines: q.Lines, Bytes: q.Bytes, Oldest: q.Oldest.UTC(), Dropped: q.Dropped},
		},
		Traffic: status.Traffic{Opens: port.Opens, USBResets: port.USBResets, BytesRead: port.Bytes, BytesWritten: port.Written,
			Connects: session.Connects, Losses: session.Losses, Attempts: session.Refusals,
			Messages: session.Messages, Acked: session.AckedLines, Late: session.LateLines},
	}
}

// presence returns what the status topic says, and since when: the session withholds
// online while no command can reach the device.
func presence(state gateway.State, session mqttbridge.Stats) (online bool, since time.Time) {
	since = state.Since
	if state.Online && session.DeafSince.After(since) {
		since = session.DeafSince
	}
	return state.Online && !session.Deaf, since
}

// boardName returns a board's name and USB identity: Arduino Uno (2341:0043)
func boardName(p *ports.Port) string {
	if p == nil || p.USB() == "" {
		return ""
	}
	return p.Name() + " (" + p.USB() + ")"
}
