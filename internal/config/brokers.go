package config

import (
	"net"
	"net/url"
	"strings"

	"arduino-gateway/internal/strictyaml"
)

// brokerPorts are the schemes with the ports that IANA gave them.
var brokerPorts = map[string]string{"mqtt": "1883", "mqtts": "8883", "ws": "80", "wss": "443"}

// otherSchemes are what other programs call ours.
var otherSchemes = map[string]string{"tcp": "mqtt", "ssl": "mqtts", "tls": "mqtts"}

// webSockets are the schemes with which a broker is reached where web pages have these.
var webSockets = map[string]string{"http": "ws", "https": "wss"}

const brokerExample = "such as mqtt://127.0.0.1:1883; mqtts, ws and wss are known too, and embedded"

// brokers takes a URL, a list of them, or embedded.
func (r *reader) brokers(m *MQTT) strictyaml.Set {
	one := r.Scalar("a broker, or a list of brokers", func(key string, n *strictyaml.Node) {
		if n.Value == "embedded" {
			m.Embedded = true
			return
		}
		r.broker(m, key, n)
	})
	several := r.Items(r.Scalar("a broker", func(key string, n *strictyaml.Node) {
		if n.Value == "embedded" {
			r.Reject(n, key, "the built-in broker cannot stand in a list", "broker: embedded")
			return
		}
		r.broker(m, key, n)
	}))
	return func(key string, n *strictyaml.Node) {
		switch {
		case !strictyaml.IsList(n):
			one(key, n)
		case len(n.Content) == 0:
			r.Reject(n, key, "an empty list", brokerExample)
		default:
			several(key, n)
		}
	}
}

// mostBrokers is far more than anybody has.
const mostBrokers = 100

func (r *reader) broker(m *MQTT, key string, n *strictyaml.Node) {
	u, what, hint := brokerURL(n.Value)
	switch {
	case what != "":
		r.Reject(n, key, what, hint)
		return
	case len(m.Brokers) == mostBrokers:
		r.Reject(n, key, "more brokers than anybody has", "at most 100")
		return
	}
	for _, other := range m.Brokers {
		if *other == *u {
			r.Reject(n, key, strictyaml.Quote(n.Value)+" stands there twice", "remove one")
			return
		}
	}
	m.Brokers = append(m.Brokers, u)
}

// brokerURL gives the URL of a broker with its port, or says what is wrong. A
// text with an @ may hold a password and is not repeated.
func brokerURL(text string) (u *url.URL, what, hint string) {
	shown := strictyaml.Quote(text)
	if strings.Contains(text, "@") {
		shown = "the text"
	}
	u, err := url.Parse(text)
	if !strings.Contains(text, "://") {
		return nil, shown + " is no broker", withScheme(text)
	} else if err != nil {
		return nil, shown + " is no broker", brokerExample
	}
	if ours := otherSchemes[u.Scheme]; ours != "" {
		return nil, shown + " is no broker", "write " + ours + "://"
	}
	if socket := webSockets[u.Scheme]; socket != "" && u.Hostname() != "" {
		host := strings.TrimSuffix(u.Host, ":"+u.Port()) // its port is the page's
		return nil, shown + " is the address of a web page", "write " + strictyaml.Quote("mqtt://"+host) + "; for a broker's WebSocket port " + socket + "://"
	}
	port := brokerPorts[u.Scheme]
	if port == "" || u.Hostname() == "" {
		return nil, shown + " is no broker", brokerExample
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	webSocket := strings.HasPrefix(u.Scheme, "ws")
	switch {
	case u.User != nil:
		return nil, "a user does not belong into the URL", "use mqtt.username and mqtt.password_file"
	case !isPort(u.Port()):
		return nil, strictyaml.Quote(u.Port()) + " is no port", "1 to 65535"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, shown + " has a ? or #", "remove it"
	case !webSocket && strings.Trim(u.Path, "/") != "":
		return nil, shown + " has a path", "only ws and wss have one, such as ws://HOST/mqtt"
	}
	return u, "", ""
}

// withScheme is a hint for localhost:1883.
func withScheme(text string) string {
	text = "mqtt://" + text
	if _, what, _ := brokerURL(text); what == "" {
		return "write " + strictyaml.Quote(text)
	}
	return brokerExample
}
