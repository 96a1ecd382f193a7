package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"arduino-gateway/internal/strictyaml"
)

// Load reads and checks a file. env is os.Getenv, or a test's replacement. The Config is
// nil if a problem is more than a warning.
func Load(path string, env func(string) string) (*Config, Problems) {
	return Inspect(path, env, nil)
}

// Inspect is Load, and calls look for a valid file. look returns the keys whose
// value cannot be used on this machine, with Key, What and Hint. They become
// warnings, since the file may be for another machine.
func Inspect(path string, env func(string) string, look func(*Config) []Problem) (*Config, Problems) {
	data, err := readFile(path)
	if err != nil {
		return nil, Problems{unreadable(path, err)}
	}
	return parse(path, data, env, look)
}

// readFile reads just enough to see that a file is too large: -c /dev/zero ends, too.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, strictyaml.MaxSize+1))
}

// ForPermission is the hint if permission to read a file is denied: devices.yaml and
// the files it names belong to the service's user, who is rarely the one at the
// terminal.
const ForPermission = "let this user read it, or run the command as the service's user: sudo -u gateway gateway …"

func unreadable(path string, err error) Problem {
	hint := "name another file with -c"
	if errors.Is(err, fs.ErrPermission) {
		hint = ForPermission
	}
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return Problem{File: path, Line: 1, Column: 1, What: fmt.Sprintf("cannot be read: %v", err), Hint: hint}
}

// Parse checks the text of a file. name is for messages; relative paths start from
// its folder.
func Parse(name string, data []byte, env func(string) string) (*Config, Problems) {
	return parse(name, data, env, nil)
}

func parse(name string, data []byte, env func(string) string, look func(*Config) []Problem) (*Config, Problems) {
	doc := document{strictyaml.Open(name, data, "it needs mqtt and devices"), filepath.Dir(name)}
	doc.HintUnknown(otherKeys)
	c := defaults(env)
	r := newReader(doc, c, env)
	r.read()
	r.check()
	if problems := doc.Problems(); problems.Err() != nil {
		return nil, problems
	}
	if look != nil {
		for _, p := range look(c) {
			doc.WarnAt(p.Key, p.What, p.Hint)
		}
	}
	return c, doc.Problems()
}

// otherKeys are keys of other gateways, with the hint where the setting is here.
var otherKeys = map[string]string{
	"broker":         "it belongs under mqtt",
	"discovery":      "it belongs under mqtt",
	"serial":         "set port of each device, under devices",
	"mqtt.server":    brokerHint,
	"mqtt.host":      brokerHint,
	"mqtt.url":       brokerHint,
	"mqtt.port":      brokerHint,
	"mqtt.user":      `did you mean "username"?`,
	"mqtt.password":  "write it into a file that password_file names, or set GATEWAY_MQTT_PASSWORD",
	"mqtt.client_id": "each device has a client_id of its own, and gateway.id is that of the gateway",
	"mqtt.topic":     `did you mean "base_topic"?`,
	"mqtt.prefix":    `did you mean "base_topic"?`,
}

const brokerHint = "write broker: mqtt://HOST:PORT"
