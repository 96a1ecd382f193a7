package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/reload"
	"arduino-gateway/mqttbridge"
)

// readFiles reads the files that a configuration names.
func readFiles(settings *config.Config, getenv func(string) string) (files reload.Files, err error) {
	m := settings.MQTT
	if files.Password, err = readPassword(m.PasswordFile, getenv); err != nil {
		return files, err
	}
	for _, f := range []struct {
		key, name string
		to        *[]byte
	}{{"ca", m.TLS.CA, &files.CA}, {"cert", m.TLS.Cert, &files.Cert}, {"key", m.TLS.Key, &files.Key}} {
		if f.name == "" {
			continue
		}
		if *f.to, err = os.ReadFile(f.name); err != nil {
			return files, unread("mqtt.tls."+f.key, err, "")
		}
	}
	if m.Embedded && m.UsersFile != "" {
		files.Users, err = readUsers(m.UsersFile)
	}
	return files, err
}

// namedFiles are the files of a configuration that are worth watching, itself
// first. What is in spool.dir is not: each line that is written there would be a
// change of the folder.
func namedFiles(file string, c *config.Config) []string {
	m := c.MQTT
	all := []string{file, m.PasswordFile, m.TLS.CA, m.TLS.Cert, m.TLS.Key, m.UsersFile}
	if filepath.Dir(c.HTTP.TokenFile) != filepath.Clean(c.Spool.Dir) {
		all = append(all, c.HTTP.TokenFile)
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// sessionOptions gives what all sessions of a gateway have in common.
func sessionOptions(s reload.State) (mqttbridge.Options, error) {
	m := s.Config.MQTT
	secure, err := tlsConfig(m.TLS, s.Files)
	if err != nil {
		return mqttbridge.Options{}, err
	}
	return mqttbridge.Options{
		Brokers:  m.Brokers,
		Username: m.Username, Password: s.Files.Password, TLS: secure,
		Protocol: m.Protocol, KeepAlive: m.KeepAlive, BindAddress: m.BindAddress, CleanSession: m.CleanSession,
		QoS: m.QoS, Retain: m.Retain, Payload: m.Payload, LateAfter: m.LateAfter, MaxInflight: m.MaxInflight,
		ReconnectMin: m.ReconnectMin, ReconnectMax: m.ReconnectMax,
	}, nil
}

// unread says why the file of a key could not be read; hint is for where it is no
// matter of permission, "" is none.
func unread(key string, err error, hint string) error {
	if errors.Is(err, fs.ErrPermission) {
		hint = config.ForPermission
	}
	if hint == "" {
		return fmt.Errorf("%s: %w", key, err)
	}
	return fmt.Errorf("%s: %w (hint: %s)", key, err, hint)
}

func readPassword(file string, getenv func(string) string) (string, error) {
	if file == "" {
		return getenv("GATEWAY_MQTT_PASSWORD"), nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", unread("mqtt.password_file", err, "the file holds nothing but the password; or remove the key and set GATEWAY_MQTT_PASSWORD")
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}

// tlsConfig gives nil where nothing is set: then the system's authorities count.
func tlsConfig(names config.TLS, files reload.Files) (*tls.Config, error) {
	if names.CA == "" && names.Cert == "" {
		return nil, nil
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if names.CA != "" {
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM(files.CA) {
			return nil, fmt.Errorf("mqtt.tls.ca: no certificate in %s (hint: it must be in PEM form)", names.CA)
		}
	}
	if names.Cert != "" {
		pair, err := tls.X509KeyPair(files.Cert, files.Key)
		if err != nil {
			return nil, fmt.Errorf("mqtt.tls.cert %s and key %s: %w", names.Cert, names.Key, err)
		}
		secure.Certificates = []tls.Certificate{pair}
	}
	return secure, nil
}

func readUsers(file string) (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, unread("mqtt.embedded.users_file", err, "`gateway passwd NAME` makes it")
	}
	defer f.Close()
	return broker.ParseUsers(file, f)
}
