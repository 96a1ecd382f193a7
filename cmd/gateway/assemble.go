package main

import (
	"log/slog"
	"net/url"

	"arduino-gateway/device"
	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/clock"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/spool"
	"arduino-gateway/internal/wire"
	"arduino-gateway/mqttbridge"
	"arduino-gateway/serialbridge"
)

// plan is what all devices of a gateway have in common.
type plan struct {
	settings *config.Config
	session  mqttbridge.Options
	spool    *spool.Spool
	clock    *clock.Clock
	ports    *ports.Watcher
	hub      *monitor.Hub
	log      *slog.Logger
}

// assemble makes the parts of the gateway, in the order in which they start:
// what a later stage needs stands in an earlier one.
func assemble(g service) ([][]gateway.Runner, error) {
	state, err := g.complete(g.settings, g.watch)
	if err != nil {
		return nil, err
	}
	settings, log := g.settings, g.log
	f := &fleet{state: state, source: g.source, watch: g.watch, hangups: g.hangups, units: gateway.NewUnits(), members: map[string]member{}}
	var beneath []gateway.Runner
	if settings.MQTT.Embedded {
		b, err := embeddedBroker(state, log)
		if err != nil {
			return nil, err
		}
		f.broker, beneath = b, append(beneath, named{b, "built-in broker"})
	}
	session, err := sessionOptions(state)
	if err != nil {
		return nil, err
	}
	f.plan = plan{settings: settings, session: session, hub: monitor.NewHub(), log: log,
		spool: openSpool(settings.Spool, log), clock: clock.Open(settings.Spool.Dir, log),
		ports: ports.NewWatcher(thisMachine(g.getenv), log)}
	beneath = append(beneath, f.ports, kept{f.spool}, f.clock, backlog.NewReporter(f.spool, notesTo{f.hub}, log))
	f.own = mqttbridge.New(f.ownOptions(), nil, nil, log.With("gateway", settings.Gateway.ID))
	f.left = openLeftovers(settings.Spool.Dir, log)
	for _, d := range settings.Devices {
		f.replace(d)
	}
	f.list(settings.Devices)
	server, err := controlServer(f, log)
	if err != nil {
		return nil, err
	}
	return [][]gateway.Runner{beneath, {named{own{f.own}, "the gateway's own session"}, server}, {f, f.watch}}, nil
}

// device makes one device with its backlog, its port and its session.
func (p plan) device(d device.Device) member {
	log := p.log.With("device", d.ID)
	queue := p.queue(d.ID)
	waiting := backlog.New(queue, p.clock, log)
	joint := gateway.NewDevice(d, gateway.Parts{
		Parser:  wire.NewParser(wire.Options{Format: d.Format, Columns: d.Columns, Pattern: d.Pattern}),
		Queue:   waiting,
		Watcher: watcher{hub: p.hub, device: d.ID},
		Log:     p.log,
	})
	port := serialbridge.New(portConfig(d, p.ports), joint, log)
	session := mqttbridge.New(p.sessionOf(d), waiting, commandsTo{joint}, log)
	joint.Join(boardPort{port}, session)
	return member{joint, session}
}

// queue gives a device's queue in the spool, as the sessions of now need it.
func (p plan) queue(id string) *spool.Queue {
	queue := p.spool.Queue(id)
	queue.SetBypass(p.settings.MQTT.QoS == 0)
	return queue
}

// sessionOf gives the options of a device's session.
func (p plan) sessionOf(d device.Device) mqttbridge.Options {
	options := p.session
	options.ClientID = d.ClientID
	options.Topic = p.settings.MQTT.BaseTopic + "/" + d.ID
	options.StatusTopic = options.Topic + "/status"
	return options
}

// ownOptions are those of the gateway's own session, which only says that it is
// online.
func (p plan) ownOptions() mqttbridge.Options {
	options := p.session
	options.ClientID = p.settings.Gateway.ID
	options.StatusTopic = p.settings.MQTT.BaseTopic + "/gateway/" + p.settings.Gateway.ID + "/status"
	return options
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
