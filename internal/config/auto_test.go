package config

import (
	"reflect"
	"strings"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceid"
)

// The entry auto has several forms, and is a device if it has a port.
func TestParse_Auto(t *testing.T) {
	const begin = "mqtt: {broker: mqtt://127.0.0.1}\n"
	for text, want := range map[string]struct {
		auto    Auto
		devices int
	}{
		"devices: auto": {Auto{On: true}, 0},
		"devices: {auto: true, tank: {port: /dev/ttyUSB0}}":        {Auto{On: true}, 1},
		"devices: {auto: false, tank: {port: /dev/ttyUSB0}}":       {Auto{}, 1},
		"devices: {auto: [/dev/ttyUSB*, 'usb:2341:*']}":            {Auto{On: true, Ports: []string{"/dev/ttyUSB*", "usb:2341:*"}}, 0},
		"devices: {auto: {any: true}, tank: {port: /dev/ttyUSB0}}": {Auto{On: true, Any: true}, 1},
		"devices: {auto: {any: false, ports: [/dev/ttyUSB*]}}":     {Auto{On: true, Ports: []string{"/dev/ttyUSB*"}}, 0},
		"devices: {auto: {any: true, ports: [/dev/ttyUSB*]}}":      {Auto{On: true, Any: true, Ports: []string{"/dev/ttyUSB*"}}, 0},
		"devices: {auto: {port: /dev/ttyUSB0}}":                    {Auto{}, 1}, // a device of that name
		"devices:\n  auto: true\n  tank:\n    port: /dev/ttyUSB0":  {Auto{On: true}, 1},
	} {
		c := valid(t, "devices.yaml", begin+text+"\n")
		if !reflect.DeepEqual(c.Auto, want.auto) || len(c.Devices) != want.devices {
			t.Errorf("%s: %+v, %d devices", text, c.Auto, len(c.Devices))
		}
	}
}

// A board that says hello becomes a device, unless a name or its port is taken.
func TestAdopt(t *testing.T) {
	c := valid(t, "devices.yaml", `gateway: {id: gw}
mqtt: {broker: mqtt://127.0.0.1}
devices: {auto: true, tank: {port: /dev/ttyUSB0, client_id: gw-tonk}}
`)
	d, err := c.Adopt("greenhouse", "usb:2341:0043:75")
	want := device.Device{ID: "greenhouse", Port: "usb:2341:0043:75", Baud: device.BaudAuto, ClientID: "gw-greenhouse",
		Format: device.FormatAuto, LineEnding: device.LF, Describe: new(true)}
	if err != nil || !reflect.DeepEqual(d, want) {
		t.Errorf("%+v, %v", d, err)
	}
	both := c.WithDevice(d)
	for id, at := range map[string]struct{ port, want string }{
		"tank":       {"/dev/ttyUSB1", "device tank is at /dev/ttyUSB0"},
		"pond":       {"/dev/../dev/ttyUSB0", "/dev/../dev/ttyUSB0 is the port of device tank"},
		"well":       {"USB:2341:0043:75", "USB:2341:0043:75 is the port of device greenhouse"},
		"tonk":       {"/dev/ttyUSB1", `its client ID "gw-tonk" is that of device tank`},
		"gateway":    {"/dev/ttyUSB1", "a device cannot be called gateway: the gateway uses those topics"},
		"Tank":       {"/dev/ttyUSB1", `"Tank" is not a device ID`},
		"greenhouse": {"/dev/ttyUSB1", "device greenhouse is at usb:2341:0043:75"},
	} {
		if _, err := both.Adopt(id, at.port); err == nil || err.Error() != at.want {
			t.Errorf("%s: %v", id, err)
		}
	}
	if len(c.Devices) != 1 || len(both.Devices) != 2 || len(both.WithDevice(d).Devices) != 2 || len(both.WithoutDevice("tank").Devices) != 1 {
		t.Error("a configuration was changed")
	}
}

// A board that only prints lines becomes the device that an entry with its port
// would be.
func TestAdoptPlain(t *testing.T) {
	c := valid(t, "devices.yaml", `gateway: {id: gw}
mqtt: {broker: mqtt://127.0.0.1}
devices: {auto: {any: true}, tank: {port: /dev/ttyUSB0, client_id: gw-ch340}, uno: {port: /dev/ttyACM0}}
`)
	id := deviceid.Free("ch340", c.Taken)
	d, err := c.AdoptPlain(id, "usb-path:1-1")
	entry := c.Devices[1]
	entry.ID, entry.Port, entry.ClientID = "ch340-2", "usb-path:1-1", "gw-ch340-2"
	entry.Baud = device.BaudAuto
	if err != nil || !reflect.DeepEqual(d, entry) {
		t.Errorf("%+v, %v", d, err)
	}
	c = c.WithDevice(d)
	if id := deviceid.Free("ch340", c.Taken); id != "ch340-3" {
		t.Errorf("the next is %s", id)
	}
}

// The client ID must fit MQTT 3.1.
func TestAdopt_KeepsToMQTT31(t *testing.T) {
	c := valid(t, "devices.yaml", "gateway: {id: gw}\nmqtt: {broker: mqtt://127.0.0.1, protocol: '3.1'}\ndevices: auto\n")
	if _, err := c.Adopt(strings.Repeat("a", 20), "/dev/ttyUSB0"); err != nil {
		t.Error(err)
	}
	if _, err := c.Adopt(strings.Repeat("a", 21), "/dev/ttyUSB0"); err == nil || !strings.Contains(err.Error(), "is 24 bytes long; MQTT 3.1 allows 23") {
		t.Error(err)
	}
}

// The line about auto names the ports and the topics.
func TestExplain_Auto(t *testing.T) {
	for text, want := range map[string]string{
		"auto":                   "boards on USB that say hello are published as devices/THEIR-ID;",
		"{auto: [/dev/ttyUSB*]}": "boards at /dev/ttyUSB* that say hello",
		"{auto: {any: true}}":    "boards on USB that say hello are published as devices/THEIR-ID, those that only print lines as devices/NAME-OF-THE-BOARD;",
	} {
		c := valid(t, "devices.yaml", "mqtt: {broker: mqtt://127.0.0.1}\ndevices: "+text+"\n")
		if got := strings.Join(Explain(c), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", text, got)
		}
	}
}
