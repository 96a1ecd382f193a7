package config

import (
	"net"
	"net/url"
	"slices"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// Problem is one mistake in a file; Problems are all of them.
type (
	Problem  = strictyaml.Problem
	Problems = strictyaml.Problems
)

// Config is a valid devices.yaml with every default filled in. Paths are
// absolute or relative to the working directory.
type Config struct {
	Gateway Gateway
	MQTT    MQTT
	Spool   Spool
	HTTP    HTTP
	Devices []device.Device // in the file's order, then those that WithDevice added
	Auto    Auto
}

// Gateway describes the gateway itself.
type Gateway struct {
	ID string // a topic level and a client ID
}

// MQTT describes how to reach the broker, and how to publish.
type MQTT struct {
	Brokers      []*url.URL // mqtt, mqtts, ws, wss, with port; none if Embedded
	AsWritten    bool       // Brokers are tried in their order, else from a place of this gateway's own
	Embedded     bool       // run the built-in broker
	Username     string
	PasswordFile string
	TLS          TLS
	Protocol     uint // as in CONNECT: 3 is MQTT 3.1, 4 is 3.1.1
	KeepAlive    time.Duration
	BindAddress  string // local IP address; "" is any
	CleanSession bool
	BaseTopic    string
	QoS          byte // of readings
	Retain       bool // of readings
	Payload      string
	LateAfter    time.Duration // 0 is off
	MaxInflight  int           // publishes of readings without a PUBACK
	ReconnectMin time.Duration // bounds of the wait before connecting again
	ReconnectMax time.Duration

	Discovery       bool   // devices are announced to Home Assistant
	DiscoveryPrefix string // of the topics that it subscribes to

	EmbeddedListen string // host:port
	UsersFile      string // of the built-in broker; "": it needs no password
}

// Reachable returns the URLs of the brokers for a client on this machine, also that
// of the built-in one.
func (m MQTT) Reachable() []*url.URL {
	if !m.Embedded {
		return m.Brokers
	}
	host, port, err := net.SplitHostPort(m.EmbeddedListen)
	if err != nil {
		return []*url.URL{{Scheme: "mqtt", Host: m.EmbeddedListen}}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return []*url.URL{{Scheme: "mqtt", Host: net.JoinHostPort(host, port)}}
}

// Secure reports whether a broker uses TLS.
func (m MQTT) Secure() bool {
	return slices.ContainsFunc(m.Brokers, func(u *url.URL) bool { return u.Scheme == "mqtts" || u.Scheme == "wss" })
}

// TLS names PEM files.
type TLS struct{ CA, Cert, Key string }

// Spool describes where readings wait on disk.
type Spool struct {
	Dir     string
	MaxSize int64 // bytes
	Sync    time.Duration
}

// HTTP describes the dashboard.
type HTTP struct {
	Listen    string   // host:port; "" is off
	TokenFile string   // with the token; "": the gateway makes one if it needs one
	Hosts     []string // more names of this machine
}

// Local reports whether only this machine can reach the dashboard. Otherwise the
// dashboard asks for a token, even without a TokenFile.
func (h HTTP) Local() bool { return loopback(h.Listen) }
