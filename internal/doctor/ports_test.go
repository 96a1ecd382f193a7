//go:build linux

package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"arduino-gateway/device"
	"arduino-gateway/internal/control"
	"arduino-gateway/internal/portowner"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/portstest"
	"arduino-gateway/internal/status"
)

// machineWith returns a machine with boards: USB-PATH BOARD NODE.
func machineWith(t *testing.T, boards ...string) ports.Machine {
	t.Helper()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "sys/class/tty"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, line := range boards {
		words := strings.Fields(line)
		if err := portstest.Plug(root, words[0], portstest.Boards[words[1]], words[2:]...); err != nil {
			t.Fatal(err)
		}
	}
	return ports.Machine{Root: root}
}

func devicesLines(ports ...string) string {
	text := "mqtt: {broker: mqtt://127.0.0.1}\ndevices:\n"
	for i, port := range ports {
		text += "  " + string(rune('a'+i)) + ": {port: \"" + port + "\"}\n"
	}
	return text
}

// TestPorts_MissingOrAmbiguous has a device for each way in which a port: fails.
func TestPorts_MissingOrAmbiguous(t *testing.T) {
	target := targetWith(t, devicesLines("usb:2341:0043", "usb:1a86:7523", "usb-path:1-9", "usb-path:1-4", "/dev/none", "usb-path:1-5"))
	target.Machine = machineWith(t, "1-1 uno ttyACM0", "1-2 nano-clone ttyUSB0", "1-3 nano-clone ttyUSB1", "1-4 leonardo-bootloader ttyACM1", "1-5 ftdi")
	check(t, target.devices(t.Context(), stopped),
		"ok device a: Arduino Uno",
		"fail device b: matches 2 ports | set port to one of these: usb-path:1-2, usb-path:1-3",
		"fail device c: usb-path:1-9 is not plugged in | gateway ports",
		"warn device d: is in its bootloader",
		"fail device e: /dev/none does not exist | gateway ports",
		"fail device f: FT232R has no port: its driver ftdi_sio created none")
}

// TestPorts_OfNoDevice expects only problems that matter without a device.
func TestPorts_OfNoDevice(t *testing.T) {
	target := targetWith(t, devicesLines("usb:2e8a:000a"))
	target.Machine = machineWith(t, "1-1 uno ttyACM0", "1-2 nano-clone ttyUSB0", "1-3 nano-clone ttyUSB1", "1-4 pico ttyACM1")
	for name, text := range map[string]string{
		"proc/4242/comm":                       "screen\n",
		"proc/812/comm":                        "ModemManager\n",
		"run/lock/LCK..ttyUSB1":                "4242\n",
		"lib/udev/rules.d/90-brltty-dev.rules": "ENV{PRODUCT}==\"1a86/7523/*\", GOTO=\"brltty_usb_run\"\n",
	} {
		if err := portstest.Write(target.Machine.Root, name, text); err != nil {
			t.Fatal(err)
		}
	}
	node := func(name string) string { return filepath.Join(target.Machine.Root, "dev", name) }
	rest := []string{
		"warn port " + node("ttyACM0") + ": ModemManager may mistake it | udevadm control --reload",
		"warn port " + node("ttyUSB0") + ": brltty may mistake it | sudo apt-get remove brltty",
		"warn port " + node("ttyUSB1") + ": brltty may mistake it | sudo apt-get remove brltty",
	}
	check(t, target.devices(t.Context(), stopped), append([]string{"ok device a: Raspberry Pi Pico"}, rest...)...)
	target.Config = nil
	check(t, target.ports(t.Context()), rest...)
	target.Machine = machineWith(t, "1-4 pico ttyACM1")
	check(t, target.ports(t.Context()), "ok ports: 1 serial port")
}

// TestPorts_Shared has two devices with one port under two names.
func TestPorts_Shared(t *testing.T) {
	target := targetWith(t, devicesLines("usb:2341:0043", "usb-path:1-1"))
	target.Machine = machineWith(t, "1-1 uno ttyACM0")
	check(t, target.devices(t.Context(), stopped), "ok device a: Arduino Uno", "ok device b: Arduino Uno",
		"fail device b: is also the port of device a | gateway ports")
}

// TestPorts_HeldByAnotherProgram has a real program open a port that is not in /sys.
func TestPorts_HeldByAnotherProgram(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	port := slave.Name()
	hold := exec.Command("sleep", "60")
	hold.Stdin = slave
	if err := hold.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hold.Process.Kill(); _ = hold.Wait() }()
	target := targetWith(t, devicesLines(port))
	target.Machine = ports.Machine{Root: "/"}
	var own []Finding
	for _, f := range target.devices(t.Context(), stopped) {
		if f.Check == "device a" {
			own = append(own, f)
		}
	}
	check(t, own, "fail device a: "+port+": sleep (pid ")
}

// TestPorts_UnmatchedPatterns has patterns of auto, one of which matches no port.
func TestPorts_UnmatchedPatterns(t *testing.T) {
	target := targetWith(t, "mqtt: {broker: embedded}\ndevices: {auto: [\"usb:1a86:*\", \"usb:dead:*\"]}\n")
	if err := portstest.Plug(target.Machine.Root, "1-1", portstest.Boards["nano-clone"], "ttyUSB0"); err != nil {
		t.Fatal(err)
	}
	check(t, target.devices(t.Context(), stopped), "warn devices auto: no port matches usb:dead:* now | gateway ports")
}

// TestPorts_OnlyTerminals has devices whose port: is something else. Nothing is opened.
func TestPorts_OnlyTerminals(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	dir := t.TempDir()
	file, pipe, board := filepath.Join(dir, "file"), filepath.Join(dir, "pipe"), filepath.Join(dir, "board")
	if err := errors.Join(slave.Close(), os.WriteFile(file, []byte("on"), 0o600), unix.Mkfifo(pipe, 0o600), os.Symlink(slave.Name(), board)); err != nil {
		t.Fatal(err)
	}
	target := targetWith(t, devicesLines(board, "/dev/null", file, dir, pipe))
	target.Machine = ports.Machine{Root: "/"}
	var own []Finding
	for _, f := range target.devices(t.Context(), stopped) {
		if strings.HasPrefix(f.Check, "device ") {
			own = append(own, f)
		}
	}
	check(t, own, "ok device a: "+board, "fail device b: it is a device but not a terminal | gateway ports",
		"fail device c: it is a file, not a serial port | gateway ports", "fail device d: it is a folder, not a serial port | gateway ports", "fail device e: it is not a serial port | gateway ports")
}

// TestPorts_ServersAreNotConnected looks up the hosts of serial servers.
func TestPorts_ServersAreNotConnected(t *testing.T) {
	target := targetWith(t, devicesLines("tcp://127.0.0.1:1", "rfc2217://nohost.invalid:4001", "tcp://[fe80::1%eth0]:4001/"))
	target.Machine = machineWith(t)
	check(t, target.devices(t.Context(), stopped), "ok device a: not tried", "fail device b: no such host | check the spelling", "ok device c: not tried")
}

// TestPorts_WithoutAList runs on a system that cannot list ports.
func TestPorts_WithoutAList(t *testing.T) {
	target := targetWith(t, devicesLines("COM3"))
	check(t, target.devices(t.Context(), stopped), "warn ports: list serial ports | name the port by its path", "ok device a: not checked")
	check(t, target.ports(t.Context()), "warn ports: list serial ports | name the port by its path")
}

// TestPorts_OfTheRunningGateway combines the ports with what a running gateway reports.
func TestPorts_OfTheRunningGateway(t *testing.T) {
	target := Target{Machine: ports.Machine{Root: t.TempDir()}}
	if err := portstest.Write(target.Machine.Root, "proc/442/cgroup", "0::/system.slice/gateway.service\n"); err != nil {
		t.Fatal(err)
	}
	d := device.Device{ID: "a", Port: "/dev/ttyACM0"}
	port := ports.Port{Path: "/dev/ttyACM0", Holder: &portowner.Process{PID: 7, Name: "gateway"}}
	other := port
	other.Holder = &portowner.Process{PID: 8, Name: "gateway"}
	service := port
	service.Holder = &portowner.Process{PID: 442, Name: "gateway"}
	silent := running{err: fmt.Errorf("socket: %w", fs.ErrPermission)}
	taken := port
	taken.Holder = &portowner.Process{PID: 9, Name: "avrdude"}
	taken.Problems = []ports.Problem{{Kind: ports.Held, What: "avrdude (pid 9) has it open"}}
	shared := port
	shared.Problems = []ports.Problem{{Kind: ports.Shared, What: "cat (pid 10) has it open as well"}}
	renamed := taken
	renamed.Holder = &portowner.Process{PID: 7, Name: "gateway-linux-ar"}
	until := time.Date(2026, 1, 2, 3, 6, 5, 0, time.Local)
	reports := func(a status.About) running {
		a.ID = "a"
		return running{status: control.Status{PID: 7, Snapshot: status.Snapshot{
			Gateway: status.Gateway{Broker: status.Broker{Problems: []string{"broker away"}}}, Devices: []status.Device{{About: a}}}}}
	}
	session := func(problem string) status.About {
		return status.About{Online: true, Session: status.Session{Problems: []string{problem}}}
	}
	for _, c := range []struct {
		port    ports.Port
		gateway running
		want    []string
	}{
		{port, reports(status.About{Online: true}), []string{"ok device a: /dev/ttyACM0, serial port; online"}},
		{port, reports(session("broker away")), []string{"ok device a: online"}},
		{port, reports(session("identifier rejected (hint: another)")),
			[]string{"ok device a: online", "fail device a: the gateway reports: identifier rejected | another"}},
		{port, reports(status.About{Online: true, Names: "the board made names (hint: ignore them)"}),
			[]string{"ok device a: online", "warn device a: the gateway reports: the board made names | ignore them"}},
		{port, reports(status.About{Names: "the board made names"}),
			[]string{"ok device a: /dev/ttyACM0", "warn device a: no line is received", "warn device a: made names"}},
		{port, reports(status.About{}), []string{"ok device a: /dev/ttyACM0", "warn device a: no line is received"}},
		{port, reports(status.About{Port: status.Port{Problem: "this looks like 9600 baud (hint: set baud: 9600)"}}),
			[]string{"ok device a: ", "fail device a: the gateway reports: this looks like 9600 baud | set baud: 9600"}},
		{taken, reports(status.About{Port: status.Port{PausedUntil: until}}), []string{"ok device a: paused until 03:06:05"}},
		{taken, reports(status.About{Port: status.Port{Problem: "port held"}}), []string{"fail device a: avrdude (pid 9)"}},
		{shared, reports(status.About{Online: true}), []string{"fail device a: /dev/ttyACM0: cat (pid 10) has it open as well"}},
		{shared, reports(status.About{Port: status.Port{PausedUntil: until}}), []string{"ok device a: paused until 03:06:05"}},
		{renamed, reports(status.About{Online: true}), []string{"ok device a: online"}},
		{other, reports(status.About{}), []string{"fail device a: a gateway with another spool.dir has it open: gateway (pid 8) | stop that gateway, or remove"}},
		{port, stopped, []string{"fail device a: a gateway with another spool.dir has it open: gateway (pid 7) | stop that gateway, or remove"}},
		{service, stopped, []string{"fail device a: another spool.dir has it open: the service gateway.service (pid 442) | systemctl cat gateway.service"}},
		{service, silent, []string{"warn device a: whether it runs this configuration is unknown: the service gateway.service (pid 442) | run doctor as the user"}},
	} {
		check(t, withStatus(target.portFindings(d, c.port, nil, c.gateway), c.gateway, "a"), c.want...)
	}
}

// A device of which nothing is published is not well, though it is online.
func TestUnread_ReportsLinesThatAreNotPublished(t *testing.T) {
	for want, c := range map[string]status.Counts{
		"": {Lines: 1, Refused: 5},
		"nothing is published: 5 lines received, none understood": {Refused: 5},
		"dropped because they are too long: 1 line":               {Lines: 1, Overlong: 1},
	} {
		d := status.Device{About: status.About{ID: "a", Online: true}, Live: status.Live{Counts: c}}
		found := withStatus([]Finding{{"device a", OK, "/dev/ttyACM0", ""}}, running{status: control.Status{Snapshot: status.Snapshot{Devices: []status.Device{d}}}}, "a")[1:]
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].What != want || found[0].Level != Warn) {
			t.Errorf("%+v: found %v, want %q", c, found, want)
		}
	}
}
