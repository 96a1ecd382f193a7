package daemon

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
func readFiles(settings *config.Config, getenv func(string) string) (reload.Files, error) {
	files, wrong := examine(settings, getenv)
	if len(wrong) > 0 {
		return files, wrong[0]
	}
	return files, nil
}

// CheckFiles reads the files that a configuration names and returns a problem for
// each one that cannot be used.
func CheckFiles(settings *config.Config, getenv func(string) string) (problems []config.Problem) {
	_, wrong := examine(settings, getenv)
	for _, w := range wrong {
		problems = append(problems, config.Problem{Key: w.key, What: w.err.Error(), Hint: w.hint})
	}
	return problems
}

// SessionOptions reads the files that a configuration names and returns the options
// with which a session connects to its broker.
func SessionOptions(settings *config.Config, getenv func(string) string) (mqttbridge.Options, error) {
	files, err := readFiles(settings, getenv)
	if err != nil {
		return mqttbridge.Options{}, err
	}
	return sessionOptions(reload.State{Config: settings, Files: files})
}

// examine reads each file that is in use, and gives all that is wrong with them.
func examine(settings *config.Config, getenv func(string) string) (files reload.Files, wrong []*keyError) {
	m := settings.MQTT
	password, err := readPassword(m.PasswordFile, getenv)
	if err != nil {
		wrong = append(wrong, err)
	}
	files.Password = password
	if m.Secure() {
		wrong = append(wrong, readPEM(m, &files)...)
	}
	if m.Embedded && m.UsersFile != "" {
		if files.Users, err = readUsers(m.UsersFile); err != nil {
			wrong = append(wrong, err)
		}
	}
	return files, wrong
}

// readPEM reads what TLS needs. What is there must fit together.
func readPEM(m config.MQTT, files *reload.Files) (wrong []*keyError) {
	for _, f := range []struct {
		key, name string
		to        *[]byte
	}{{"ca", m.TLS.CA, &files.CA}, {"cert", m.TLS.Cert, &files.Cert}, {"key", m.TLS.Key, &files.Key}} {
		if f.name == "" {
			continue
		}
		var err error
		if *f.to, err = os.ReadFile(f.name); err != nil {
			wrong = append(wrong, unread("mqtt.tls."+f.key, err, ""))
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	if _, err := tlsConfig(m, *files); err != nil {
		wrong = append(wrong, err)
	}
	return wrong
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
	secure, wrong := tlsConfig(m, s.Files)
	if wrong != nil {
		return mqttbridge.Options{}, wrong
	}
	return mqttbridge.Options{
		Brokers:  m.Brokers,
		Username: m.Username, Password: s.Files.Password, TLS: secure,
		Protocol: mqttbridge.Protocol(m.Protocol), KeepAlive: m.KeepAlive, BindAddress: m.BindAddress, CleanSession: m.CleanSession,
		QoS: m.QoS, Retain: m.Retain, Payload: mqttbridge.Payload(m.Payload), LateAfter: m.LateAfter, MaxInflight: m.MaxInflight,
		ReconnectMin: m.ReconnectMin, ReconnectMax: m.ReconnectMax,
	}, nil
}

// keyError says why what a key of devices.yaml names cannot be used.
type keyError struct {
	key  string
	err  error
	hint string // what to do, where that is known
}

func (e *keyError) Error() string {
	if e.hint == "" {
		return fmt.Sprintf("%s: %v", e.key, e.err)
	}
	return fmt.Sprintf("%s: %v (hint: %s)", e.key, e.err, e.hint)
}

func (e *keyError) Unwrap() error { return e.err }

// unread says why the file of a key could not be read; hint is for where it is no
// matter of permission, "" is none.
func unread(key string, err error, hint string) *keyError {
	if errors.Is(err, fs.ErrPermission) {
		hint = config.ForPermission
	}
	return &keyError{key, err, hint}
}

func readPassword(file string, getenv func(string) string) (string, *keyError) {
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

func readUsers(file string) (map[string]string, *keyError) {
	f, err := os.Open(file)
	if err != nil {
		return nil, unread("mqtt.embedded.users_file", err, "`gateway passwd NAME` makes it")
	}
	defer f.Close()
	users, err := broker.ParseUsers(file, f)
	if err != nil {
		return nil, &keyError{"mqtt.embedded.users_file", err, ""}
	}
	return users, nil
}
