package main

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/queue"
	"arduino-gateway/internal/wire"
	"arduino-gateway/mqttbridge"
	"arduino-gateway/serialbridge"
)

// What a device's lines may hold of memory. Connected, the broker's pace is
// the board's: little waits here, the kernel's buffer holds the rest. While the
// broker is away, 8 MB keep some 40,000 lines: an hour at ten lines a second.
var lineLimits = queue.Limits{Live: 256 << 10, Held: 8 << 20}

// assemble makes the parts of the gateway, in the order in which they start:
// what a later stage needs stands in an earlier one.
func assemble(settings *config.Config, getenv func(string) string, log *slog.Logger) ([][]gateway.Runner, error) {
	var beneath []gateway.Runner
	if settings.MQTT.Embedded {
		b, err := embeddedBroker(settings, log)
		if err != nil {
			return nil, err
		}
		beneath = append(beneath, b)
	}
	options, err := sessionOptions(settings, getenv)
	if err != nil {
		return nil, err
	}
	hub := monitor.NewHub()
	var devices []gateway.Runner
	for _, d := range settings.Devices {
		devices = append(devices, joined(d, options, settings, hub, log))
	}
	watch, err := monitorServer(settings, hub, log)
	if err != nil {
		return nil, err
	}
	return [][]gateway.Runner{beneath, {ownSession(options, settings, log), watch}, devices}, nil
}

// joined makes one device with its port and its session.
func joined(d device.Device, options mqttbridge.Options, settings *config.Config, hub *monitor.Hub, log *slog.Logger) *gateway.Device {
	waiting := queue.New(lineLimits)
	joint := gateway.NewDevice(d, gateway.Parts{
		Parser:  wire.NewParser(wire.Options{Format: d.Format, Columns: d.Columns, Pattern: d.Pattern}),
		Queue:   waiting,
		Watcher: watcher{hub: hub, device: d.ID},
		Log:     log,
	})
	options.ClientID = d.ClientID
	options.Topic = settings.MQTT.BaseTopic + "/" + d.ID
	options.StatusTopic = options.Topic + "/status"
	session := mqttbridge.New(options, waiting, commandsTo{joint}, log.With("device", d.ID))
	port := serialbridge.New(serialbridge.Config{Device: d.ID, Port: d.Port, Baud: d.Baud}, joint, log.With("device", d.ID))
	joint.Join(boardPort{port}, session)
	return joint
}

// commandsTo hands a session's messages to a device as requests.
type commandsTo struct{ *gateway.Device }

func (c commandsTo) Message(m mqttbridge.Message) {
	c.Command(gateway.Request{Command: m.Command, Value: m.Payload, Retained: m.Retained, At: m.At})
}

// boardPort tells the joint whether a failed write may have reached the board.
type boardPort struct{ *serialbridge.Port }

func (p boardPort) Write(ctx context.Context, line []byte) (begun bool, err error) {
	err = p.Port.Write(ctx, line)
	return !errors.Is(err, serialbridge.ErrAway), err
}

// own is the gateway's own session: online as long as it lives.
type own struct{ *mqttbridge.Session }

func (o own) Run(ctx context.Context) error {
	o.SetOnline(true)
	return o.Session.Run(ctx)
}

func ownSession(options mqttbridge.Options, settings *config.Config, log *slog.Logger) gateway.Runner {
	options.ClientID = settings.Gateway.ID
	options.StatusTopic = settings.MQTT.BaseTopic + "/gateway/" + settings.Gateway.ID + "/status"
	return own{mqttbridge.New(options, queue.New(lineLimits), deaf{}, log.With("gateway", settings.Gateway.ID))}
}

// deaf handles a session that is subscribed to nothing.
type deaf struct{}

func (deaf) Message(mqttbridge.Message)    {}
func (deaf) Connected(time.Time, bool)     {}
func (deaf) Disconnected(time.Time, error) {}

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
