package daemon

import (
	"log/slog"
	"path/filepath"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/homeassistant"
	"arduino-gateway/mqttbridge"
)

// newAnnouncer returns the gateway's own session, and the announcer that publishes
// through it. The guard watches for other gateways through it, too.
func newAnnouncer(options mqttbridge.Options, dir, version string, guard *twinGuard, log *slog.Logger) (*mqttbridge.Session, *homeassistant.Announcer) {
	announcer := homeassistant.New(filepath.Join(dir, "homeassistant.json"), version, log)
	session := mqttbridge.New(options, nil, newKeeper(ownHandler{announcer, guard}, dir, gatewayName, log), log)
	announcer.PublishTo(session)
	guard.own = session
	return session, announcer
}

// announce sets which devices are announced to Home Assistant: those of the
// configuration, or none if discovery is off.
func announce(a *homeassistant.Announcer, c *config.Config) {
	var devices []homeassistant.Announcement
	if c.MQTT.Discovery {
		for _, d := range c.Devices {
			devices = append(devices, announced(c, d))
		}
	}
	a.Set(c.MQTT.DiscoveryPrefix, devices)
}

func announced(c *config.Config, d device.Device) homeassistant.Announcement {
	base := c.MQTT.BaseTopic + "/" + d.ID
	return homeassistant.Announcement{ID: d.ID, Silence: d.Silence, Readings: d.Readings, Commands: d.Commands,
		Topics: homeassistant.Topics{
			Base:      base,
			Available: []string{base + "/status", ownStatusTopic(c)},
			Reading: func(name string) (topic, key string) {
				if mqttbridge.Payload(c.MQTT.Payload) == mqttbridge.PayloadJSON {
					return base, mqttbridge.ReadingKey(name)
				}
				return mqttbridge.ReadingTopic(base, name), ""
			},
			Command: func(name string) string { return mqttbridge.CommandTopic(base, name) },
		}}
}
