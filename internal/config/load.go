package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// Load reads and checks a file. env is os.Getenv, or a test's. The Config is
// nil where a problem is more than a warning.
func Load(path string, env func(string) string) (*Config, Problems) {
	return Inspect(path, env, nil)
}

// Inspect is Load, and has look tell which keys of a valid file have a value that
// cannot be used here: Key, What and Hint. That is a warning, for the file may be
// meant for another machine.
func Inspect(path string, env func(string) string, look func(*Config) []Problem) (*Config, Problems) {
	data, err := readFile(path)
	if err != nil {
		return nil, Problems{unreadable(path, err)}
	}
	return parse(path, data, env, look)
}

// readFile takes no more than tells that a file is too large: -c /dev/zero ends too.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, strictyaml.MaxSize+1))
}

// ForPermission is the hint where a file may not be read: devices.yaml and what it
// names belong to the service's user, who is seldom the one at the terminal.
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

// Parse checks the text of a file. name is for messages, and its folder is the
// one that relative paths start from.
func Parse(name string, data []byte, env func(string) string) (*Config, Problems) {
	return parse(name, data, env, nil)
}

func parse(name string, data []byte, env func(string) string, look func(*Config) []Problem) (*Config, Problems) {
	r := &reader{
		Document: strictyaml.Open(name, data, "it needs mqtt and devices"),
		dir:      filepath.Dir(name),
		config:   defaults(env),
	}
	r.HintUnknown(strangers)
	r.read()
	r.check()
	if problems := r.Problems(); problems.Err() != nil {
		return nil, problems
	}
	if look != nil {
		for _, p := range look(r.config) {
			r.WarnAt(p.Key, p.What, p.Hint)
		}
	}
	return r.config, r.Problems()
}

// strangers are keys under which other gateways have what stands elsewhere here.
var strangers = map[string]string{
	"broker":      "it belongs under mqtt",
	"discovery":   "it belongs under mqtt",
	"serial":      "each device has its port, under devices",
	"mqtt.server": brokerHint,
	"mqtt.host":   brokerHint,
	"mqtt.url":    brokerHint,
	"mqtt.port":   brokerHint,
	"mqtt.topic":  `did you mean "base_topic"?`,
	"mqtt.prefix": `did you mean "base_topic"?`,
}

const brokerHint = "one URL says it: broker: mqtt://HOST:PORT"

// reader fills in a Config while it walks the document.
type reader struct {
	*strictyaml.Document
	dir    string // of the file
	config *Config
	keys   []string // of the devices, in order
}

func (r *reader) read() {
	c := r.config
	r.Root(map[string]strictyaml.Set{
		"gateway": r.Fields(map[string]strictyaml.Set{"id": r.level(&c.Gateway.ID)}),
		"mqtt":    r.Fields(r.mqttKeys(&c.MQTT)),
		"spool": r.Fields(map[string]strictyaml.Set{
			"dir":      r.path(&c.Spool.Dir),
			"max_size": r.size(&c.Spool.MaxSize),
			"sync":     r.Duration(&c.Spool.Sync, leastSync),
		}),
		"http": r.Fields(map[string]strictyaml.Set{
			"listen":     r.listenOrOff(&c.HTTP.Listen, defaultHTTP),
			"token_file": r.path(&c.HTTP.TokenFile),
			"hosts":      r.hosts(&c.HTTP.Hosts),
		}),
		"devices": r.devices,
	})
	for i, key := range r.keys {
		if !r.Has(key + ".client_id") {
			c.Devices[i].ClientID = c.clientID(c.Devices[i].ID)
		}
	}
}

// device reads one entry of devices.
func (r *reader) device(key, id string, n *strictyaml.Node) device.Device {
	d := device.Device{ID: id, Baud: 115200, Format: device.FormatAuto, LineEnding: device.LF}
	r.Fields(r.deviceKeys(&d))(key, n)
	return d
}

// devices takes the word auto, or a mapping of devices, in which the same stands
// as auto: true.
func (r *reader) devices(key string, n *strictyaml.Node) {
	c := r.config
	if strictyaml.IsWord(n, "auto") {
		c.Auto.On = true
		return
	}
	r.Each(func(path, id string, n *strictyaml.Node) {
		if id == "auto" && isAuto(n) {
			r.auto(&c.Auto)(path, n)
			return
		}
		r.keys = append(r.keys, path)
		c.Devices = append(c.Devices, r.device(path, id, n))
	})(key, n)
}
