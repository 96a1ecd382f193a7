package daemon

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/autodetect"
	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/filewatch"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/logging"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/supervisor"
	"arduino-gateway/internal/web"
	"arduino-gateway/mqttbridge"
	"arduino-gateway/serialbridge"
)

// fleet runs the devices of the configuration, and follows its changes. It
// decides nothing: internal/reload does. The goroutine of Run alone starts and
// stops devices, so that one reload is over before the next begins.
type fleet struct {
	common
	started time.Time
	version string
	own     *mqttbridge.Session
	broker  *broker.Broker // nil where there is none built in
	source  source
	watch   *filewatch.Watcher
	page    *web.Server
	hangups <-chan os.Signal
	units   *supervisor.Units
	left    *leftovers
	refused bool // the last configuration that was read

	mu      sync.Mutex
	members map[string]member // by device ID
	listed  *config.Config    // that they are from
}

// member is a device with its port and its session.
type member struct {
	*gateway.Device
	port    *serialbridge.Port
	lease   *ports.Lease
	session *mqttbridge.Session
	found   *atomic.Pointer[ports.Port] // the port that is open, or was last
}

// String names the fleet in logs.
func (f *fleet) String() string { return "devices" }

// Run runs the devices until ctx ends, and returns when all are down.
func (f *fleet) Run(ctx context.Context) error {
	defer f.units.Close()
	for _, d := range f.state.Config.Devices {
		f.units.Start(d.ID, supervisor.PartOf(f.member(d.ID)))
	}
	f.left.tidy(f)
	plugged, stop := f.ports.Subscribe()
	defer stop()
	f.rejoin(ctx) // with what was plugged in since the configuration was read
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-plugged:
			f.rejoin(ctx)
		case err := <-f.units.Failed():
			return err
		case <-f.hangups:
			f.watch.Note() // or the change that the signal is about would be told of twice
			f.reload(ctx, true)
		case <-f.watch.Changed():
			f.reload(ctx, false)
		case b := <-f.detector.Detected():
			f.adopt(ctx, b)
		case <-f.estranged:
			f.renounce(ctx)
		case q := <-f.forgets:
			q.answer <- f.forget(ctx, q.device)
		case r := <-f.left.done:
			f.left.settle(ctx, f, r)
		}
	}
}

// reload reads the configuration again and does what its changes ask for; asked
// tells that somebody waits to hear of it.
func (f *fleet) reload(ctx context.Context, asked bool) {
	answer := logging.Answer(ctx)
	p, session, err := f.decide(answer)
	mended := f.refused && err == nil
	f.refused = err != nil
	if err != nil {
		f.log.ErrorContext(answer, "reload refused, the gateway goes on as before", "error", err)
		return
	}
	if len(p.Changes) == 0 && (asked || mended) {
		f.log.InfoContext(answer, "reloaded: nothing has changed")
	}
	f.carryOut(ctx, p, session)
	if asked {
		f.detector.Retry()
	}
}

// decide reads the configuration and compares; nothing has been done where it fails.
func (f *fleet) decide(ctx context.Context) (p reload.Plan, session mqttbridge.Options, err error) {
	wanted, err := f.source.read(ctx, f.log, f.watch)
	if err != nil {
		return p, session, err
	}
	joined, left := f.join(wanted)
	wanted = f.withToken(ctx, joined)
	p = reload.Decide(f.state, wanted)
	if session, err = sessionOptions(p.State); err == nil {
		f.overrule(left)
	}
	return p, session, err
}

// tell tells the log, and whoever watches the device.
func (f *fleet) tell(ctx context.Context, n reload.Change) {
	level := slog.LevelInfo
	if n.Restart {
		level = slog.LevelWarn
	}
	var attrs []any
	if n.Device != "" {
		attrs = append(attrs, "device", n.Device)
		f.hub.Publish(monitor.Event{Time: time.Now(), Device: n.Device, Kind: monitor.Note, Text: n.Text})
	}
	if len(n.Keys) > 0 {
		attrs = append(attrs, "keys", strings.Join(n.Keys, ", "))
	}
	f.log.Log(ctx, level, n.Text, attrs...)
}

// carryOut tells of a plan and carries it out, unless ctx ends meanwhile; said are
// the boards of devices that it starts.
func (f *fleet) carryOut(ctx context.Context, p reload.Plan, session mqttbridge.Options, said ...autodetect.Detection) {
	for _, n := range p.Changes {
		f.tell(logging.Answer(ctx), n)
	}
	if f.apply(ctx, p, session, said) {
		f.left.tidy(f)
	}
}

// apply has all that stops be down before anything starts: it may be the same
// port, or the same client ID.
func (f *fleet) apply(ctx context.Context, p reload.Plan, session mqttbridge.Options, said []autodetect.Detection) (done bool) {
	if f.units.Stop(ctx, append(f.left.units(), p.Stop...)...) != nil {
		return false
	}
	if p.SetUsers {
		if err := f.broker.SetUsers(p.State.Files.Users); err != nil {
			f.log.Error("the built-in broker's users stay as they were", "error", err)
		}
	}
	f.state, f.session = p.State, session
	if p.Spool {
		f.spool.SetBounds(p.State.Config.Spool.MaxSize, p.State.Config.Spool.Sync)
	}
	if p.HTTP {
		f.movePage()
	}
	f.detector.SetScope(ctx, scopeOf(p.State.Config)) // it may have a port of theirs
	announce(f.hass, p.State.Config)                  // before a new device prints what nobody would notice
	if p.Own {
		f.own.Reconfigure(f.ownOptions())
	}
	for _, d := range p.Reconnect {
		f.queue(d.ID) // its QoS may be another
		f.member(d.ID).session.Reconfigure(f.sessionOf(d))
	}
	for _, d := range p.Start {
		f.replace(d)
		for _, b := range said {
			if b.ID == d.ID {
				replay(f.member(d.ID).Device, b)
			}
		}
		f.units.Start(d.ID, supervisor.PartOf(f.member(d.ID)))
	}
	f.list(p.State.Config)
	return true
}

// replace makes a device, which takes over the pause of the one before it.
func (f *fleet) replace(d device.Device) {
	next := f.device(d)
	f.mu.Lock()
	defer f.mu.Unlock()
	if before, ok := f.members[d.ID]; ok {
		if until := before.State().PausedUntil; !until.IsZero() {
			next.StayPaused(until)
		}
	}
	f.members[d.ID] = next
}

// list has the members be the devices of a configuration, and forgets all others.
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
	f.history.Keep(slices.Collect(maps.Keys(members)))
}

// backlogs gives the IDs of all queues with lines in them.
func (f *fleet) backlogs() (ids []string) {
	for _, q := range f.spool.Queues() {
		if q.Name != "" && q.Lines > 0 {
			ids = append(ids, q.Name)
		}
	}
	return ids
}

// member gives a device; there is none in it where none has the ID.
func (f *fleet) member(id string) member {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.members[id]
}

// source is where the configuration comes from.
type source struct {
	file   string
	getenv func(string) string
}

// read reads all of it anew. Problems are told one by one; from then on the files
// that it names are watched, those that it lacks among them.
func (s source) read(ctx context.Context, log *slog.Logger, watch *filewatch.Watcher) (reload.State, error) {
	settings, problems := config.Load(s.file, s.getenv)
	for _, p := range problems {
		level := slog.LevelError
		if p.Warning {
			level = slog.LevelWarn
		}
		log.Log(ctx, level, p.String())
	}
	if problems.Err() != nil {
		return reload.State{}, errProblems
	}
	return s.complete(settings, watch)
}

// complete adds what the files hold that a configuration names.
func (s source) complete(settings *config.Config, watch *filewatch.Watcher) (reload.State, error) {
	watch.Watch(namedFiles(s.file, settings)...)
	files, err := readFiles(settings, s.getenv)
	return reload.State{Config: settings, Files: files}, err
}

var errProblems = errors.New("the configuration has the problems above")
