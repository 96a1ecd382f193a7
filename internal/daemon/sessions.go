package daemon

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/reload"
	"arduino-gateway/mqttbridge"
)

// SessionOptions reads the files that a configuration names and returns the options
// with which a session connects to its broker.
func SessionOptions(settings *config.Config, getenv func(string) string) (mqttbridge.Options, error) {
	files, err := readFiles(settings, getenv)
	if err != nil {
		return mqttbridge.Options{}, err
	}
	return sessionOptions(reload.State{Config: settings, Files: files})
}

// sessionOptions returns what all sessions of a gateway have in common.
func sessionOptions(s reload.State) (mqttbridge.Options, error) {
	m := s.Config.MQTT
	secure, wrong := tlsConfig(m, s.Files)
	if wrong != nil {
		return mqttbridge.Options{}, wrong
	}
	return mqttbridge.Options{
		Brokers: s.Config.BrokerOrder(), AsWritten: m.AsWritten,
		Username: m.Username, Password: s.Files.Password, TLS: secure,
		Protocol: mqttbridge.Protocol(m.Protocol), KeepAlive: m.KeepAlive, BindAddress: m.BindAddress, CleanSession: m.CleanSession,
		QoS: m.QoS, Retain: m.Retain, Payload: mqttbridge.Payload(m.Payload), LateAfter: m.LateAfter, MaxInflight: m.MaxInflight,
		ReconnectMin: m.ReconnectMin, ReconnectMax: m.ReconnectMax,
	}, nil
}

// sessionOptions returns what all sessions of this gateway have in common. To its own
// broker they log in as the gateway.
func (f *fleet) sessionOptions(s reload.State) (mqttbridge.Options, error) {
	options, err := sessionOptions(s)
	if err == nil && f.broker != nil {
		options.Username, options.Password = f.broker.Credentials()
	}
	return options, err
}

// ownTopics returns the topics below which only the gateway publishes, each with the
// client ID of the session.
func ownTopics(common mqttbridge.Options, c *config.Config) map[string]string {
	own := map[string]string{gatewayTopic(c.MQTT.BaseTopic, c.Gateway.ID): c.Gateway.ID}
	for _, d := range c.Devices {
		options := deviceSession(common, c, d)
		own[options.Topic] = options.ClientID
	}
	return own
}

// tlsConfig returns nil if nothing is set: then the system's authorities count.
func tlsConfig(m config.MQTT, files reload.Files) (*tls.Config, *keyError) {
	names := m.TLS
	if !m.Secure() || names.CA == "" && names.Cert == "" {
		return nil, nil
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if names.CA != "" {
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM(files.CA) {
			return nil, &keyError{"mqtt.tls.ca", fmt.Errorf("no certificate in %s", names.CA), "it must be in PEM form"}
		}
	}
	if names.Cert != "" {
		pair, err := tls.X509KeyPair(files.Cert, files.Key)
		if err != nil {
			return nil, &keyError{"mqtt.tls.cert", fmt.Errorf("%s and key %s: %w", names.Cert, names.Key, err), ""}
		}
		secure.Certificates = []tls.Certificate{pair}
	}
	return secure, nil
}

// deviceSession returns the options of a device's session, from those that all sessions
// have in common.
func deviceSession(common mqttbridge.Options, c *config.Config, d device.Device) mqttbridge.Options {
	options := common
	options.ClientID = d.ClientID
	options.Topic = c.MQTT.BaseTopic + "/" + d.ID
	options.StatusTopic = options.Topic + "/status"
	return options
}

// ownSession returns the options of the gateway's own session. It publishes that the
// gateway is online, and announces devices to Home Assistant.
func ownSession(common mqttbridge.Options, c *config.Config) mqttbridge.Options {
	options := common
	options.ClientID = c.Gateway.ID
	options.StatusTopic = ownStatusTopic(c)
	options.Watch = []string{gatewayTopic(c.MQTT.BaseTopic, "+") + "/info", gatewayTopic(c.MQTT.BaseTopic, "+") + "/status"}
	if m := c.MQTT; m.Discovery {
		options.Listen = m.DiscoveryPrefix + "/status" // where Home Assistant publishes that it has started
	}
	return options
}

// ownStatusTopic returns the topic of the gateway's own status.
func ownStatusTopic(c *config.Config) string {
	return gatewayTopic(c.MQTT.BaseTopic, c.Gateway.ID) + "/status"
}

// gatewayTopic returns the topic below which a gateway publishes about itself.
func gatewayTopic(base, id string) string { return base + "/gateway/" + id }
