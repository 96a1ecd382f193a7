//go:build linux

package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/daemon"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/portstest"
	"arduino-gateway/internal/survey"
	"arduino-gateway/internal/twins"
	"arduino-gateway/simulator"
)

// gateway runs a command, checks its exit code, and returns what it printed.
func (r *rig) gateway(want int, args ...string) (stdout, stderr string) {
	r.t.Helper()
	var out, errs strings.Builder
	s := testShell(&out, &errs, r.env)
	if code := s.run(r.t.Context(), args); code != want {
		r.t.Fatalf("%q: exit code %d, want %d\n%s%s", args, code, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

// talker returns a sketch that prints a line ten times a second.
func (r *rig) talker(name string, rate int, print string) string {
	r.t.Helper()
	file := filepath.Join(r.t.TempDir(), name+".ino")
	if err := writeFile(file, fmt.Sprintf("void setup() { Serial.begin(%d); }\nvoid loop() { %s delay(100); }\n", rate, print)); err != nil {
		r.t.Fatal(err)
	}
	return file
}

// TestInit_WritesAFileThatWorks writes a file for four boards with different rates and
// lines, which the gateway then runs unchanged. Two boards are real firmware, on which
// a wrong rate gives real garbage.
func TestInit_WritesAFileThatWorks(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	root := r.env["GATEWAY_TEST_ROOT"]
	r.env["HOME"] = r.dir
	plug := func(socket, kind, node, port string) {
		if err := portstest.Plug(root, socket, portstest.Boards[kind], node+"="+port); err != nil {
			t.Fatal(err)
		}
	}
	slow := r.uno(r.talker("slow", 9600, `Serial.print(analogRead(A0)); Serial.print(','); Serial.println(analogRead(A1));`))
	plug("1-1.1", "uno", "ttyACM0", slow.Port())
	words := r.uno(r.talker("words", 57600, `Serial.print("Humidity: 40.0 %\tTemperature: "); Serial.print(23.5, 2); Serial.println(" *C");`))
	plug("1-1.2", "mega", "ttyACM1", words.Port())
	objects := simulator.New(t, simulator.Spec{Name: "objects", Every: 100 * time.Millisecond, Line: `{"bme":{"t":21.5,"p":1013.2}}`})
	plug("1-1.3", "nano-clone", "ttyUSB0", objects.Path())
	table := simulator.New(t, simulator.Spec{Name: "table", Every: 100 * time.Millisecond, ResetOnOpen: true, Boot: 300 * time.Millisecond,
		Banner: []string{"weather station v1", "time;wind;rain"}, Line: "{tick};4.5;0.2"})
	plug("1-1.4", "nano-clone", "ttyUSB1", table.Path())
	mute := simulator.New(t, simulator.Spec{Name: "mute", Lines: 1, Every: time.Hour})
	plug("1-2", "leonardo", "ttyACM2", mute.Path())
	plug("1-3", "ftdi", "ttyUSB2", filepath.Join(r.dir, "none"))
	if err := portstest.Write(root, "proc/4242/comm", "screen\n"); err != nil {
		t.Fatal(err)
	}
	if err := portstest.Write(root, "run/lock/LCK..ttyUSB2", "4242\n"); err != nil {
		t.Fatal(err)
	}

	file := filepath.Join(r.dir, "devices.yaml")
	_, errs := r.gateway(exitDone, "init", "-o", file, "-for", "3s", "-broker", r.broker.URL().String())
	for _, want := range []string{
		"ttyUSB2 (FT232R) skipped: ",
		"resets most boards",
		"ttyACM0 (Arduino Uno): 9600 baud, value_1, value_2",
		"ttyACM1 (Arduino Mega 2560): 57600 baud, humidity, temperature",
		"ttyUSB0 (CH340): 115200 baud, bme_t, bme_p",
		"ttyUSB1 (CH340): 115200 baud, time, wind, rain",
		"ttyACM2 (Arduino Leonardo): sent nothing",
	} {
		if !strings.Contains(errs, want) {
			t.Errorf("no %q in\n%s", want, errs)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"columns: [time, wind, rain]", "# columns: [temperature, humidity]", `#   temperature: {unit: "*C"}`, `port: "usb-path:1-1.4"`,
		"#     time;wind;rain\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if out, problems := r.gateway(exitDone, "check", "-c", file); problems != "" || !strings.Contains(out, "device arduino-uno: usb:2341:0043:75630313536351F0B1A1 at 9600 baud") {
		t.Errorf("check prints %s\n%s", out, problems)
	}
	if t.Failed() {
		t.Logf("%s", text)
	}

	r.run(file)
	for topic, value := range map[string]string{
		"arduino-mega-2560/humidity": "40.0", "arduino-mega-2560/temperature": "23.50",
		"ch340/bme_t": "21.5", "ch340/bme_p": "1013.2",
		"ch340-2/wind": "4.5", "ch340-2/rain": "0.2",
		"arduino-leonardo/status": "online",
	} {
		r.await("devices/"+topic, func(got []string) bool { return slices.Contains(got, value) })
	}
	for _, topic := range []string{"arduino-uno/value_1", "arduino-uno/value_2", "ch340-2/time"} {
		r.await("devices/"+topic, some(3))
	}
}

// A board with the library is named by its hello, and its entry is just its port. One
// of them is real firmware at an unusual rate.
func TestInit_NamesBoardsByTheirHello(t *testing.T) {
	r := usbRig(t)
	r.env["HOME"] = r.dir
	sketch := filepath.Join(t.TempDir(), "lamp.ino")
	if err := writeFile(sketch, `#include <SerialGateway.h>
SerialGateway gateway(Serial);
void setLed(bool on) { digitalWrite(13, on); }
void setup() { Serial.begin(9600); gateway.begin(F("lamp")); gateway.reading(F("light")); gateway.on(F("led"), setLed); }
void loop() { gateway.print(F("light"), analogRead(A0)); gateway.wait(200); }
`); err != nil {
		t.Fatal(err)
	}
	lamp := r.uno(sketch, filepath.Join(repository(t), "firmware", "arduino"))
	if err := portstest.Plug(r.env["GATEWAY_TEST_ROOT"], "1-1", portstest.Boards["uno"], "ttyACM0="+lamp.Port()); err != nil {
		t.Fatal(err)
	}
	up := speaking("lamp") // there already, and up: it must be asked
	up.ResetOnOpen = false
	r.socket("1-2", up)
	plain := r.socket("1-3", switchable("plain"))
	file := filepath.Join(r.dir, "devices.yaml")
	_, errs := r.gateway(exitDone, "init", "-o", file, "-for", "2s", "-broker", r.broker.URL().String())
	for _, want := range []string{"9600 baud, says hello as lamp: readings light; commands led", "115200 baud, says hello as lamp: readings led, temperature °C; commands led", "115200 baud, n, led"} {
		if !strings.Contains(errs, want) {
			t.Errorf("no %q in\n%s", want, errs)
		}
	}
	if got := plain.Stats(); got.ReceivedLines+got.Lost != 0 {
		t.Errorf("a board that only prints lines was written to: %+v", got)
	}
	if _, problems := r.gateway(exitDone, "check", "-c", file); problems != "" {
		t.Error(problems)
	}
	r.run(file)
	r.await("devices/lamp/light", some(1))
	r.does("lamp")
	r.does("lamp-2")
	r.await("devices/ch340/n", some(1))
}

// Every suggestion works once its # is removed.
func TestInit_SuggestsValidKeys(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	for i, line := range []string{"511,204,3,4", "temperature: 23.5 °C on: 1", "Größe=4,y=5"} {
		board := simulator.New(t, simulator.Spec{Name: fmt.Sprint("board", i), Every: 50 * time.Millisecond, Line: line})
		r.plug(fmt.Sprint("1-", i+1), "nano-clone", fmt.Sprint("ttyUSB", i), board)
	}
	r.socket("1-9", speaking("tank"))
	text, _ := r.gateway(exitDone, "init", "-n", "-for", "1s", "-broker", r.broker.URL().String())
	var bare []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "    # ") || strings.HasPrefix(line, "  # auto") || strings.HasPrefix(line, "  # username") || strings.HasPrefix(line, "  # password") {
			line = strings.Replace(line, "# ", "", 1)
		}
		bare = append(bare, line)
	}
	c, problems := config.Parse("devices.yaml", []byte(strings.Join(bare, "")), os.Getenv)
	if problems.Err() != nil {
		t.Fatalf("%v in\n%s", problems, strings.Join(bare, ""))
	}
	if unit := c.Devices[1].Readings["temperature"].Unit; unit != "°C" || len(c.Devices[0].Columns) != 4 || len(c.Devices[2].Commands) != 1 || c.MQTT.Username != "pi" || !c.Auto.On || c.Devices[3].ID != "tank" {
		t.Errorf("%+v", c)
	}
}

// Without a board init writes nothing, and points to the demo.
func TestInit_WithoutABoard(t *testing.T) {
	r := usbRig(t)
	_, errs := r.gateway(exitFailed, "init", "-o", filepath.Join(r.dir, "x.yaml"))
	if !strings.Contains(errs, "no serial ports\n") || !strings.Contains(errs, "gateway demo") {
		t.Error(errs)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "x.yaml")); err == nil {
		t.Error("it wrote a file")
	}
}

// Wrong options are reported before a board is opened.
func TestInit_RefusesAWrongBrokerFirst(t *testing.T) {
	r := usbRig(t)
	for broker, want := range map[string]string{"localhost": `hint: write "mqtt://localhost"`, "mqtt://b\nhttp: off": "-broker:", "[a, b": "-broker:"} {
		if _, errs := r.gateway(exitFailed, "init", "-n", "-broker", broker); !strings.Contains(errs, want) || strings.Contains(errs, "no serial ports") {
			t.Errorf("%q: %s", broker, errs)
		}
	}
	for _, length := range []string{"0s", "2h"} {
		r.gateway(exitUsage, "init", "-n", "-for", length)
	}
}

// An existing file is replaced only with -force.
func TestInit_KeepsAnExistingFile(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	board := simulator.New(t, simulator.Spec{Name: "board", Every: 50 * time.Millisecond, Line: "t=1"})
	r.plug("1-1", "uno", "ttyACM0", board)
	file := filepath.Join(r.dir, "devices.yaml")
	if err := writeFile(file, "mine\n"); err != nil {
		t.Fatal(err)
	}
	if _, errs := r.gateway(exitFailed, "init", "-o", file); !strings.Contains(errs, "exists already (hint: -o ") || strings.Contains(errs, "listening") {
		t.Error(errs)
	}
	if err := writeNew(file, "new\n", false); err == nil || !strings.Contains(err.Error(), "exists by now") {
		t.Error(err)
	}
	if out, _ := r.gateway(exitDone, "init", "-o", file, "-n", "-for", "1s", "-broker", "embedded"); !strings.Contains(out, "broker: embedded ") || !strings.Contains(out, "arduino-uno:") {
		t.Error(out)
	}
	if text, _ := os.ReadFile(file); string(text) != "mine\n" {
		t.Errorf("%s", text)
	}
	r.gateway(exitDone, "init", "-o", file, "-force", "-for", "1s", "-broker", "embedded")
	if text, _ := os.ReadFile(file); !strings.Contains(string(text), "arduino-uno:") {
		t.Errorf("%s", text)
	}
	if names, _ := os.ReadDir(r.dir); slices.ContainsFunc(names, func(e os.DirEntry) bool { return strings.Contains(e.Name(), ".new-") }) {
		t.Errorf("left over: %v", names)
	}
}

// The usual broker is used if it answers, else the built-in one.
func TestInit_ChoosesTheBroker(t *testing.T) {
	t.Parallel()
	open := mosquittotest.Start(t)
	strict := mosquittotest.Start(t, "allow_anonymous false", "password_file "+mosquittotest.PasswordFile(t, map[string]string{"pi": "secret"}))
	gone := mosquittotest.Start(t)
	gone.Stop()
	web := httptest.NewServer(nil)
	defer web.Close()
	other := "mqtt://" + web.Listener.Addr().String()
	for _, c := range []struct {
		name, wanted, usual string
		want                survey.File
		listens             bool // elsewhere than usual
	}{
		{"one answers", "", open.URL().String(), survey.File{Broker: open.URL().String()}, false},
		{"it wants a user", "", strict.URL().String(), survey.File{Broker: strict.URL().String(), Secured: true}, false},
		{"there is none", "", gone.URL().String(), survey.File{Broker: "embedded"}, false},
		{"something else is there", "", other, survey.File{Broker: "embedded"}, true},
		{"wanted", open.URL().String(), other, survey.File{Broker: open.URL().String()}, false},
		{"wanted, and away", gone.URL().String(), open.URL().String(), survey.File{Broker: gone.URL().String()}, false},
		{"wanted built in", "embedded", open.URL().String(), survey.File{Broker: "embedded"}, false},
	} {
		var got survey.File
		var errs strings.Builder
		(&shell{stderr: &errs}).chooseBroker(t.Context(), c.wanted, c.usual, &got)
		if listens := got.Listen != ""; listens != c.listens {
			t.Errorf("%s: listens on %q", c.name, got.Listen)
		}
		got.Listen = ""
		if !reflect.DeepEqual(got, c.want) || (errs.String() != "") != (c.name == "wanted, and away") {
			t.Errorf("%s: %+v, %s", c.name, got, errs.String())
		}
	}
}

// A device ID that the broker knows from another gateway is not handed out. One of this
// machine's own gateway is: init may be run again.
func TestInit_AvoidsIDsOfOtherGateways(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	board := simulator.New(t, simulator.Spec{Name: "board", Every: 100 * time.Millisecond, Line: "n=1"})
	if err := portstest.Plug(r.env["GATEWAY_TEST_ROOT"], "1-1", portstest.Boards["uno"], "ttyACM0="+board.Path()); err != nil {
		t.Fatal(err)
	}
	retain := func(topic, payload string) {
		pub := exec.CommandContext(testContext(t), "mosquitto_pub", "-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port), "-q", "1", "-r", "-t", topic, "-m", payload)
		if out, err := pub.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	propose := func() string {
		out, _ := r.gateway(exitDone, "init", "-n", "-for", "1s", "-broker", r.broker.URL().String())
		return out
	}
	retain("devices/arduino-uno/status", "offline")
	if out := propose(); !strings.Contains(out, "  arduino-uno-2:") {
		t.Error(out)
	}
	host, _ := os.Hostname()
	own := twins.Identity{ID: "pi", Host: host, Machine: daemon.MachineID(r.env["GATEWAY_TEST_ROOT"]), Instance: "a", Devices: []string{"arduino-uno"}}
	retain("devices/gateway/pi/info", string(own.Payload()))
	if out := propose(); !strings.Contains(out, "  arduino-uno:") {
		t.Error(out)
	}
}
