package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/homeassistant"
	"arduino-gateway/mqttbridge"
)

// newAnnouncer makes the gateway's own session and what announces devices
// through it.
func newAnnouncer(options mqttbridge.Options, dir, version string, log *slog.Logger) (*mqttbridge.Session, *homeassistant.Announcer) {
	announcer := homeassistant.New(filepath.Join(dir, "homeassistant.json"), version, log)
	session := mqttbridge.New(options, nil, announcer, log)
	announcer.PublishTo(session)
	return session, announcer
}

// announce has the devices of a configuration be announced, where it says so.
func announce(a *homeassistant.Announcer, c *config.Config) {
	var devices []homeassistant.Device
	if c.MQTT.Discovery {
		for _, d := range c.Devices {
			devices = append(devices, announced(c, d))
		}
	}
	a.Set(c.MQTT.DiscoveryPrefix, devices)
}

func announced(c *config.Config, d device.Device) homeassistant.Device {
	base := c.MQTT.BaseTopic + "/" + d.ID
	return homeassistant.Device{ID: d.ID, Silence: d.Silence, Readings: d.Readings, Commands: d.Commands,
		Topics: homeassistant.Topics{
			Base:      base,
			Available: []string{base + "/status", ownTopic(c)},
			Reading: func(name string) (topic, key string) {
				if mqttbridge.Payload(c.MQTT.Payload) == mqttbridge.PayloadJSON {
					return base, mqttbridge.ReadingKey(name)
				}
				return mqttbridge.ReadingTopic(base, name), ""
			},
			Command: func(name string) string { return mqttbridge.CommandTopic(base, name) },
		}}
}

// noticed is a backlog whose lines are looked at for readings to announce.
type noticed struct {
	*backlog.Queue
	watch *homeassistant.Observer
}

func (n noticed) Append(ctx context.Context, at time.Time, readings []device.Reading) {
	n.watch.Observe(at, readings)
	n.Queue.Append(ctx, at, readings)
}
