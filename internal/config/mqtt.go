package config

import (
	"time"

	"arduino-gateway/internal/strictyaml"
)

func (r *reader) mqttKeys(m *MQTT) map[string]strictyaml.Set {
	return map[string]strictyaml.Set{
		"broker":        r.brokers(m),
		"username":      r.identity(&m.Username),
		"password_file": r.path(&m.PasswordFile),
		"tls": r.Fields(map[string]strictyaml.Set{
			"ca": r.path(&m.TLS.CA), "cert": r.path(&m.TLS.Cert), "key": r.path(&m.TLS.Key),
		}),
		"protocol":      r.protocol(&m.Protocol),
		"keep_alive":    r.keepAlive(&m.KeepAlive),
		"bind_address":  r.address(&m.BindAddress),
		"clean_session": r.Flag(&m.CleanSession),
		"base_topic":    r.levels(&m.BaseTopic),
		"qos":           strictyaml.Whole(r.Document, &m.QoS, 0, 1),
		"retain":        r.Flag(&m.Retain),
		"payload":       strictyaml.Word(r.Document, &m.Payload, "value", "json", "both"),
		"reconnect": r.Fields(map[string]strictyaml.Set{
			"min_delay": r.Duration(&m.ReconnectMin, leastReconnect), "max_delay": r.Duration(&m.ReconnectMax, leastReconnect),
		}),
		"max_inflight":     strictyaml.Whole(r.Document, &m.MaxInflight, 1, 10_000),
		"discovery":        r.discovery(&m.Discovery),
		"discovery_prefix": r.levels(&m.DiscoveryPrefix),
		"late_after":       r.DurationOrOff(&m.LateAfter, time.Second),
		"embedded": r.Fields(map[string]strictyaml.Set{
			"listen": r.listen(&m.EmbeddedListen, defaultListen), "users_file": r.path(&m.UsersFile),
		}),
	}
}

// discovery takes the name of the one that listens, or off.
func (r *reader) discovery(to *bool) strictyaml.Set {
	var word string
	set := strictyaml.Word(r.Document, &word, "homeassistant", "off")
	return func(key string, n *strictyaml.Node) {
		if r.Apply(set, key, n) {
			*to = word == "homeassistant"
		}
	}
}

func (r *reader) protocol(to *uint) strictyaml.Set {
	levels := map[string]uint{"3.1": protocol31, "3.1.1": protocol311}
	var version string
	word := strictyaml.Word(r.Document, &version, "3.1", "3.1.1")
	return func(key string, n *strictyaml.Node) {
		if r.Apply(word, key, n) {
			*to = levels[version]
		}
	}
}

// keepAlive goes over the wire as whole seconds in 16 bits.
func (r *reader) keepAlive(to *time.Duration) strictyaml.Set {
	var v time.Duration
	duration := r.Duration(&v, time.Second)
	return func(key string, n *strictyaml.Node) {
		if !r.Apply(duration, key, n) {
			return
		}
		if v%time.Second != 0 || v > 65535*time.Second {
			r.Reject(n, key, strictyaml.Quote(n.Value)+" is not a number of seconds up to 65535", "such as 30s")
			return
		}
		*to = v
	}
}
