package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// Load reads and checks a file. env is os.Getenv, or a test's. The Config is
// nil where a problem is more than a warning.
func Load(path string, env func(string) string) (*Config, Problems) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, Problems{{File: path, Line: 1, Column: 1, What: readError(err), Hint: "name the file with -c"}}
	}
	return Parse(path, data, env)
}

func readError(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return "cannot be read: " + path.Err.Error()
	}
	return "cannot be read: " + err.Error()
}

// Parse checks the text of a file. name is for messages, and its folder is the
// one that relative paths start from.
func Parse(name string, data []byte, env func(string) string) (*Config, Problems) {
	r := &reader{
		Document: strictyaml.Open(name, data, "it needs devices"),
		dir:      filepath.Dir(name),
		env:      env,
		config:   defaults(env),
	}
	r.read()
	r.check()
	r.warnOfLater()
	problems := r.Problems()
	if problems.Err() != nil {
		return nil, problems
	}
	return r.config, problems
}

// reader fills in a Config while it walks the document.
type reader struct {
	*strictyaml.Document
	dir    string // of the file
	env    func(string) string
	config *Config
	broker []place // of each broker's URL
}

// place is a value with the key that it stands under.
type place struct{ key, value string }

func (r *reader) read() {
	c := r.config
	r.Root(map[string]strictyaml.Set{
		"gateway": r.Fields(map[string]strictyaml.Set{"id": r.Text(&c.Gateway.ID)}),
		"mqtt":    r.Fields(r.mqttKeys(&c.MQTT)),
		"spool": r.Fields(map[string]strictyaml.Set{
			"dir":      r.path(&c.Spool.Dir),
			"max_size": r.size(&c.Spool.MaxSize),
			"sync":     r.Duration(&c.Spool.Sync, 0),
		}),
		"http": r.Fields(map[string]strictyaml.Set{"listen": r.listenOrOff(&c.HTTP.Listen)}),
		"devices": r.Each(func(path, name string, n *strictyaml.Node) {
			c.Devices = append(c.Devices, r.device(path, name, n))
		}),
	})
	for i := range c.Devices {
		d := &c.Devices[i]
		if !r.Has("devices." + d.ID + ".client_id") {
			d.ClientID = c.Gateway.ID + "-" + d.ID
		}
	}
}

// device reads one entry of devices.
func (r *reader) device(path, id string, n *strictyaml.Node) device.Device {
	d := device.Device{ID: id, Baud: 115200, Format: device.FormatAuto, LineEnding: device.LF}
	r.Fields(r.deviceKeys(&d))(path, n)
	return d
}

// path takes a file's name; a relative one starts from the configuration's folder.
func (r *reader) path(to *string) strictyaml.Set {
	var text string
	take := r.Text(&text)
	return func(key string, n *strictyaml.Node) {
		take(key, n)
		switch {
		case text == "":
			r.Say(n, key, "an empty path", "")
		case filepath.IsAbs(text):
			*to = text
		default:
			*to = filepath.Join(r.dir, text)
		}
	}
}
