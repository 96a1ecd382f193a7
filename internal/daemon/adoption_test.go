package daemon

import (
	"slices"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/autodetect"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/reload"
)

// stateOf returns the state of a devices.yaml with these devices.
func stateOf(t *testing.T, devices string) reload.State {
	t.Helper()
	c, problems := config.Parse("devices.yaml", []byte("gateway: {id: gw}\nmqtt: {broker: mqtt://pi}\ndevices: "+devices+"\n"),
		func(string) string { return "" })
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return reload.State{Config: c}
}

func ids(s reload.State) (all []string) {
	for _, d := range s.Config.Devices {
		all = append(all, d.ID)
	}
	return all
}

func none(string) bool { return false }

// Boards that were detected before are devices after those of devices.yaml.
func TestJoin_AddsBoards(t *testing.T) {
	boards := []autodetect.Board{{ID: "attic", Port: "usb:2341:0043:75", Baud: 115200}, {ID: "tank", Port: "/dev/ttyUSB1", Baud: 9600}}
	joined, overruled := join(stateOf(t, "{auto: true, uno: {port: /dev/ttyACM0}}"), boards, none)
	if got := ids(joined); !slices.Equal(got, []string{"uno", "attic", "tank"}) || joined.Config.Devices[2].Port != "/dev/ttyUSB1" || len(overruled) > 0 {
		t.Errorf("joined %v, %+v", got, joined.Config.Devices)
	}
	if want := (device.Detected{LastBaud: 9600, Hello: true}); joined.Detected["tank"] != want || len(joined.Detected) != 2 {
		t.Errorf("facts %+v", joined.Detected)
	}
}

// A device of devices.yaml overrules a board with its ID or at its port.
func TestJoin_DevicesYAMLOverrules(t *testing.T) {
	boards := []autodetect.Board{{ID: "tank", Port: "/dev/ttyUSB0"}, {ID: "attic", Port: "usb:2341:0043:75"}, {ID: "well", Port: "usb-path:1-1"}, {ID: "shed", Port: "/dev/ttyUSB9"}}
	off := stateOf(t, "{uno: {port: /dev/ttyACM0}}")
	if joined, overruled := join(off, boards, none); joined.Config != off.Config || len(overruled) > 0 {
		t.Error("boards without auto")
	}
	taken := func(port string) bool { return port == "usb-path:1-1" } // by /dev/ttyACM0
	c := stateOf(t, "{auto: true, tank: {port: /dev/ttyUSB7}, uno: {port: /dev/ttyACM0}, other: {port: /dev/ttyUSB9}}")
	joined, overruled := join(c, boards, taken)
	if got := ids(joined); !slices.Equal(got, []string{"tank", "uno", "other", "attic"}) {
		t.Errorf("joined %v", got)
	}
	if len(overruled) != 3 || overruled["tank"] == nil || overruled["well"] != errTaken || overruled["shed"] == nil {
		t.Errorf("overruled %v", overruled)
	}
}

// A board that only prints lines is a device as long as any board is wanted.
func TestJoin_AddsPlainBoardsIfWanted(t *testing.T) {
	boards := []autodetect.Board{{ID: "tank", Port: "/dev/ttyUSB0", Baud: 9600}, {ID: "ch340", Port: "usb-path:1-1", Baud: 9600, Plain: true}}
	joined, overruled := join(stateOf(t, "{auto: {any: true}}"), boards, none)
	tank, ch340 := joined.Detected["tank"], joined.Detected["ch340"]
	if got := ids(joined); !slices.Equal(got, []string{"tank", "ch340"}) || !tank.Hello || ch340.Hello || ch340.LastBaud != 9600 || len(overruled) > 0 {
		t.Errorf("joined %+v, overruled %v", joined, overruled)
	}
	if joined, overruled := join(stateOf(t, "auto"), boards, none); !slices.Equal(ids(joined), []string{"tank"}) || len(overruled) > 0 {
		t.Errorf("joined %v, overruled %v", ids(joined), overruled)
	}
	if _, overruled := join(stateOf(t, "{auto: {any: true}, uno: {port: 'usb-path:1-1'}}"), boards, none); overruled["ch340"] == nil {
		t.Errorf("overruled %v", overruled)
	}
}
