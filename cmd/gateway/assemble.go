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
func assemble(settings *config.Config, getenv func(string) string, log *slog.Logger) ([][]gateway.Runner, error) {
	watch := monitor.NewHub()
	server, err := monitorServer(settings, watch, log)
	if err != nil {
		return nil, err
	}
	var beneath []gateway.Runner
	if settings.MQTT.Embedded {
		b, err := embeddedBroker(settings, log)
		if err != nil {
			return nil, err
		}
		beneath = append(beneath, b)
	}
	session, err := sessionOptions(settings, getenv)
	if err != nil {
		return nil, err
	}
	p := plan{settings: settings, session: session, hub: watch, log: log,
		spool: openSpool(settings.Spool, log), clock: clock.Open(settings.Spool.Dir, log),
		ports: ports.NewWatcher(thisMachine(getenv), log)}
	beneath = append(beneath, p.ports, kept{p.spool}, p.clock, backlog.NewReporter(p.spool, notesTo{watch}, log))
	var devices []gateway.Runner
	for _, d := range settings.Devices {
		devices = append(devices, p.device(d))
	}
	return [][]gateway.Runner{beneath, {p.own(), server}, devices}, nil
}

// device makes one device with its backlog, its port and its session.
func (p plan) device(d device.Device) *gateway.Device {
	log := p.log.With("device", d.ID)
	queue := p.spool.Queue(d.ID)
	queue.SetBypass(p.settings.MQTT.QoS == 0)
	waiting := backlog.New(queue, p.clock, log)
	joint := gateway.NewDevice(d, gateway.Parts{
		Parser:  wire.NewParser(wire.Options{Format: d.Format, Columns: d.Columns, Pattern: d.Pattern}),
		Queue:   waiting,
		Watcher: watcher{hub: p.hub, device: d.ID},
		Log:     p.log,
	})
	options := p.session
	options.ClientID = d.ClientID
	options.Topic = p.settings.MQTT.BaseTopic + "/" + d.ID
	options.StatusTopic = options.Topic + "/status"
	port := serialbridge.New(portConfig(d, p.ports), joint, log)
	joint.Join(boardPort{port}, mqttbridge.New(options, waiting, commandsTo{joint}, log))
	return joint
}

// own makes the gateway's own session, which only says that it is online.
func (p plan) own() gateway.Runner {
	options := p.session
	options.ClientID = p.settings.Gateway.ID
	options.StatusTopic = p.settings.MQTT.BaseTopic + "/gateway/" + p.settings.Gateway.ID + "/status"
	return named{own{mqttbridge.New(options, nil, nil, p.log.With("gateway", p.settings.Gateway.ID))}, "the gateway's own session"}
}

func openSpool(s config.Spool, log *slog.Logger) *spool.Spool {
	return spool.Open(spool.Options{Dir: s.Dir, MaxSize: s.MaxSize, Sync: s.Sync, Log: log})
}

func embeddedBroker(settings *config.Config, log *slog.Logger) (gateway.Runner, error) {
	options := broker.Options{Listen: settings.MQTT.EmbeddedListen, Log: log}
	if file := settings.MQTT.UsersFile; file != "" {
		users, err := readUsers(file)
		if err != nil {
			return nil, err
		}
		options.Users = users
	}
	b, err := broker.New(options)
	if err != nil {
		return nil, err
	}
	if err := b.Start(); err != nil {
		return nil, err
	}
	settings.MQTT.Brokers = []*url.URL{{Scheme: "mqtt", Host: b.Addr()}}
	return named{b, "built-in broker"}, nil
}
