package mqttbridge

import (
	"cmp"
	"crypto/rand"
	"net"
	"net/url"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

const (
	defaultKeepAlive    = 30 * time.Second
	defaultReconnectMin = 250 * time.Millisecond
	defaultReconnectMax = 10 * time.Second
)

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	o.Protocol = cmp.Or(o.Protocol, 4)
	o.KeepAlive = cmp.Or(o.KeepAlive, defaultKeepAlive)
	o.ReconnectMin = cmp.Or(o.ReconnectMin, defaultReconnectMin)
	o.ReconnectMax = cmp.Or(o.ReconnectMax, defaultReconnectMax)
	o.MaxInflight = cmp.Or(o.MaxInflight, DefaultMaxInflight)
	o.Payload = cmp.Or(o.Payload, PayloadValue)
	if o.ClientID == "" && o.Protocol == 3 {
		o.ClientID = "gw-" + rand.Text()[:20] // MQTT 3.1 wants 1 to 23 characters
	}
	return o
}

// seconds is a keep-alive as MQTT has it: whole seconds, of which 0 would be
// none at all and 65535 is the most.
func seconds(d time.Duration) time.Duration {
	return min(max(d.Round(time.Second), time.Second), 65535*time.Second)
}

// pahoOptions are the options of a client for one connection. Reconnecting is
// the session's own: paho's would deliver out of order and hide refusals.
func (s *Session) pahoOptions(c *connection) *mqtt.ClientOptions {
	o := mqtt.NewClientOptions()
	o.Servers = []*url.URL{c.broker}
	o.SetAutoReconnect(false).SetConnectRetry(false)
	o.SetConnectTimeout(s.times.connect)
	o.SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) {
		return c.conn, nil
	})

	o.SetClientID(s.options.ClientID).SetCleanSession(s.options.CleanSession)
	o.SetUsername(s.options.Username).SetPassword(s.options.Password)
	o.SetProtocolVersion(s.options.Protocol)
	keepAlive := seconds(s.options.KeepAlive)
	o.SetKeepAlive(keepAlive).SetPingTimeout(min(keepAlive, s.times.stall))
	if s.options.StatusTopic != "" {
		o.SetWill(s.options.StatusTopic, offline, 1, true)
	}

	o.SetConnectionLostHandler(func(_ mqtt.Client, reason error) { c.reason <- reason })
	// How long paho's Publish waits behind a writer that is busy or has ended.
	o.SetWriteTimeout(s.times.leave)
	o.SetOrderMatters(true)
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { s.hear(fromPaho(m)) })
	return o
}
