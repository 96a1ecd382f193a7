package daemon

import (
	"context"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/clock"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/health"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/homeassistant"
	"arduino-gateway/internal/lineformat"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/spool"
	"arduino-gateway/internal/supervisor"
	"arduino-gateway/mqttbridge"
	"arduino-gateway/serialbridge"
)

// common is what all devices of a gateway have in common.
type common struct {
	state   reload.State       // that runs
	session mqttbridge.Options // of all sessions, from the state
	spool   *spool.Spool
	clock   *clock.Clock
	ports   *ports.Tracker
	hub     *monitor.Hub
	hass    *homeassistant.Announcer
	history *history.Store
	log     *slog.Logger
	*newcomers
}

// assemble makes the parts of the gateway, in the order in which they start:
// what a later stage needs stands in an earlier one. The fleet is one of them.
func assemble(o Options) (f *fleet, stages [][]supervisor.Part, err error) {
	from := source{o.File, o.Getenv}
	state, err := from.complete(o.Config, o.Watch)
	if err != nil {
		return nil, nil, err
	}
	settings, log := state.Config, o.Log
	f = &fleet{started: time.Now(), version: o.Version, source: from, watch: o.Watch, hangups: o.Reload, units: supervisor.NewUnits(), members: map[string]member{}}
	var beneath []supervisor.Part
	if settings.MQTT.Embedded {
		b, err := embeddedBroker(state, log)
		if err != nil {
			return nil, nil, err
		}
		f.broker, beneath = b, append(beneath, supervisor.Part{Name: "built-in broker", Run: b.Run})
	}
	session, err := sessionOptions(state)
	if err != nil {
		return nil, nil, err
	}
	f.common = common{state: state, session: session, hub: monitor.NewHub(), log: log,
		spool: openSpool(settings.Spool, log), clock: clock.Open(settings.Spool.Dir, log),
		ports: ports.NewTracker(Machine(o.Getenv), log), history: history.NewStore(time.Now(), settings.HTTP.Listen != "")}
	f.newcomers = newNewcomers(f.common, settings.Spool.Dir)
	var left map[string]error
	f.state, left = f.join(state)
	f.overrule(left)
	if n := len(f.state.Detected); n > 0 {
		log.Info("detected boards restored", "boards", n)
	}
	settings = f.state.Config
	beneath = append(beneath, supervisor.PartOf(f.ports), supervisor.PartOf(f.spool), supervisor.PartOf(f.clock),
		supervisor.PartOf(backlog.NewReporter(f.spool, f.hub, log)))
	f.own, f.hass = newAnnouncer(f.ownOptions(), settings.Spool.Dir, o.Version, log.With("gateway", settings.Gateway.ID))
	announce(f.hass, settings)
	f.left = openLeftovers(settings.Spool.Dir, log)
	for _, d := range settings.Devices {
		f.replace(d)
	}
	f.list(settings)
	f.detector.SetScope(context.Background(), scopeOf(settings))
	f.own.SetOnline(true) // it is online as long as it runs
	control, err := controlServer(f, log)
	if err != nil {
		return nil, nil, err
	}
	f.page = newDashboard(f)
	above := []supervisor.Part{{Name: "the gateway's own session", Run: f.own.Run}, supervisor.PartOf(f.hass), control, supervisor.PartOf(f.page)}
	fleet := []supervisor.Part{supervisor.PartOf(f), supervisor.PartOf(f.watch), supervisor.PartOf(f.detector), supervisor.PartOf(health.NewNotifier(f, log))}
	return f, [][]supervisor.Part{beneath, above, fleet}, nil
}

// device makes one device with its backlog, its port and its session.
func (c common) device(d device.Device) member {
	log := c.log.With("device", d.ID)
	queue := c.queue(d.ID)
	waiting := backlog.New(queue, c.clock, log)
	lease := c.ports.Lease(d.ID, d.Port)
	joint := gateway.NewDevice(d, gateway.Parts{
		Parser:    lineformat.NewParser(lineformat.Options{Format: d.Format, Columns: d.Columns, Pattern: d.Pattern}),
		Queue:     noticed{waiting, c.hass.Observer(d)},
		Observer:  watcher{c.hub, c.history.Device(d.ID), d.ID},
		Lease:     lease,
		Journal:   c.journal(d.ID, log),
		Described: func(told device.Description) { c.hass.Describe(d.ID, told) },
		Mismatch:  func(does string) { c.meet(d.ID, stranger{d.Port, does}) },
		Log:       c.log,

		RequireHello: c.state.Detected[d.ID].Hello,
	})
	var found atomic.Pointer[ports.Port]
	port := serialbridge.New(portOptions(d, c.state.Detected[d.ID].LastBaud, lease, &found), joint, log)
	session := mqttbridge.New(c.sessionOf(d), waiting, joint, log)
	joint.Join(port, session)
	return member{joint, port, lease, session, &found}
}

// queue gives a device's queue in the spool, as the sessions of now need it.
func (c common) queue(id string) *spool.Queue {
	queue := c.spool.Queue(id)
	queue.SetBypass(c.state.Config.MQTT.QoS == 0)
	return queue
}

// sessionOf gives the options of a device's session.
func (c common) sessionOf(d device.Device) mqttbridge.Options {
	options := c.session
	options.ClientID = d.ClientID
	options.Topic = c.state.Config.MQTT.BaseTopic + "/" + d.ID
	options.StatusTopic = options.Topic + "/status"
	return options
}

// ownOptions are those of the gateway's own session, which says that it is
// online, and announces devices.
func (c common) ownOptions() mqttbridge.Options {
	options := c.session
	options.ClientID = c.state.Config.Gateway.ID
	options.StatusTopic = ownTopic(c.state.Config)
	if m := c.state.Config.MQTT; m.Discovery {
		options.Listen = m.DiscoveryPrefix + "/status" // where Home Assistant says that it has started
	}
	return options
}

// ownTopic is where the gateway's own status is.
func ownTopic(c *config.Config) string {
	return c.MQTT.BaseTopic + "/gateway/" + c.Gateway.ID + "/status"
}

func openSpool(s config.Spool, log *slog.Logger) *spool.Spool {
	return spool.Open(spool.Options{Dir: s.Dir, MaxSize: s.MaxSize, Sync: s.Sync, Log: log})
}

// embeddedBroker starts it, and has every session connect to it.
func embeddedBroker(s reload.State, log *slog.Logger) (*broker.Broker, error) {
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
