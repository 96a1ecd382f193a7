package config

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"arduino-gateway/internal/strictyaml"
)

func (r *reader) mqttKeys(m *MQTT) map[string]strictyaml.Set {
	return map[string]strictyaml.Set{
		"broker":        r.brokers(m),
		"username":      r.Text(&m.Username),
		"password_file": r.path(&m.PasswordFile),
		"tls": r.Fields(map[string]strictyaml.Set{
			"ca": r.path(&m.TLS.CA), "cert": r.path(&m.TLS.Cert), "key": r.path(&m.TLS.Key),
		}),
		"protocol":      r.protocol(&m.Protocol),
		"keep_alive":    r.keepAlive(&m.KeepAlive),
		"bind_address":  r.Text(&m.BindAddress),
		"clean_session": r.Flag(&m.CleanSession),
		"base_topic":    r.Text(&m.BaseTopic),
		"qos":           strictyaml.Whole(r.Document, &m.QoS, 0, 1),
		"retain":        r.Flag(&m.Retain),
		"payload":       strictyaml.Word(r.Document, &m.Payload, "value", "json", "both"),
		"late_after":    r.DurationOrOff(&m.LateAfter, time.Second),
		"embedded": r.Fields(map[string]strictyaml.Set{
			"listen": r.listen(&m.EmbeddedListen), "users_file": r.path(&m.UsersFile),
		}),
	}
}

// brokers takes a URL, a list of them, or embedded.
func (r *reader) brokers(m *MQTT) strictyaml.Set {
	var one string
	text, list := r.Text(&one), r.Items(func(key string, n *strictyaml.Node) {
		var url string
		r.Text(&url)(key, n)
		r.addBroker(m, n, key, url)
	})
	return func(key string, n *strictyaml.Node) {
		if strictyaml.IsList(n) {
			list(key, n)
			return
		}
		text(key, n)
		if one == "embedded" {
			m.Embedded = true
			return
		}
		r.addBroker(m, n, key, one)
	}
}

// brokerPorts are the schemes with the ports that IANA gave them.
var brokerPorts = map[string]string{"mqtt": "1883", "mqtts": "8883", "ws": "80", "wss": "443"}

func (r *reader) addBroker(m *MQTT, n *strictyaml.Node, key, text string) {
	if text == "embedded" {
		r.Say(n, key, "the built-in broker cannot stand in a list", "broker: embedded")
		return
	}
	u, err := url.Parse(text)
	if err != nil || brokerPorts[u.Scheme] == "" || u.Hostname() == "" {
		r.Say(n, key, fmt.Sprintf("%q is no broker", text), "such as mqtt://127.0.0.1:1883; mqtts, ws and wss are known too, and embedded")
		return
	}
	if u.User != nil {
		r.Say(n, key, "a user name does not belong into the URL", "use mqtt.username and mqtt.password_file")
		return
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), brokerPorts[u.Scheme])
	}
	if p, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || p == 0 {
		r.Say(n, key, fmt.Sprintf("%q is no port", u.Port()), "1 to 65535")
		return
	}
	m.Brokers = append(m.Brokers, u)
	r.broker = append(r.broker, place{key, u.Scheme})
}

func (r *reader) protocol(to *uint) strictyaml.Set {
	var version string
	word := strictyaml.Word(r.Document, &version, "3.1", "3.1.1")
	return func(key string, n *strictyaml.Node) {
		word(key, n)
		switch version {
		case "3.1":
			*to = protocol31
		case "3.1.1":
			*to = protocol311
		}
	}
}

// keepAlive goes over the wire as whole seconds in 16 bits.
func (r *reader) keepAlive(to *time.Duration) strictyaml.Set {
	duration := r.Duration(to, time.Second)
	return func(key string, n *strictyaml.Node) {
		duration(key, n)
		if *to%time.Second != 0 || *to > 65535*time.Second {
			r.Say(n, key, fmt.Sprintf("%v is not a number of seconds up to 65535", *to), "such as 30s")
		}
	}
}

// listen takes an address to listen on.
func (r *reader) listen(to *string) strictyaml.Set {
	var text string
	take := r.Text(&text)
	return func(key string, n *strictyaml.Node) {
		take(key, n)
		host, port, err := net.SplitHostPort(text)
		p, portErr := strconv.ParseUint(port, 10, 16)
		if err != nil || portErr != nil || p == 0 || host != "" && host != "localhost" && net.ParseIP(host) == nil {
			r.Say(n, key, fmt.Sprintf("%q is no address to listen on", text), "an IP address and a port, such as 127.0.0.1:1883")
			return
		}
		*to = text
	}
}

func (r *reader) listenOrOff(to *string) strictyaml.Set {
	listen := r.listen(to)
	return func(key string, n *strictyaml.Node) {
		if n.Value == "off" {
			*to = ""
			return
		}
		listen(key, n)
	}
}

// loopback tells whether only this machine reaches an address.
func loopback(listen string) bool {
	host, _, _ := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
