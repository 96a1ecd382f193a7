package daemon

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/clock"
	"arduino-gateway/internal/health"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/homeassistant"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/spool"
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
// is one of them, and all parts in stages: each stage needs those before it.
func build(o Options) (f *fleet, stages [][]supervisor.Part, err error) {
	f = &fleet{log: o.Log, started: time.Now(), version: o.Version, source: source{o.File, o.Getenv}, watch: o.Watch, hangups: o.Reload,
		units: supervisor.NewUnits(), members: map[string]member{}}
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
	if f.session, err = sessionOptions(f.state); err != nil {
		return nil, nil, err
	}
	f.makeDependencies(o.Version, Machine(o.Getenv))
	f.addDevices()
	f.control, err = controlServer(f)
	if err != nil {
		return nil, nil, err
	}
	f.page = newDashboard(f)
	return f, [][]supervisor.Part{append(base, f.storageParts()...), f.frontParts(), f.deviceParts()}, nil
}

// makeDependencies makes what the devices use, and the gateway's own session.
func (f *fleet) makeDependencies(version string, machine ports.Machine) {
	c := f.state.Config
	f.deps = dependencies{
		spool:   spool.Open(spool.Options{Dir: c.Spool.Dir, MaxSize: c.Spool.MaxSize, Sync: c.Spool.Sync, Log: f.log}),
		clock:   clock.Open(c.Spool.Dir, f.log),
		tracker: ports.NewTracker(machine, f.log),
		hub:     monitor.NewHub(),
		history: history.NewStore(time.Now(), c.HTTP.Listen != ""),
	}
	f.own, f.deps.announcer = newAnnouncer(f.ownSession(), c.Spool.Dir, version, f.log.With("gateway", c.Gateway.ID))
	f.own.SetOnline(true) // as long as it runs
	f.adoption = newAdoption(f.deps.tracker, c.Spool.Dir, f.log)
	f.mismatches = newMismatches()
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
		f.replace(d)
	}
	f.list(joined.Config)
	f.adoption.detector.SetScope(context.Background(), scopeOf(joined.Config))
}

// storageParts are below everything else: they keep what the others produce.
func (f *fleet) storageParts() []supervisor.Part {
	return []supervisor.Part{supervisor.PartOf(f.deps.tracker), supervisor.PartOf(f.deps.spool), supervisor.PartOf(f.deps.clock),
		supervisor.PartOf(backlog.NewReporter(f.deps.spool, f.deps.hub, f.log))}
}

// frontParts are the gateway's own session and the ways to ask the gateway. It runs on
// without the control socket: readings matter more.
func (f *fleet) frontParts() []supervisor.Part {
	return []supervisor.Part{
		{Name: "the gateway's own session", Run: f.own.Run},
		supervisor.PartOf(f.deps.announcer),
		{Name: "commands monitor, pause and resume", Run: f.control.Run, Optional: true},
		supervisor.PartOf(f.page),
	}
}

// deviceParts are the devices and what changes them.
func (f *fleet) deviceParts() []supervisor.Part {
	return []supervisor.Part{supervisor.PartOf(f), supervisor.PartOf(f.watch), supervisor.PartOf(f.adoption.detector),
		supervisor.PartOf(health.NewNotifier(f, f.log))}
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
