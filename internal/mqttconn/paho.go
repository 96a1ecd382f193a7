package mqttconn

import (
	"cmp"
	"net"
	"net/url"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/device"
)

const (
	defaultProtocol  = 4 // MQTT 3.1.1
	defaultKeepAlive = 30 * time.Second
)

// pahoOptions returns the options of a client for one connection. paho must not
// reconnect: it would deliver out of order and hide refusals.
func (c *Conn) pahoOptions(options Options) *mqtt.ClientOptions {
	o := mqtt.NewClientOptions()
	o.Servers = []*url.URL{c.broker}
	o.SetAutoReconnect(false).SetConnectRetry(false)
	o.SetConnectTimeout(c.times.Connect + 2*c.times.Leave) // Dial's own bound comes first
	o.SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) {
		return c.stream, nil
	})

	o.SetClientID(options.ClientID).SetCleanSession(options.CleanSession)
	o.SetUsername(options.Username).SetPassword(options.Password)
	o.SetProtocolVersion(uint(cmp.Or(options.Protocol, defaultProtocol)))
	keepAlive := seconds(cmp.Or(options.KeepAlive, defaultKeepAlive))
	o.SetKeepAlive(keepAlive).SetPingTimeout(min(keepAlive, c.times.Stall))
	if options.WillTopic != "" {
		o.SetWill(options.WillTopic, options.Will, 1, true)
	}

	o.SetConnectionLostHandler(func(_ mqtt.Client, reason error) { c.reason <- reason })
	// How long paho's Publish waits behind a writer that is busy or has ended.
	o.SetWriteTimeout(c.times.Leave)
	o.SetOrderMatters(true)
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { c.stream.incoming.arrived(fromPaho(m)) })
	return o
}

// seconds rounds a keep-alive to MQTT's whole seconds: 0 would switch it off, and
// 65535 is the most.
func seconds(d time.Duration) time.Duration {
	return min(max(d.Round(time.Second), time.Second), 65535*time.Second)
}

func fromPaho(m mqtt.Message) device.Message {
	return device.Message{
		Topic:     m.Topic(),
		Payload:   m.Payload(),
		Size:      len(m.Payload()),
		QoS:       m.Qos(),
		PacketID:  m.MessageID(),
		Retained:  m.Retained(),
		Duplicate: m.Duplicate(),
	}
}
