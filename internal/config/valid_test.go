package config

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceid"
	"arduino-gateway/internal/strictyaml"
)

// contract is the example of the manual.
func contract(t *testing.T) string { return string(read(t, "testdata/contract.yml")) }

func valid(t *testing.T, name string, text string) *Config {
	t.Helper()
	c, problems := Parse(name, []byte(text), env)
	if problems.Err() != nil || c == nil {
		t.Fatalf("%s: %v", name, problems)
	}
	return c
}

func broker(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}

// defaultsWith returns the defaults of the contract, after change.
func defaultsWith(change func(*Config)) *Config {
	c := &Config{
		Gateway: Gateway{ID: hostID()},
		MQTT: MQTT{
			Protocol: 4, KeepAlive: 30 * time.Second, CleanSession: true, BaseTopic: "devices", QoS: 1, MaxInflight: 100,
			ReconnectMin: 250 * time.Millisecond, ReconnectMax: 10 * time.Second,
			Payload: "value", DiscoveryPrefix: "homeassistant", EmbeddedListen: "127.0.0.1:1883",
		},
		Spool: Spool{Dir: "/var/lib/gateway", MaxSize: 256_000_000, Sync: time.Second},
		HTTP:  HTTP{Listen: "127.0.0.1:8080"},
	}
	change(c)
	return c
}

func uno(change func(*device.Device)) device.Device {
	d := device.Device{ID: "uno", Port: "/dev/ttyACM0", Baud: 115200, ClientID: hostID() + "-uno", Format: "auto", LineEnding: "lf"}
	change(&d)
	return d
}

// Each valid file gives exactly this configuration.
func TestParse_ValidFiles(t *testing.T) {
	for name, want := range map[string]*Config{
		"smallest": defaultsWith(func(c *Config) {
			c.MQTT.Embedded = true
			c.Devices = []device.Device{uno(func(*device.Device) {})}
		}),
		"readings": defaultsWith(func(c *Config) {
			c.MQTT.Embedded = true
			c.Devices = []device.Device{uno(func(d *device.Device) {
				d.Columns = []string{"t", "h", "p", "raw", "old"}
				d.Readings = map[string]device.ReadingSpec{
					"t": {
						Unit: "°C", Min: new(-40.0), Max: new(85.0), Deadband: new(0.2),
						MinInterval: time.Second, MaxInterval: 10 * time.Minute, Rename: "temperature",
					},
					"h":   {Min: new(0.0), Deadband: new(0.0), MaxInterval: time.Minute, Rename: "p"},
					"p":   {Rename: "h"},
					"raw": {Ignore: true},
					"old": {Ignore: true},
				}
			})}
		}),
		"broker-users": defaultsWith(func(c *Config) {
			c.MQTT.Embedded, c.MQTT.EmbeddedListen, c.MQTT.UsersFile, c.MQTT.Username = true, "0.0.0.0:1884", "testdata/users", "pi"
			c.Devices = []device.Device{
				uno(func(d *device.Device) { d.ClientID = "" }),
				uno(func(d *device.Device) { d.ID, d.Port, d.ClientID = "mega", "/dev/ttyACM1", "" }),
			}
		}),
		"lists": {
			Gateway: Gateway{ID: "pi"},
			MQTT: MQTT{
				Brokers:  []*url.URL{broker("mqtts://one:8883"), broker("ws://[::1]:80/mqtt"), broker("wss://three:444/"), broker("mqtt://four:1883")},
				Username: "pi", PasswordFile: "/etc/pw", TLS: TLS{CA: "testdata/ca.pem", Cert: "testdata/sub/c.pem", Key: "/k.pem"},
				Protocol: 3, KeepAlive: time.Minute, BindAddress: "::1", BaseTopic: "home/$greenhouse", Retain: true, MaxInflight: 7, ReconnectMin: time.Second, ReconnectMax: time.Minute, Payload: "both",
				DiscoveryPrefix: "homeassistant", EmbeddedListen: "127.0.0.1:1883",
			},
			Spool: Spool{Dir: "testdata/state", MaxSize: 256_000_000, Sync: time.Second},
			Devices: []device.Device{
				{
					ID: "uno_1-a", Port: "./pty/uno", Baud: 9600, ClientID: "Pi Uno", Format: "pattern",
					Pattern: regexp.MustCompile(`(?P<t>\d+)`), LineEnding: "none",
					Describe: new(true), Expires: time.Minute, Gap: 20 * time.Millisecond,
					Readings: map[string]device.ReadingSpec{"t": {}, "h": {}},
					Commands: map[string]device.Command{
						"led":   {Name: "led", Type: "bool", Write: "L{value}", On: "H", Off: "L"},
						"pwm":   {Name: "pwm", Type: "int", Min: new(int64(-1))},
						"reset": {Name: "reset", Type: "enum", Values: []string{"now"}, Write: "R"},
						"say":   {Name: "say", Type: "text", MaxLength: 58},
						"colour": {Name: "colour", Type: "text", MaxLength: 9, Write: "{value}",
							Confirm: regexp.MustCompile(`^[0-9A-F]{6}$`)},
						"blink": {Name: "blink", Type: "bool", Off: "none"},
					},
				},
				{ID: "mega", Port: "COM3", Baud: 115200, ClientID: "pi-mega", Format: "auto", Columns: []string{"Temp", "humidity"}, Decimal: ",", MaxLine: 2048, LineEnding: "lf"},
			},
		},
	} {
		file := "testdata/valid-" + name + ".yml"
		if got := valid(t, file, string(read(t, file))); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", name, got, want)
		}
	}
	if files, _ := filepath.Glob("testdata/valid-*.yml"); len(files) != 4 {
		t.Errorf("files without a test: %v", files)
	}
}

// The values that the contract shows under mqtt, spool and http are the defaults,
// except broker, credentials, tls and bind_address.
func TestParse_ContractShowsTheDefaults(t *testing.T) {
	got := valid(t, "/etc/gateway/devices.yaml", contract(t))
	want := defaultsWith(func(c *Config) {
		c.Gateway.ID = "pi-greenhouse"
		c.MQTT.Brokers = []*url.URL{broker("mqtt://127.0.0.1:1883")}
		c.MQTT.Username, c.MQTT.PasswordFile = "pi", "/etc/gateway/mqtt.password"
		c.MQTT.TLS = TLS{CA: "/etc/gateway/ca.pem", Cert: "/etc/gateway/client.pem", Key: "/etc/gateway/client.key"}
		c.MQTT.BindAddress, c.MQTT.UsersFile = "192.0.2.10", "/etc/gateway/users"
		c.Devices = []device.Device{{
			ID: "greenhouse", Port: "/dev/ttyACM0", Baud: 115200, ClientID: "greenhouse-uno", Format: "auto",
			Columns: []string{"temperature", "humidity"}, Pattern: regexp.MustCompile(`T=(?P<temperature>\S+)`),
			LineEnding: "lf", Silence: time.Minute,
			Readings: map[string]device.ReadingSpec{
				"temperature": {Unit: "°C", DeviceClass: "temperature", Min: new(-40.), Max: new(85.)},
			},
			Commands: map[string]device.Command{
				"led":  {Name: "led", Type: "bool", Write: "L{value}", On: "H", Off: "L"},
				"pwm":  {Name: "pwm", Type: "int", Min: new(int64(0)), Max: new(int64(255)), Write: "P{value}"},
				"mode": {Name: "mode", Type: "enum", Values: []string{"auto", "manual"}, Write: "M={value}"},
				"say":  {Name: "say", Type: "text", MaxLength: 32, Write: "{value}"},
			},
		}}
	})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// The state folder is that of systemd, else one in the user's home.
func TestParse_DefaultSpoolDir(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ state, home, want string }{
		{"/var/lib/gateway", "/home/pi", "/var/lib/gateway"},
		{"/var/lib/gateway:/var/lib/other", "/home/pi", "/var/lib/gateway"},
		{"", "/home/pi", "/home/pi/.local/state/gateway"},
		{"", "", filepath.Join(me.HomeDir, ".local/state/gateway")}, // a service of root has no HOME
	} {
		env := func(key string) string {
			return map[string]string{"STATE_DIRECTORY": c.state, "HOME": c.home}[key]
		}
		got, problems := Parse("devices.yaml", read(t, "testdata/valid-smallest.yml"), env)
		if len(problems) > 0 || got == nil || got.Spool.Dir != c.want {
			t.Errorf("%+v: %v, %v", c, got, problems)
		}
	}
}

// Relative paths start from the file's folder, ports do not.
func TestParse_RelativePathsStartFromTheFile(t *testing.T) {
	text := "mqtt: {broker: mqtt://pi, username: pi, password_file: ../pw}\nspool: {dir: state}\ndevices: {uno: {port: dev/uno}}"
	for name, want := range map[string]string{
		"devices.yaml":              "../pw state dev/uno",
		"conf/devices.yaml":         "pw conf/state dev/uno",
		"/etc/gateway/devices.yaml": "/etc/pw /etc/gateway/state dev/uno",
	} {
		c := valid(t, name, text)
		if got := strings.Join([]string{c.MQTT.PasswordFile, c.Spool.Dir, c.Devices[0].Port}, " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// A host's name becomes a topic level.
func TestIDFrom(t *testing.T) {
	for text, want := range map[string]string{"Pi.Greenhouse": "pi-greenhouse", "pi_1": "pi_1", "…": "", "": "", "Gewächshaus!": "gew-chshaus"} {
		if got := deviceid.From(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if id := hostID(); id == "" || badLevel(id) != "" {
		t.Errorf("host %q", id)
	}
}

// A size needs a unit, in any case.
func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1B": 1, "2KB": 2000, "2KiB": 2048, "3MB": 3e6, "3 MiB": 3 << 20, "4GB": 4e9, "4GiB": 4 << 30, "5TB": 5e12, "5TiB": 5 << 40,
		"": -1, "B": -1, "1": -1, "-1MB": -1, "1.5MB": -1, "256mb": 256e6, "1mib": 1 << 20, "2Gb": 2e9, "9000000TiB": -1, "x MB": -1,
	} {
		got, ok := parseSize(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// A reading's name is normalized for its topic.
func TestReadingName(t *testing.T) {
	for raw, want := range map[string]string{"Temp (C)": "temp_c", "temp_c": "temp_c", "__a--b  c__": "a_b_c", "Ä1": "ä1", "-": ""} {
		if got := readingName(raw); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// Only loopback addresses are local.
func TestLoopback(t *testing.T) {
	for listen, want := range map[string]bool{"127.0.0.1:1": true, "127.9.9.9:1": true, "[::1]:1": true, "localhost:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "192.0.2.1:1": false} {
		if got := loopback(listen); got != want {
			t.Errorf("%s: %v", listen, got)
		}
	}
}

// The problem says why a file cannot be read, and what to do.
func TestLoad_ReportsUnreadableFiles(t *testing.T) {
	folder := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(folder, "no.yaml"): "cannot be read: no such file or directory (hint: name another file with -c)",
		folder:                           "cannot be read: is a directory (hint: name another file with -c)",
		"/dev/zero":                      "the file is larger than 1048576 bytes (hint: is it the right one?)",
	} {
		c, problems := Load(path, env)
		if got := problems.Error(); c != nil || got != path+":1:1: "+want {
			t.Errorf("%s: got %s\nwant %s", path, got, want)
		}
	}
	if p := unreadable("x", &fs.PathError{Err: fs.ErrPermission}); !strings.Contains(p.Hint, "sudo -u gateway gateway …") {
		t.Error(p)
	}
	if p := unreadable("x", errors.New("gone")); p.What != "cannot be read: gone" {
		t.Error(p)
	}
}

// Load reads a file of the largest allowed size.
func TestLoad_ReadsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "devices.yaml")
	text := "mqtt: {broker: mqtts://pi, tls: {ca: ca.pem}}\ndevices: {uno: {port: COM3}}\n" + strings.Repeat("#", strictyaml.MaxSize)
	if err := os.WriteFile(path, []byte(text[:strictyaml.MaxSize]), 0o600); err != nil {
		t.Fatal(err)
	}
	c, problems := Load(path, env)
	if len(problems) > 0 || c.MQTT.TLS.CA != filepath.Join(filepath.Dir(path), "ca.pem") {
		t.Error(c, problems)
	}
}

// A list of 50,000 columns does not take long.
func TestParse_LongListsAreCheap(t *testing.T) {
	var names strings.Builder
	for i := range 50_000 {
		names.WriteString("c" + strings.Repeat("x", i%7) + string(rune('0'+i%10)) + ",")
	}
	text := "mqtt: {broker: embedded}\ndevices: {uno: {port: COM3, columns: [" + names.String() + "]}}"
	start := time.Now()
	c, problems := Parse("devices.yaml", []byte(text), env)
	if took := time.Since(start); c != nil || len(problems) < 10_000 || took > 20*time.Second {
		t.Errorf("%d problems in %v", len(problems), took)
	}
}

// The manual's example is valid, and its table has every key.
func TestParse_DocumentedReadings(t *testing.T) {
	manual := string(read(t, "../../docs/readings.md"))
	_, example, _ := strings.Cut(manual, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	c := valid(t, "devices.yaml", "mqtt: {broker: embedded}\n"+example)
	if n := len(c.Devices[0].Readings); n != 4 {
		t.Errorf("%d readings", n)
	}
	var spec device.ReadingSpec
	for field := range reflect.TypeOf(spec).Fields() {
		key := strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(field.Name, "${1}_${2}"))
		if key != "device_class" && !strings.Contains(manual, "`"+key+"`") {
			t.Errorf("%s is not in the manual", key)
		}
	}
}
