package mqttconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"

	"arduino-gateway/internal/netdial"
)

// Schemes are those of the URLs that Dial takes.
var Schemes = []string{"mqtt", "mqtts", "ws", "wss"}

// defaultPorts are used if the broker's URL has no port.
var defaultPorts = map[string]string{"mqtt": "1883", "mqtts": "8883", "ws": "80", "wss": "443"}

// dialer opens connections to brokers and sends nothing of MQTT.
type dialer struct {
	bind               string      // local IP address, "" is any
	tls                *tls.Config // nil: the system's roots
	username, password string      // for a web server in front of a broker that asks for them
}

// dial connects to mqtt, mqtts, ws or wss://HOST[:PORT][/PATH].
func (d dialer) dial(ctx context.Context, broker *url.URL) (net.Conn, error) {
	switch broker.Scheme {
	case "mqtt":
		return d.dialTCP(ctx, hostPort(broker))
	case "mqtts":
		return d.dialTLS(ctx, broker)
	case "ws", "wss":
		return d.dialWebSocket(ctx, broker)
	default:
		return nil, fmt.Errorf("unknown scheme %q (hint: mqtt, mqtts, ws or wss)", broker.Scheme)
	}
}

func (d dialer) dialTCP(ctx context.Context, address string) (net.Conn, error) {
	var local net.Dialer
	if d.bind != "" {
		ip := net.ParseIP(d.bind)
		if ip == nil {
			return nil, fmt.Errorf("mqtt.bind_address %q is not an IP address", d.bind)
		}
		local.LocalAddr = &net.TCPAddr{IP: ip}
	}
	c, err := netdial.Dial(ctx, &local, address)
	if err != nil {
		return nil, err
	}
	return quietly(c), nil
}

func (d dialer) dialTLS(ctx context.Context, broker *url.URL) (net.Conn, error) {
	raw, err := d.dialTCP(ctx, hostPort(broker))
	if err != nil {
		return nil, err
	}
	secured := tls.Client(raw, d.tlsConfig(broker.Hostname()))
	if err := secured.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, tlsError(err)
	}
	return secured, nil
}

// tlsError returns an error of the handshake, or what answered without TLS.
func tlsError(err error) error {
	if header, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		if known := knownServer(header.RecordHeader[:]); known != nil {
			known.What += ", without TLS"
			return known
		}
	}
	return handshakeError{timeless(plain(err))}
}

func (d dialer) tlsConfig(host string) *tls.Config {
	config := d.tls.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	return config
}

func hostPort(broker *url.URL) string {
	port := broker.Port()
	if port == "" {
		port = defaultPorts[broker.Scheme]
	}
	return net.JoinHostPort(broker.Hostname(), port)
}
