package daemon

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/clock"
	"arduino-gateway/internal/control"
	"arduino-gateway/internal/health"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/homeassistant"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/spool"
	"arduino-gateway/internal/stagedfs"
	"arduino-gateway/internal/supervisor"
)

// dependencies are what all devices of a gateway use.
type dependencies struct {
	spool     *spool.Spool
	clock     *clock.Clock
	tracker   *ports.Tracker
	hub       *monitor.Hub
	history   *history.Store
	announcer *homeassistant.Announcer
}

// build makes the parts of the gateway and connects them. It returns the fleet, which
// is one of them, and all in stages: each stage needs those before it.
func build(o Options) (f *fleet, stages [][]supervisor.Part, err error) {
	f = &fleet{log: o.Log, source: source{o.File, o.Getenv}, watch: o.Watch, hangups: o.Reload, units: supervisor.NewUnits()}
	if f.state, err = f.source.complete(o.Config, o.Watch); err != nil {
		return nil, nil, err
	}
	var base []supervisor.Part
	if f.state.Config.MQTT.Embedded {
		if f.broker, err = startBroker(f.state, o.Log); err != nil {
			return nil, nil, err
		}
		base = append(base, supervisor.Part{Name: "built-in broker", Run: f.broker.Run})
	}
	if f.session, err = f.sessionOptions(f.state); err != nil {
		return nil, nil, err
	}
	f.members = newMembers(openPauses(f.state.Config.Spool.Dir, o.Log))
	f.makeDependencies(o.Version, Machine(o.Getenv))
	f.addDevices()
	a := &api{version: o.Version, started: time.Now(), own: f.own, members: f.members, spool: f.deps.spool, tracker: f.deps.tracker,
		history: f.deps.history, hub: f.deps.hub, forgets: f.adoption.forgets}
	socket, err := control.Path(f.state.Config.Spool.Dir)
	if err != nil {
		return nil, nil, err
	}
	f.page = newDashboard(f, a)
	asked := &control.Server{Path: socket, Hub: f.deps.hub, Gateway: a, Log: o.Log}
	return f, f.stages(base, asked, health.NewNotifier(a, o.Log)), nil
}

// stages returns what runs: what keeps readings; then the gateway's own session and the
// ways to ask the gateway; then the devices and what changes them. The gateway runs on
// without its control socket, since readings matter more.
func (f *fleet) stages(base []supervisor.Part, asked *control.Server, notifier *health.Notifier) [][]supervisor.Part {
	base = append(base, supervisor.PartOf(f.deps.tracker), supervisor.PartOf(f.deps.spool), supervisor.PartOf(f.deps.clock),
		supervisor.PartOf(backlog.NewReporter(f.deps.spool, f.deps.hub, f.log)))
	front := []supervisor.Part{
		{Name: "the gateway's own session", Run: f.own.Run},
		supervisor.PartOf(f.deps.announcer),
		supervisor.PartOf(f.twins),
		{Name: "commands monitor, pause and resume", Run: asked.Run, Optional: true},
		supervisor.PartOf(f.page),
	}
	devices := []supervisor.Part{supervisor.PartOf(f), supervisor.PartOf(f.watch), supervisor.PartOf(f.adoption.detector), supervisor.PartOf(notifier)}
	return [][]supervisor.Part{base, front, devices}
}

// makeDependencies makes what the devices use, and the gateway's own session.
func (f *fleet) makeDependencies(version string, machine ports.Machine) {
	c := f.state.Config
	f.deps = dependencies{
		spool:   spool.Open(spool.Options{Dir: c.Spool.Dir, Stage: stagedfs.Dir(c.Spool.Dir), MaxSize: c.Spool.MaxSize, Sync: c.Spool.Sync, Log: f.log}),
		clock:   clock.Open(c.Spool.Dir, f.log),
		tracker: ports.NewTracker(machine, f.log),
		hub:     monitor.NewHub(),
		history: history.NewStore(time.Now(), c.HTTP.Listen != ""),
	}
	f.twins = newTwinGuard(f.members, machine.Root, version, f.log)
	f.own, f.deps.announcer = newAnnouncer(ownSession(f.session, c), c.Spool.Dir, version, f.twins, f.log.With("gateway", c.Gateway.ID))
	f.own.SetOnline(true) // as long as it runs
	f.adoption = newAdoption(f.deps.tracker, c.Spool.Dir, f.log)
	f.mismatches = newMismatches()
	f.bauds = openBauds(c.Spool.Dir, f.log)
	f.cleaner = openCleaner(c.Spool.Dir, f.log)
}

// addDevices makes the devices: those of devices.yaml, and those of the boards that
// were detected before.
func (f *fleet) addDevices() {
	joined, overruled := f.join(f.state)
	f.overrule(overruled)
	f.state = joined
	if n := len(joined.Detected); n > 0 {
		f.log.Info("detected boards restored", "boards", n)
	}
	announce(f.deps.announcer, joined.Config)
	for _, d := range joined.Config.Devices {
		f.members.put(f.newMember(d))
	}
	f.keep(joined.Config)
	f.adoption.detector.SetScope(context.Background(), scopeOf(joined.Config))
}

// startBroker starts the built-in broker, and makes it the one that all sessions
// connect to.
func startBroker(s reload.State, log *slog.Logger) (*broker.Broker, error) {
	b, err := broker.New(broker.Options{Listen: s.Config.MQTT.EmbeddedListen, Log: log, Users: s.Files.Users})
	if err != nil {
		return nil, err
	}
	if err := b.Start(); err != nil {
		return nil, err
	}
	s.Config.MQTT.Brokers = []*url.URL{{Scheme: "mqtt", Host: b.Addr()}}
	return b, nil
}
