//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/portstest"
	"arduino-gateway/simulator"
)

// usbRig returns a rig with a machine of its own, into which boards are plugged.
func usbRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	root := filepath.Join(r.dir, "machine")
	for _, folder := range []string{"sys/class/tty", "dev"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.env = map[string]string{"GATEWAY_TEST_ROOT": root}
	return r
}

func (r *rig) plug(socket, kind, node string, board *simulator.Board) {
	r.t.Helper()
	if err := portstest.Plug(r.env["GATEWAY_TEST_ROOT"], socket, portstest.Boards[kind], node+"="+board.Path()); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) unplug(socket string, board *simulator.Board) {
	r.t.Helper()
	if err := portstest.Unplug(r.env["GATEWAY_TEST_ROOT"], socket); err != nil {
		r.t.Fatal(err)
	}
	board.Unplug()
}

func switchable(name string) simulator.Spec {
	return simulator.Spec{Name: name, ResetOnOpen: true, Boot: 500 * time.Millisecond, Every: 50 * time.Millisecond, Line: "n={tick},led={led}",
		State:    []simulator.Variable{{Name: "led", Value: "off"}},
		Commands: []simulator.Command{{On: "led={value}", Set: "led"}}}
}

// A board is recognized by its USB identity, not by the name of its node, and no
// command is lost in its bootloader.
func TestPorts_USBIdentity(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	uno := simulator.New(t, switchable("uno"))
	r.plug("1-1.2", "uno", "ttyACM0", uno)
	r.start("  greenhouse: {port: \"usb:2341:0043:75630313536351F0B1A1\", commands: {led: {type: bool}}}\n")
	for i, next := range []struct{ socket, node string }{{"1-1.2", "ttyACM1"}, {"1-4", "ttyACM0"}, {"", ""}} {
		r.await("devices/greenhouse/status", ending("online"))
		r.publish("devices/greenhouse/set/led", "on")
		r.await("devices/greenhouse/result/led", some(i+1))
		r.await("devices/greenhouse/led", ending("on"))
		if next.socket == "" {
			break
		}
		socket := []string{"1-1.2", "1-1.2"}[i]
		r.unplug(socket, uno)
		r.await("devices/greenhouse/status", ending("offline"))
		uno = simulator.New(t, switchable(fmt.Sprint("uno", i)))
		r.plug(next.socket, "uno", next.node, uno)
	}
}

// Two clones of one kind are not guessed at, and no port is used twice.
func TestPorts_AmbiguousClones(t *testing.T) {
	t.Parallel()
	r := usbRig(t)
	for i, socket := range []string{"1-1.1", "1-1.2"} {
		r.plug(socket, "nano-clone", fmt.Sprint("ttyUSB", i), simulator.New(t, switchable(fmt.Sprint("nano", i))))
	}
	first := filepath.Join(r.env["GATEWAY_TEST_ROOT"], "dev/ttyUSB0")
	r.start(fmt.Sprintf("  some: {port: \"usb:1a86:7523\"}\n  one: {port: %q}\n  same: {port: \"usb-path:1-1.1\"}\n  other: {port: \"usb-path:1-1.2\"}\n", first))
	r.await("devices/other/n", some(3))
	r.log.Await(t, "some: port ambiguous", "usb:1a86:7523 matches 2 ports", "usb-path:1-1.1, usb-path:1-1.2")
	r.log.Await(t, "port taken by another device", "the port of device", "gateway ports lists them")
	if one, same := r.heard.count("devices/one/n"), r.heard.count("devices/same/n"); one > 0 && same > 0 {
		t.Errorf("two devices read one port: %d and %d lines", one, same)
	}
}

// An upload has the board to itself, even if another device of devices.yaml matches it.
func TestPause_KeepsThePortFromOthers(t *testing.T) {
	const own, fits = "  greenhouse: {port: \"usb:2341:0043:75630313536351F0B1A1\", baud: %d}\n", "  any: {port: \"usb:2341:0043\"}\n"
	r := usbRig(t)
	uno := simulator.New(t, switchable("uno"))
	r.plug("1-1", "uno", "ttyACM0", uno)
	r.start(fmt.Sprintf(own, 115200))
	r.await("devices/greenhouse/n", some(1))
	r.configure(fmt.Sprintf(own, 115200) + fits)
	r.log.Await(t, "any: port taken by another device")
	file := filepath.Join(r.dir, "devices.yaml")
	r.gateway(exitDone, "pause", "-c", file, "greenhouse")
	r.configure(fmt.Sprintf(own, 9600) + fits)
	r.log.Await(t, "greenhouse: device changed")
	r.unplug("1-1", uno)
	uno = simulator.New(t, switchable("uno-again"))
	r.plug("1-1", "uno", "ttyACM1", uno)
	r.plug("1-2", "nano-clone", "ttyUSB0", simulator.New(t, switchable("nano")))
	r.configure(fmt.Sprintf(own, 9600) + fits + "  nano: {port: \"usb:1a86:7523\"}\n")
	r.await("devices/nano/status", ending("online")) // by now the other one was woken, too
	if n := uno.Stats().Opens; n != 0 {
		t.Errorf("a paused device's board was opened %d times", n)
	}
	r.gateway(exitDone, "resume", "-c", file, "greenhouse")
	r.await("devices/greenhouse/status", ending("online"))
	r.gateway(exitDone, "pause", "-c", file, "greenhouse")
	r.configure(fits)
	r.await("devices/any/status", ending("online")) // a pause ends with its device
}

// With reset_on_open: false a restart of the gateway does not reset the board: DTR
// stays up when the port is closed.
func TestPorts_ResetOnOpenOff(t *testing.T) {
	t.Parallel()
	for key, hangUp := range map[string]bool{"": true, ", reset_on_open: true": true, ", reset_on_open: false": false} {
		r := usbRig(t)
		board := simulator.New(t, switchable("board"))
		setHangUp(t, board.Path()) // as a new serial port has it
		r.plug("1-1", "nano-clone", "ttyUSB0", board)
		stop := r.start("  nano: {port: \"usb:1a86:7523\"" + key + "}\n")
		r.await("devices/nano/status", ending("online"))
		stop()
		if got := hangsUp(t, board.Path()); got != hangUp {
			t.Errorf("%q: HUPCL is %v", key, got)
		}
	}
}

// hangsUp reports whether the last close of a port lowers DTR.
func hangsUp(t *testing.T, port string) (on bool) {
	t.Helper()
	onTerminal(t, port, func(_ int, mode *unix.Termios) error {
		on = mode.Cflag&unix.HUPCL != 0
		return nil
	})
	return on
}

// setHangUp makes the last close of a port lower DTR.
func setHangUp(t *testing.T, port string) {
	t.Helper()
	onTerminal(t, port, func(fd int, mode *unix.Termios) error {
		mode.Cflag |= unix.HUPCL
		return unix.IoctlSetTermios(fd, unix.TCSETS, mode)
	})
}

// onTerminal does something with an open port and its settings.
func onTerminal(t *testing.T, port string, do func(fd int, mode *unix.Termios) error) {
	t.Helper()
	file, err := os.OpenFile(port, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	mode, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	if err == nil {
		err = do(int(file.Fd()), mode)
	}
	if err != nil {
		t.Fatal(err)
	}
}
