package config

import (
	"slices"
	"strings"
	"testing"

	"arduino-gateway/device"
)

// The lines of whole files.
func TestExplain(t *testing.T) {
	for name, want := range map[string]string{
		"lists": `gateway pi: broker ws://[::1]:80/mqtt, then wss://three:444/, then mqtt://four:1883, then mqtts://one:8883, status on home/$greenhouse/gateway/pi/status
device uno_1-a: ./pty/uno at 9600 baud, client ID Pi Uno
  up:   home/$greenhouse/uno_1-a/READING and home/$greenhouse/uno_1-a, lines read as pattern
        a match of ` + "`(?P<t>\\d+)`" + ` is read as t
  the board describes its readings and commands
  at least 20ms between two commands
  a command expires if it is not written within 1m0s
  down: home/$greenhouse/uno_1-a/set/blink, on or off; on writes "blink=on"
  down: home/$greenhouse/uno_1-a/set/colour, a text of up to 9 bytes; text writes "text", confirmed by a line that matches "^[0-9A-F]{6}$"
  down: home/$greenhouse/uno_1-a/set/led, on or off; on writes "LH"
  down: home/$greenhouse/uno_1-a/set/pwm, a whole number from -1; -1 writes "pwm=-1"
  down: home/$greenhouse/uno_1-a/set/reset, now; now writes "R"
  down: home/$greenhouse/uno_1-a/set/say, a text of up to 58 bytes; text writes "say=text"
device mega: COM3 at 115200 baud, client ID pi-mega
  up:   home/$greenhouse/mega/READING and home/$greenhouse/mega, lines read as auto
        numbers have a decimal comma
        lines of up to 2048 bytes
        values without names are read as temp, humidity`,
		"readings": `gateway ` + hostID() + `: built-in broker on 127.0.0.1:1883, status on devices/gateway/` + hostID() + `/status
dashboard: http://127.0.0.1:8080/
device uno: /dev/ttyACM0 at 115200 baud, client ID ` + hostID() + `-uno
  up:   devices/uno/READING, lines read as auto
        values without names are read as t, h, p, raw, old
        h: published as p, from 0, only when it changes, or after 1m0s
        old: never published
        p: published as h
        raw: never published
        t: published as temperature, in °C, from -40, up to 85, only when it changes by more than 0.2, or after 10m0s, at most once in 1s`,
		"broker-users": `gateway ` + hostID() + `: built-in broker on 0.0.0.0:1884, status on devices/gateway/` + hostID() + `/status
dashboard: http://127.0.0.1:8080/
device uno: /dev/ttyACM0 at 115200 baud, a random client ID
  up:   devices/uno/READING, lines read as auto
device mega: /dev/ttyACM1 at 115200 baud, a random client ID
  up:   devices/mega/READING, lines read as auto`,
	} {
		file := "testdata/valid-" + name + ".yml"
		if got := strings.Join(Explain(valid(t, file, string(read(t, file)))), "\n"); got != want {
			t.Errorf("%s\n got %s\nwant %s", name, got, want)
		}
	}
}

// A command's line has its values, and an example of what is written.
func TestExplain_Command(t *testing.T) {
	for _, c := range []struct {
		command device.Command
		want    string
	}{
		{device.Command{Type: "int"}, `a whole number; 1 writes "x=1"`},
		{device.Command{Type: "int", Min: new(int64(5))}, `a whole number from 5; 5 writes "x=5"`},
		{device.Command{Type: "int", Max: new(int64(9))}, `a whole number up to 9; 1 writes "x=1"`},
		{device.Command{Type: "int", Max: new(int64(-9))}, `a whole number up to -9; -9 writes "x=-9"`},
		{device.Command{Type: "int", Min: new(int64(0)), Max: new(int64(255))}, `a whole number from 0 to 255; 0 writes "x=0"`},
		{device.Command{Type: "text"}, `a text of up to 32 bytes; text writes "x=text"`},
		{device.Command{Type: "text", MaxLength: 2, Write: "{value}!"}, `a text of up to 2 bytes; te writes "te!"`},
		{device.Command{Type: "enum", Values: []string{"a", "b"}}, `a, b; a writes "x=a"`},
		{device.Command{Type: "bool", On: "H"}, `on or off; on writes "x=H"`},
	} {
		c.command.Name = "x"
		if got := commandText(c.command); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// The lines for silence and an automatic baud rate.
func TestExplain_SilenceAndBaud(t *testing.T) {
	const text = "mqtt: {broker: embedded}\ndevices:\n  uno: {port: COM3, silence: 1m, baud: auto}"
	c, problems := Parse("devices.yaml", []byte(text), env)
	for _, want := range []string{
		"  offline after 1m0s without a line; then the port is reopened, then the board reset",
		"device uno: COM3 at an automatic baud rate, client ID " + hostID() + "-uno",
	} {
		if len(problems) > 0 || !slices.Contains(Explain(c), want) {
			t.Errorf("%v\n%s", problems, strings.Join(Explain(c), "\n"))
		}
	}
}

// The topics depend on the payload.
func TestExplain_UpTopics(t *testing.T) {
	for payload, want := range map[string]string{"value": "d/READING", "json": "d", "both": "d/READING and d"} {
		if got := upTopics(payload, "d"); got != want {
			t.Errorf("%s: %s, want %s", payload, got, want)
		}
	}
}
