package config

import (
	"crypto/sha256"
	"encoding/binary"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"arduino-gateway/internal/strictyaml"
)

// brokerPorts are the schemes, with the ports that IANA assigned.
var brokerPorts = map[string]string{"mqtt": "1883", "mqtts": "8883", "ws": "80", "wss": "443"}

// otherSchemes are the names that other programs use for ours.
var otherSchemes = map[string]string{"tcp": "mqtt", "ssl": "mqtts", "tls": "mqtts"}

// webSockets are the schemes of a broker behind the schemes of a web page.
var webSockets = map[string]string{"http": "ws", "https": "wss"}

const brokerExample = "such as mqtt://127.0.0.1:1883; also mqtts://, ws://, wss://, and embedded"

// mostBrokers is far more than a user has.
const mostBrokers = 100

// BrokerOrder returns the brokers in the order in which the gateway tries them. Unless
// mqtt.order is as_written, each gateway begins at a place of its own, always the same:
// the gateways of a cluster spread over its nodes, and all sessions of one meet on one.
func (c *Config) BrokerOrder() []*url.URL {
	all := c.MQTT.Brokers
	if c.MQTT.AsWritten || len(all) < 2 {
		return all
	}
	sum := sha256.Sum256([]byte(c.Gateway.ID))
	first := int(binary.BigEndian.Uint64(sum[:8]) % uint64(len(all)))
	return slices.Concat(all[first:], all[:first])
}

// order reads in which order the brokers are tried.
func (r mqttReader) order() strictyaml.Set {
	var word string
	set := strictyaml.Word(r.doc.Document, &word, "spread", "as_written")
	return func(key string, n *strictyaml.Node) {
		if r.doc.Apply(set, key, n) {
			r.mqtt.AsWritten = word == "as_written"
		}
	}
}

// brokers reads a URL, a list of URLs, or the word embedded.
func (r mqttReader) brokers(key string, n *strictyaml.Node) {
	switch {
	case !strictyaml.IsList(n):
		r.doc.Scalar("a broker, or a list of brokers", func(key string, n *strictyaml.Node) {
			if n.Value == "embedded" {
				r.mqtt.Embedded = true
				return
			}
			r.broker(key, n)
		})(key, n)
	case len(n.Content) == 0:
		r.doc.Reject(n, key, "the list is empty", brokerExample)
	default:
		r.doc.Items(r.doc.Scalar("a broker", func(key string, n *strictyaml.Node) {
			if n.Value == "embedded" {
				r.doc.Reject(n, key, "the built-in broker cannot be in a list", "broker: embedded")
				return
			}
			r.broker(key, n)
		}))(key, n)
	}
}

// broker reads one URL.
func (r mqttReader) broker(key string, n *strictyaml.Node) {
	u, what, hint := brokerURL(n.Value)
	switch {
	case what != "":
		r.doc.Reject(n, key, what, hint)
		return
	case len(r.mqtt.Brokers) == mostBrokers:
		r.doc.Reject(n, key, "too many brokers", "at most 100")
		return
	}
	for _, other := range r.mqtt.Brokers {
		if *other == *u {
			r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is listed twice", "remove one")
			return
		}
	}
	r.mqtt.Brokers = append(r.mqtt.Brokers, u)
}

// brokerURL returns the URL of a broker with its port, or what is wrong with the
// text. It does not repeat a text with an @, which may hold a password.
func brokerURL(text string) (u *url.URL, what, hint string) {
	shown := strictyaml.Quote(text)
	if strings.Contains(text, "@") {
		shown = "the text"
	}
	u, err := url.Parse(text)
	if !strings.Contains(text, "://") {
		return nil, shown + " is not the URL of a broker", withScheme(text)
	} else if form := bracketed(text); form != "" {
		return nil, shown + " has an IPv6 address without brackets", "write " + strictyaml.Quote(form)
	} else if err != nil {
		return nil, shown + " is not the URL of a broker", brokerExample
	}
	if ours := otherSchemes[u.Scheme]; ours != "" {
		return nil, shown + " is not the URL of a broker", "write " + ours + "://"
	}
	if socket := webSockets[u.Scheme]; socket != "" && u.Hostname() != "" {
		host := strings.TrimSuffix(u.Host, ":"+u.Port()) // its port is the page's
		return nil, shown + " is the address of a web page", "write " + strictyaml.Quote("mqtt://"+host) + ", or use " + socket + ":// for a broker's WebSocket port"
	}
	port := brokerPorts[u.Scheme]
	if port == "" || u.Hostname() == "" || strings.Contains(u.Hostname(), ":") && u.Host[0] != '[' {
		return nil, shown + " is not the URL of a broker", brokerExample
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	webSocket := strings.HasPrefix(u.Scheme, "ws")
	switch {
	case u.User != nil:
		return nil, "the URL must not contain a user", "use mqtt.username and mqtt.password_file"
	case !isPort(u.Port()):
		return nil, strictyaml.Quote(u.Port()) + " is not a port number", "1 to 65535"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, shown + " has a ? or #", "remove it"
	case !webSocket && strings.Trim(u.Path, "/") != "":
		return nil, shown + " has a path", "only ws and wss can have one, such as ws://HOST/mqtt"
	}
	return u, "", ""
}

// bracketed returns the URL with an IPv6 address in brackets, "" if the text is not
// that of one without. A last group that is the scheme's port is meant as the port:
//
//	mqtt://::1
//	mqtt://fe80::1%eth0:1883/
func bracketed(text string) string {
	scheme, rest, _ := strings.Cut(text, "://")
	address, path, slash := strings.Cut(rest, "/")
	if slash {
		path = "/" + path
	}
	port := brokerPorts[scheme]
	if without, found := strings.CutSuffix(address, ":"+port); found && isIPv6(without) {
		address = without
	}
	if port == "" || !isIPv6(address) {
		return ""
	}
	return scheme + "://[" + strings.Replace(address, "%", "%25", 1) + "]:" + port + path
}

// isIPv6 reports whether text is an IPv6 address, with or without a zone.
func isIPv6(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is6()
}

// withScheme returns a hint for a text such as localhost:1883.
func withScheme(text string) string {
	text = "mqtt://" + text
	if _, what, _ := brokerURL(text); what == "" {
		return "write " + strictyaml.Quote(text)
	}
	return brokerExample
}
