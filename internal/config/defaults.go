package config

import (
	"cmp"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"arduino-gateway/internal/deviceid"
)

// DefaultBaseTopic is mqtt.base_topic if none is set.
const DefaultBaseTopic = "devices"

// The defaults of the contract.
const (
	defaultSpoolSize = 256_000_000
	defaultSync      = time.Second
	leastSync        = 10 * time.Millisecond // shorter would be an fsync for each line, which wears out an SD card
	defaultListen    = "127.0.0.1:1883"
	defaultHTTP      = "127.0.0.1:8080"
	defaultKeepAlive = 30 * time.Second
	defaultInflight  = 100
	leastReconnect   = 10 * time.Millisecond // shorter would flood the broker
)

// The protocol levels in CONNECT.
const (
	protocol31  = 3
	protocol311 = 4
)

func defaults(env func(string) string) *Config {
	return &Config{
		Gateway: Gateway{ID: hostID()},
		MQTT: MQTT{
			Protocol: protocol311, KeepAlive: defaultKeepAlive, CleanSession: true,
			BaseTopic: DefaultBaseTopic, QoS: 1, MaxInflight: defaultInflight,
			ReconnectMin: 250 * time.Millisecond, ReconnectMax: 10 * time.Second, Payload: "value", EmbeddedListen: defaultListen,
			DiscoveryPrefix: "homeassistant",
		},
		Spool: Spool{Dir: stateDir(env), MaxSize: defaultSpoolSize, Sync: defaultSync},
		HTTP:  HTTP{Listen: defaultHTTP},
	}
}

// stateDir returns the folder that systemd made, else one of the user's own.
func stateDir(env func(string) string) string {
	if dir, _, _ := strings.Cut(env("STATE_DIRECTORY"), ":"); dir != "" {
		return dir
	}
	if home := cmp.Or(env("HOME"), ownHome()); home != "" {
		return filepath.Join(home, ".local", "state", "gateway")
	}
	return filepath.Join(os.TempDir(), "gateway")
}

// ownHome returns the home directory if HOME is not set, as in a service of root or on
// Windows.
func ownHome() string {
	me, err := user.Current()
	if err != nil {
		return ""
	}
	return me.HomeDir
}

// hostID returns the host's name as a topic level: pi-greenhouse for Pi.Greenhouse.
func hostID() string {
	name, _ := os.Hostname()
	return cmp.Or(deviceid.From(name), "gateway")
}
