//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/portstest"
	"arduino-gateway/internal/protocol"
	"arduino-gateway/simulator"
	"arduino-gateway/simulator/avr"
)

// TestDetect_BoardWithAHello plugs the library's example into a gateway without
// devices: its topics appear, and its commands run.
func TestDetect_BoardWithAHello(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	library := filepath.Join(repository(t), "firmware", "arduino")
	uno := r.uno(filepath.Join(library, "examples", "Greenhouse", "Greenhouse.ino"), library)
	r.start("  auto\n")
	r.plugUno("1-1.2", "uno", "ttyACM0", uno)

	r.await("devices/greenhouse/status", ending("online"))
	r.await("devices/greenhouse/temperature", some(2))
	r.await("devices/greenhouse/light", some(1))
	r.publish("devices/greenhouse/set/led", "on")
	r.waitPin(uno, "D13", avr.High)
	result := r.await("devices/greenhouse/result/led", some(1))[0]
	if !strings.HasPrefix(result, `{"status":"done","value":"on","line":"led=on","took_ms":`) {
		t.Errorf("result %s", result)
	}
}

func (r *rig) plugUno(socket, kind, node string, uno *avr.Uno) {
	r.t.Helper()
	if err := portstest.Plug(r.env["GATEWAY_TEST_ROOT"], socket, portstest.Boards[kind], node+"="+uno.Port()); err != nil {
		r.t.Fatal(err)
	}
}

// speaking returns a board with the library.
func speaking(id string) simulator.Spec {
	return simulator.Spec{Hello: id, ResetOnOpen: true, Boot: 50 * time.Millisecond, Every: 50 * time.Millisecond,
		Signals:  []simulator.Signal{{Name: "temperature", Value: 21.5, Decimals: 1, Unit: "°C"}},
		State:    []simulator.Variable{{Name: "led", Value: "off"}},
		Commands: []simulator.Command{{On: "led={value}", Takes: "bool", Set: "led"}}}
}

// socket plugs a clone without a serial number into a socket.
func (r *rig) socket(socket string, spec simulator.Spec) *simulator.Board {
	r.t.Helper()
	board := simulator.New(r.t, spec)
	r.plug(socket, "nano-clone", "ttyUSB"+socket[len("1-"):], board)
	return board
}

// forget removes the device of a detected board. It checks that this fails while the
// board is plugged in or paused.
func (r *rig) forget(id, socket string, board *simulator.Board) {
	r.t.Helper()
	file := filepath.Join(r.dir, "devices.yaml")
	if _, text := r.gateway(exitFailed, "forget", "-c", file, id); !strings.Contains(text, "unplug it first") {
		r.t.Errorf("forget a board that is there: %s", text)
	}
	r.unplug(socket, board)
	r.await("devices/"+id+"/status", ending("offline"))
	r.gateway(exitDone, "forget", "-c", file, id)
	r.await("devices/"+id+"/status", ending(""))
}

// does sends a command, and waits until the board has confirmed it.
func (r *rig) does(id string) {
	r.t.Helper()
	topic := "devices/" + id + "/result/led"
	before := r.heard.count(topic)
	r.publish("devices/"+id+"/set/led", "on")
	if got := r.await(topic, some(before+1))[before]; !strings.HasPrefix(got, `{"status":"done"`) {
		r.t.Errorf("%s: %s", id, got)
	}
}

// A detected board is the same device in any socket, and after a restart of the
// gateway.
func TestDetect_BoardMovesToAnotherSocket(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	r.mqtt = ", payload: both"
	stop := r.start("  auto\n")
	for _, socket := range []string{"1-1", "1-2", "1-1"} {
		board := r.socket(socket, speaking("greenhouse"))
		r.await("devices/greenhouse/status", ending("online"))
		r.does("greenhouse")
		r.unplug(socket, board)
		r.await("devices/greenhouse/status", ending("offline"))
	}
	if seqs := r.heard.seqs(t, "devices/greenhouse"); !slices.IsSorted(seqs) || seqs[0] != 1 {
		t.Errorf("numbers of the lines: %v", seqs)
	}
	stop()
	r.start("  auto\n")
	r.log.Await(t, "detected boards restored", "boards=1")
	r.log.Await(t, "gateway started", "devices=1")
	r.socket("1-3", speaking("greenhouse"))
	r.await("devices/greenhouse/status", ending("online"))
	r.does("greenhouse")
}

// Lines that a board printed before it was identified are published too.
func TestDetect_PublishesEarlierLines(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	r.mqtt = ", payload: json"
	talking := speaking("greenhouse")
	talking.ResetOnOpen, talking.Every = false, 500*time.Millisecond // it is asked in the midst of its readings
	r.socket("1-1", talking)
	r.start("  auto\n")
	payload := r.await("devices/greenhouse", some(1))[0]
	var line struct{ Time time.Time }
	if err := json.Unmarshal([]byte(payload), &line); err != nil {
		t.Fatal(err)
	}
	known, err := os.Stat(filepath.Join(r.dir, "state", "boards.json"))
	if err != nil {
		t.Fatal(err)
	}
	if line.Time.After(known.ModTime().Add(100 * time.Millisecond)) { // the clock of files may lag
		t.Errorf("the first line published is of %v, the board was known at %v", line.Time, known.ModTime())
	}
}

// seqs returns the sequence numbers of a device's lines.
func (l *listener) seqs(t *testing.T, topic string) (seqs []int) {
	t.Helper()
	for _, payload := range l.on(topic) {
		var line struct{ Seq int }
		if err := json.Unmarshal([]byte(payload), &line); err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, line.Seq)
	}
	return seqs
}

// A second board with the same ID is refused, and the first is not affected.
func TestDetect_RefusesADuplicateID(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	r.start("  auto\n")
	r.socket("1-1", speaking("greenhouse"))
	r.await("devices/greenhouse/temperature", some(3))
	r.await("devices/greenhouse/status", ending("online")) // its port is open, not only its first lines published
	second := r.socket("1-2", speaking("greenhouse"))
	r.log.Await(t, "detected board cannot be a device port=usb-path:1-2 id=greenhouse", "another board with this ID is at usb-path:1-1")
	if err := second.WaitClosed(testContext(t)); err != nil {
		t.Error(err)
	}
	r.does("greenhouse")
	if second.Stats().Opens != 1 {
		t.Errorf("the second was opened %d times", second.Stats().Opens)
	}
}

// A different board in the socket becomes its own device, and one that only prints
// lines becomes none.
func TestDetect_DifferentBoardInTheSocket(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	r.start("  auto\n")
	board := r.socket("1-1", speaking("greenhouse"))
	r.await("devices/greenhouse/temperature", some(3))
	r.unplug("1-1", board)
	board = r.socket("1-1", speaking("tank"))
	r.await("devices/greenhouse/status", ending("")) // cleared
	r.await("devices/tank/temperature", some(3))
	r.does("tank")
	r.unplug("1-1", board)
	r.await("devices/tank/status", ending("offline"))
	plain := r.socket("1-1", switchable("plain"))
	r.log.Await(t, "tank: line dropped", "no checksum, and the board's other lines have one")
	r.publish("devices/tank/set/led", "on")
	r.gateway(exitDone, "pause", "-c", filepath.Join(r.dir, "devices.yaml"), "tank")
	r.await("devices/tank/result/led", func(got []string) bool { return strings.HasPrefix(got[len(got)-1], `{"status":"expired"`) })
	if n, got := r.heard.count("devices/tank/n"), plain.Stats(); n > 0 || got.ReceivedLines+got.Lost > 0 {
		t.Errorf("%d of its readings were published as the other board's, or it got commands for that one: %+v", n, got)
	}
	if got := r.heard.on("devices/tank/status"); got[len(got)-1] != "offline" {
		t.Errorf("status %q", got)
	}
}

// While a different board is in the socket of the first, a second board with the first
// one's ID is refused. It is accepted once the mismatch shows.
func TestDetect_DuplicateReplacesAMovedBoard(t *testing.T) {
	r := usbRig(t)
	r.start("  auto\n")
	board := r.socket("1-1", speaking("greenhouse"))
	r.await("devices/greenhouse/temperature", some(3))
	r.unplug("1-1", board)
	r.await("devices/greenhouse/status", ending("offline"))
	silent := simulator.New(t, simulator.Spec{Name: "tank", Every: time.Hour})
	r.plug("1-1", "nano-clone", "ttyUSB1", silent)
	if err := silent.WaitOpen(testContext(t)); err != nil {
		t.Fatal(err)
	}
	moved := r.socket("1-2", speaking("greenhouse"))
	r.log.Await(t, "detected board cannot be a device port=usb-path:1-2 id=greenhouse", "another board with this ID is at usb-path:1-1")
	hello := "!hello tank protocol=1 library=0.2.0 parts=0"
	silent.Println("the end of some line")
	silent.Println(fmt.Sprintf("%s ~%04X", hello, protocol.Sum([]byte(hello))))
	r.await("devices/greenhouse/status", ending("online"))
	r.does("greenhouse")
	if got := moved.Stats().CommandsRun; got != 1 {
		t.Errorf("the command ran %d times", got)
	}
}

// A paused board that is plugged in elsewhere, for example for an upload, is detected
// there.
func TestDetect_PausedBoardMoves(t *testing.T) {
	r := usbRig(t)
	r.start("  auto\n")
	board := r.socket("1-1", speaking("greenhouse"))
	r.await("devices/greenhouse/status", ending("online"))
	file := filepath.Join(r.dir, "devices.yaml")
	if text, _ := r.gateway(exitDone, "pause", "-c", file, "greenhouse"); !strings.HasSuffix(text, "/dev/ttyUSB1 is free\n") {
		t.Errorf("pause prints %q", text)
	}
	if _, text := r.gateway(exitFailed, "forget", "-c", file, "greenhouse"); !strings.Contains(text, "it is paused") {
		t.Errorf("forget a board that is paused: %s", text)
	}
	second := r.socket("1-2", speaking("greenhouse"))
	r.log.Await(t, "detected board cannot be a device port=usb-path:1-2 id=greenhouse", "another board with this ID is at usb-path:1-1")
	r.unplug("1-2", second)
	r.unplug("1-1", board)
	r.socket("1-3", speaking("greenhouse"))
	r.log.Await(t, "greenhouse: device changed", "keys=port")
	r.gateway(exitDone, "resume", "-c", file, "greenhouse")
	r.await("devices/greenhouse/status", ending("online"))
	r.does("greenhouse")
}

// An entry for a port in devices.yaml wins over the hello of the board there. The port
// of a paused device is not opened.
func TestDetect_DevicesYAMLOverrules(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	r.start("  auto: true\n  mine: {port: \"usb-path:1-1\"}\n")
	board := r.socket("1-1", speaking("greenhouse"))
	r.await("devices/mine/status", ending("online"))
	r.does("mine")
	r.socket("1-2", speaking("tank"))
	r.await("devices/tank/status", ending("online"))
	r.configure("  auto: true\n  mine: {port: \"usb-path:1-1\"}\n  pond: {port: " + filepath.Join(r.env["GATEWAY_TEST_ROOT"], "dev/ttyUSB2") + "}\n")
	r.await("devices/pond/status", ending("online"))
	r.await("devices/tank/status", ending(""))
	r.does("pond")
	opens := board.Stats().Opens
	r.gateway(exitDone, "pause", "-c", filepath.Join(r.dir, "devices.yaml"), "mine")
	r.await("devices/mine/status", ending("offline"))
	r.socket("1-3", speaking("shed")) // the detector looks for ports again
	r.await("devices/shed/status", ending("online"))
	if got := board.Stats().Opens; got != opens {
		t.Errorf("a paused device's port was opened %d times", got-opens)
	}
	if r.heard.count("devices/greenhouse/status") > 0 {
		t.Error("the board is a second device")
	}
	plain := r.socket("1-4", switchable("plain"))
	if err := plain.WaitOpen(testContext(t)); err != nil { // it is listened to
		t.Fatal(err)
	}
	r.configure("  auto: true\n  mine: {port: \"usb-path:1-1\"}\n  attic: {port: \"usb-path:1-4\"}\n")
	r.await("devices/attic/n", some(1))
	if n := r.log.Count("taken by another device"); n > 0 {
		t.Errorf("the port of attic was taken %d times", n)
	}
}

// Only when the board is plugged in does it show that its socket is the port of a
// device in devices.yaml.
func TestDetect_DevicesYAMLOverrulesWhenTheBoardIsBack(t *testing.T) {
	r := usbRig(t)
	stop := r.start("  auto\n")
	board := r.socket("1-1", speaking("greenhouse"))
	r.await("devices/greenhouse/status", ending("online"))
	stop()
	r.unplug("1-1", board)
	r.start("  auto: true\n  mine: {port: " + filepath.Join(r.env["GATEWAY_TEST_ROOT"], "dev/ttyUSB1") + "}\n")
	r.log.Await(t, "detected boards restored", "boards=1")
	r.socket("1-1", speaking("greenhouse"))
	r.await("devices/greenhouse/status", ending(""))
	r.await("devices/mine/temperature", some(1))
	r.does("mine")
}

// A board that is gone for good can be forgotten, and auto can be turned off.
func TestDetect_ForgetAndTurnOff(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	r.start("  auto\n")
	board := r.socket("1-1", speaking("greenhouse"))
	r.socket("1-2", speaking("tank"))
	r.await("devices/greenhouse/status", ending("online"))
	r.await("devices/tank/status", ending("online"))
	r.forget("greenhouse", "1-1", board)
	r.configure("  attic: {port: /dev/nowhere}\n")
	r.await("devices/tank/status", ending(""))
	r.configure("  auto\n")
	r.await("devices/tank/status", ending("online"))
	if slices.Contains(r.heard.on("devices/greenhouse/status")[3:], "online") {
		t.Error("a forgotten board is back")
	}
}

// anySketch returns a board that prints lines, the first of them some time after its
// reset. No second one comes before a slow machine has noticed that the port is open.
func anySketch(name string) simulator.Spec {
	return simulator.Spec{Name: name, ResetOnOpen: true, Boot: 1200 * time.Millisecond, Banner: []string{"first=1,ready=yes"},
		Every: 500 * time.Millisecond, Line: "temperature=23.5,n={tick}"}
}

// TestDetect_AnySketch plugs boards into a gateway without devices: one from the
// Arduino IDE's examples, one without a serial number, one with, one with the library,
// and one that is not on USB.
func TestDetect_AnySketch(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	r.mqtt = ", payload: both"
	examples, err := avr.Examples(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	analog := r.uno(filepath.Join(examples, "01.Basics", "AnalogReadSerial", "AnalogReadSerial.ino")) // at 9600 baud
	auto := fmt.Sprintf("  auto: {any: true, ports: [\"usb*\", %q]}\n", filepath.Join(r.dir, "virtual*"))
	stop := r.start(auto)
	r.plugUno("1-1", "mega", "ttyACM0", analog)
	clone := r.socket("1-2", anySketch("clone"))
	uno := simulator.New(t, anySketch("uno"))
	r.plug("1-3", "uno", "ttyACM1", uno)
	r.socket("1-4", speaking("tank"))
	virtual := anySketch("virtual")
	virtual.Link = filepath.Join(r.dir, "virtual")
	simulator.New(t, virtual)

	for _, id := range []string{"ch340", "arduino-uno", "serial-port"} {
		if first := r.await("devices/"+id, some(1))[0]; !strings.HasPrefix(first, `{"first":1,"ready":"yes","time":`) || !strings.HasSuffix(first, `"seq":1}`) {
			t.Errorf("the first line of %s is %s", id, first)
		}
		r.await("devices/"+id+"/status", ending("online"))
	}
	r.await("devices/arduino-mega-2560/value", some(1))
	r.does("tank")
	if got := clone.Stats(); got.ReceivedLines+got.Lost > 0 {
		t.Errorf("a board that only prints lines was written to: %+v", got)
	}

	stop()
	r.unplug("1-3", uno)
	r.start(auto)
	r.log.Await(t, "gateway started", "devices=5")
	r.await("devices/ch340/status", ending("online"))
	r.await("devices/arduino-uno/status", ending("offline"))
	r.plug("1-5", "uno", "ttyACM2", simulator.New(t, anySketch("moved"))) // its serial number tells
	r.await("devices/arduino-uno/status", ending("online"))
	r.unplug("1-2", clone)
	r.await("devices/ch340/status", ending("offline"))
	clone = r.socket("1-2", speaking("greenhouse")) // with an entry it could not be identified either
	r.log.Await(t, "ch340: the board described itself", "board=greenhouse")
	r.does("ch340")

	r.forget("ch340", "1-2", clone)
	r.configure(auto + "  mine: {port: \"usb-path:1-1\", baud: 9600}\n")
	r.await("devices/mine/value", some(1))
	r.await("devices/arduino-mega-2560/status", ending(""))
	r.configure("  auto\n")
	r.await("devices/arduino-uno/status", ending(""))
	r.does("tank")
}
