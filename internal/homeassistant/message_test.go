package homeassistant

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
)

func at[T any](v T) *T { return &v }

// topics are those of a device with payload: value, or json.
func topics(base string, json bool) Topics {
	return Topics{
		Base:      base,
		Available: []string{base + "/status", "devices/gateway/pi/status"},
		Reading: func(name string) (string, string) {
			if json {
				return base, name
			}
			return base + "/" + name, ""
		},
		Command: func(name string) string { return base + "/set/" + name },
	}
}

// greenhouse is a device with one of each command.
func greenhouse() Announcement {
	commands := map[string]device.Command{}
	for _, c := range []device.Command{
		{Name: "led", Type: device.Bool, On: "H", Off: "L"}, {Name: "pwm", Type: device.Int, Min: at(int64(0)), Max: at(int64(255))},
		{Name: "mode", Type: device.Enum, Values: []string{"auto", "manual"}}, {Name: "say", Type: device.Text},
	} {
		commands[c.Name] = c
	}
	return Announcement{ID: "greenhouse", Topics: topics("devices/greenhouse", false), Silence: time.Minute, Commands: commands}
}

// One message holds every kind of entity, and is what Home Assistant accepts.
func TestPayload(t *testing.T) {
	d := greenhouse()
	d.Readings = map[string]device.ReadingSpec{"rh": {Rename: "humidity", DeviceClass: "humidity", Deadband: at(0.5), MaxInterval: 10 * time.Minute}}
	found := map[string]traits{"temperature": {Unit: "°C"}, "humidity": {}, "led": {Text: true}, "door": {Text: true}, "rh": {}}
	const want = `{"dev":{"ids":["devices_greenhouse"],"name":"greenhouse"},"o":{"name":"arduino-gateway","sw":"v1"},"avty":[{"t":"devices/greenhouse/status"},{"t":"devices/gateway/pi/status"}],"avty_mode":"all","cmps":{
"number_pwm":{"p":"number","name":"Pwm","uniq_id":"devices_greenhouse_number_pwm","cmd_t":"devices/greenhouse/set/pwm","min":0,"max":255},
"select_mode":{"p":"select","name":"Mode","uniq_id":"devices_greenhouse_select_mode","cmd_t":"devices/greenhouse/set/mode","ops":["auto","manual"]},
"sensor_door":{"p":"sensor","name":"Door","uniq_id":"devices_greenhouse_sensor_door","stat_t":"devices/greenhouse/door"},
"sensor_humidity":{"p":"sensor","name":"Humidity","uniq_id":"devices_greenhouse_sensor_humidity","stat_t":"devices/greenhouse/humidity","val_tpl":"{{ value if is_number(value) else none }}","dev_cla":"humidity","stat_cla":"measurement","unit_of_meas":"%","exp_aft":660},
"sensor_old":{"p":"sensor"},
"sensor_temperature":{"p":"sensor","name":"Temperature","uniq_id":"devices_greenhouse_sensor_temperature","stat_t":"devices/greenhouse/temperature","val_tpl":"{{ value if is_number(value) else none }}","dev_cla":"temperature","stat_cla":"measurement","unit_of_meas":"°C","exp_aft":60},
"switch_led":{"p":"switch","name":"Led","uniq_id":"devices_greenhouse_switch_led","stat_t":"devices/greenhouse/led","val_tpl":"{{ {\"0\":\"off\",\"1\":\"on\",\"false\":\"off\",\"h\":\"on\",\"l\":\"off\",\"off\":\"off\",\"on\":\"on\",\"true\":\"on\"}.get(value | string | lower | trim, '') }}","cmd_t":"devices/greenhouse/set/led","pl_on":"on","pl_off":"off"},
"text_say":{"p":"text","name":"Say","uniq_id":"devices_greenhouse_text_say","cmd_t":"devices/greenhouse/set/say","min":1,"max":32}}}`
	got := payload(d, "v1", components(d, found), map[string]string{"sensor_old": "sensor"})
	if flat := strings.ReplaceAll(want, "\n", ""); string(got) != flat {
		t.Errorf("got  %s\nwant %s", got, flat)
	}
	if topic := configTopic("homeassistant", d); topic != "homeassistant/device/devices_greenhouse/config" {
		t.Error(topic)
	} else if complaints := readRules(t).check(topic, got); len(complaints) > 0 {
		t.Error(complaints)
	}
}

// Unit, classes and expiry follow from what is configured and learned.
func TestComponents_Sensors(t *testing.T) {
	none := device.ReadingSpec{}
	for _, c := range []struct {
		spec  device.ReadingSpec
		found traits
		want  string // unit, device class, state class, expire_after
	}{
		{none, traits{}, " measurement 60"},
		{none, traits{Text: true}, " 0"},
		{none, traits{Unit: "C"}, "°C temperature measurement 60"},
		{none, traits{Unit: "%"}, "% measurement 60"},
		{none, traits{Unit: "%RH"}, "% humidity measurement 60"},
		{none, traits{Unit: "uV"}, "µV voltage measurement 60"},
		{none, traits{Unit: "kWh"}, "kWh measurement 60"},
		{none, traits{Unit: "V", Mixed: true}, " measurement 60"},
		{none, traits{Unit: "V", Text: true}, " 0"},
		{device.ReadingSpec{Unit: "lux"}, traits{Unit: "V"}, "lx illuminance measurement 60"},
		{device.ReadingSpec{DeviceClass: "energy"}, traits{Unit: "kWh"}, "kWh energy total_increasing 60"},
		{device.ReadingSpec{DeviceClass: "moisture"}, traits{}, "% moisture measurement 60"},
		{device.ReadingSpec{DeviceClass: "atmospheric_pressure"}, traits{Unit: "hPa"}, "hPa atmospheric_pressure measurement 60"},
		{device.ReadingSpec{DeviceClass: "temperature"}, traits{}, " measurement 60"}, // °C or °F?
		{device.ReadingSpec{DeviceClass: "temperature"}, traits{Unit: "V"}, "V measurement 60"},
		{device.ReadingSpec{DeviceClass: "wind_direction"}, traits{Unit: "deg"}, "° wind_direction 60"},
		{device.ReadingSpec{DeviceClass: "ph"}, traits{}, " ph measurement 60"},
		{device.ReadingSpec{DeviceClass: "timestamp"}, traits{Text: true}, " timestamp 0"},
		{device.ReadingSpec{Deadband: at(0.0)}, traits{}, " measurement 0"},
		{device.ReadingSpec{MinInterval: 1500 * time.Millisecond}, traits{}, " measurement 62"},
	} {
		d := greenhouse()
		got := d.sensor("x", c.spec, c.found)
		text := strings.Join(strings.Fields(fmt.Sprint(got.DeviceClass, " ", got.StateClass, " ", got.ExpireAfter)), " ")
		if text = got.Unit + " " + text; text != c.want {
			t.Errorf("%+v %+v: %q, want %q", c.spec, c.found, text, c.want)
		}
		message := payload(d, "v1", map[string]component{"x": withName(got)}, nil)
		if complaints := readRules(t).check(configTopic("homeassistant", d), message); len(complaints) > 0 {
			t.Errorf("%+v %+v: %v", c.spec, c.found, complaints)
		}
	}
	d := greenhouse()
	d.Silence = 0
	if got := d.sensor("x", none, traits{}); got.ExpireAfter != 0 {
		t.Errorf("without silence: %+v", got)
	}
}

func withName(c component) component {
	c.Name, c.UniqueID = "X", "x"
	return c
}

// Each command type is an entity of its platform, with a state if the board prints one.
func TestComponents_Controls(t *testing.T) {
	d := greenhouse()
	d.Topics = topics("devices/greenhouse", true)
	for _, c := range []struct {
		command device.Command
		found   map[string]traits
		want    string
	}{
		{device.Command{Type: device.Int}, nil, `"p":"number","name":"X","uniq_id":"devices_greenhouse_number_x","cmd_t":"devices/greenhouse/set/x","min":-9007199254740992,"max":9007199254740992`},
		{device.Command{Type: device.Int, Min: at(int64(3)), Max: at(int64(3))}, nil, `"p":"select","name":"X","uniq_id":"devices_greenhouse_select_x","cmd_t":"devices/greenhouse/set/x","ops":["3"]`},
		{device.Command{Type: device.Int, Max: at(int64(9))}, map[string]traits{"x": {}}, `"p":"number","name":"X","uniq_id":"devices_greenhouse_number_x","stat_t":"devices/greenhouse","val_tpl":"{{ value_json['x'] | default('') }}","cmd_t":"devices/greenhouse/set/x","min":-9007199254740992,"max":9`},
		{device.Command{Type: device.Int, Max: at(int64(9))}, map[string]traits{"x": {Text: true}}, `"p":"number","name":"X","uniq_id":"devices_greenhouse_number_x","cmd_t":"devices/greenhouse/set/x","min":-9007199254740992,"max":9`},
		{device.Command{Type: device.Enum, Values: []string{"a"}}, map[string]traits{"x": {Text: true}}, `"p":"select","name":"X","uniq_id":"devices_greenhouse_select_x","stat_t":"devices/greenhouse","val_tpl":"{{ value_json['x'] | default('') }}","cmd_t":"devices/greenhouse/set/x","ops":["a"]`},
		{device.Command{Type: device.Text, MaxLength: 5}, map[string]traits{"x": {Text: true}}, `"p":"text","name":"X","uniq_id":"devices_greenhouse_text_x","stat_t":"devices/greenhouse","val_tpl":"{{ value_json['x'] | default(this.state) }}","cmd_t":"devices/greenhouse/set/x","min":1,"max":5`},
	} {
		c.command.Name = "x"
		d.Commands = map[string]device.Command{"x": c.command}
		all := components(d, c.found)
		got := string(payload(d, "v1", all, nil))
		if !strings.Contains(got, "{"+c.want+"}") || len(all) != 1 {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if complaints := readRules(t).check(configTopic("homeassistant", d), []byte(got)); len(complaints) > 0 {
			t.Error(complaints)
		}
	}
}

// Renamed readings appear under their new name, ignored ones not at all.
func TestComponents_SkipUnpublishedReadings(t *testing.T) {
	d := Announcement{ID: "uno", Topics: topics("devices/uno", false), Readings: map[string]device.ReadingSpec{
		"a": {Rename: "b"}, "b": {Rename: "a"}, "c": {Rename: "d"}, "e": {Ignore: true}, "f": {Unit: "V"}, "s_*": {Ignore: true}, "s_1": {Unit: "V"}}}
	found := map[string]traits{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "s_1", "s_2"} {
		found[name] = traits{}
	}
	var got []string
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "s_1", "s_2"} {
		if _, ok := components(d, found)["sensor_"+key]; ok {
			got = append(got, key)
		}
	}
	if text := strings.Join(got, " "); text != "a b d f g s_1" {
		t.Error(text)
	}
}

// devices.yaml overrides what the board says, name by name, and changes neither.
func TestAnnouncement_DescribedBy(t *testing.T) {
	d := greenhouse()
	d.Readings = map[string]device.ReadingSpec{"t": {Unit: "°F"}}
	board := device.Description{Readings: map[string]device.ReadingSpec{"t": {Unit: "°C"}, "p": {Unit: "hPa"}},
		Commands: map[string]device.Command{"led": {Name: "led", Type: device.Int}, "fan": {Name: "fan", Type: device.Bool}}}
	both := d.describedBy(board)
	if both.Readings["t"].Unit != "°F" || both.Readings["p"].Unit != "hPa" || both.Commands["led"].Type != device.Bool || len(both.Commands) != 5 {
		t.Errorf("%+v", both)
	}
	if len(d.Commands) != 4 || len(board.Commands) != 2 {
		t.Error("the arguments changed")
	}
}

// Names for people, for topics and for keys.
func TestTitle_ObjectID_KeyOf(t *testing.T) {
	for name, want := range map[string]string{"soil_moisture": "Soil moisture", "t": "T", "élan_1": "Élan 1", "__": "__", "": ""} {
		if got := title(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	d := Announcement{Topics: Topics{Base: "home/Häuser 1/uno-2"}}
	if got := d.objectID(); got != "home_H_user_1_uno-2" {
		t.Error(got)
	}
	if got := keyOf("my led 100%"); got != "my%20led%20100%25" {
		t.Error(got)
	}
}
