package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/config"
	"arduino-gateway/mqttbridge"
)

// sessionOptions gives what all sessions of this gateway have in common. It
// reads the files that the configuration names.
func sessionOptions(settings *config.Config, getenv func(string) string) (mqttbridge.Options, error) {
	m := settings.MQTT
	password, err := readPassword(m.PasswordFile, getenv)
	if err != nil {
		return mqttbridge.Options{}, err
	}
	secure, err := readTLS(m.TLS.CA, m.TLS.Cert, m.TLS.Key)
	if err != nil {
		return mqttbridge.Options{}, err
	}
	return mqttbridge.Options{
		Brokers:  m.Brokers,
		Username: m.Username, Password: password, TLS: secure,
		Protocol: m.Protocol, KeepAlive: m.KeepAlive, BindAddress: m.BindAddress, CleanSession: m.CleanSession,
		QoS: m.QoS, Retain: m.Retain, Payload: m.Payload, LateAfter: m.LateAfter, MaxInflight: m.MaxInflight,
		ReconnectMin: m.ReconnectMin, ReconnectMax: m.ReconnectMax,
	}, nil
}

func readPassword(file string, getenv func(string) string) (string, error) {
	if file == "" {
		return getenv("GATEWAY_MQTT_PASSWORD"), nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("mqtt.password_file: %w (hint: the file holds nothing but the password; or remove the key and set GATEWAY_MQTT_PASSWORD)", err)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}

// readTLS gives nil where nothing is set: then the system's authorities count.
func readTLS(ca, cert, key string) (*tls.Config, error) {
	if ca == "" && cert == "" {
		return nil, nil
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		data, err := os.ReadFile(ca)
		if err != nil {
			return nil, fmt.Errorf("mqtt.tls.ca: %w", err)
		}
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("mqtt.tls.ca: no certificate in %s (hint: it must be in PEM form)", ca)
		}
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("mqtt.tls.cert: %w", err)
		}
		secure.Certificates = []tls.Certificate{pair}
	}
	return secure, nil
}

func readUsers(file string) (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("mqtt.embedded.users_file: %w (hint: `gateway passwd NAME` makes it)", err)
	}
	defer f.Close()
	return broker.ParseUsers(file, f)
}
