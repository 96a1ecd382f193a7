package ports

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"arduino-gateway/internal/portstest"
)

// plugWith plugs in a board without ports, with this driver.
func (f fake) plugWith(usbPath, board, driver string) {
	f.t.Helper()
	b := portstest.Boards[board]
	b.Driver = driver
	must(f.t, portstest.Plug(f.Root, usbPath, b))
}

func (f fake) wantProblem(node string, want ...Problem) {
	f.t.Helper()
	got := f.port(node).Problems
	for i := range got {
		got[i].What, got[i].Fix = f.short(got[i].What), f.short(got[i].Fix)
	}
	if !slices.Equal(got, want) {
		f.t.Errorf("%s:\n got %+v\nwant %+v", node, got, want)
	}
}

// TestProblems_None lists ports without any problem.
func TestProblems_None(t *testing.T) {
	f := household(t)
	for _, p := range f.list() {
		if len(p.Problems) > 0 && !p.Chip.Bootloader && p.node != "rfcomm0" {
			t.Errorf("%s: %+v", p.Path, p.Problems)
		}
	}
}

// TestProblems_ModemManager plugs in boards that it would and would not probe.
func TestProblems_ModemManager(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	f.plug("1-2", "pico", "ttyACM1")       // claims not to understand modem commands
	f.plug("1-3", "nano-clone", "ttyUSB0") // not even of the class
	f.wantProblem("ttyACM0")
	f.write("proc/812/comm", "ModemManager\n")
	f.wantProblem("ttyACM0", Problem{Kind: ModemManager,
		What: "ModemManager may mistake it for a modem and write to it when it is plugged in; replug it after this",
		Fix: `echo 'ATTRS{idVendor}=="2341", ATTRS{idProduct}=="0043", ENV{ID_MM_DEVICE_IGNORE}="1"'` +
			` | sudo tee /etc/udev/rules.d/60-gateway-2341-0043.rules && sudo udevadm control --reload`})
	f.wantProblem("ttyACM1")
	f.wantProblem("ttyUSB0")
	f.write("run/udev/data/c189:4", "I:1\nE:ID_MM_DEVICE_IGNORE=1\nG:systemd\n") // of the USB device
	f.wantProblem("ttyACM0")
}

// TestProblems_Brltty has udev rules of brltty, some of them disabled.
func TestProblems_Brltty(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "nano-clone", "ttyUSB0")
	f.plug("1-2", "ftdi", "ttyUSB1")
	f.plug("1-3", "cp2102", "ttyUSB2")
	f.write("usr/lib/udev/rules.d/85-brltty.rules", `# Device: 1A86:7523
ENV{PRODUCT}=="1a86/7523/*", ATTRS{manufacturer}=="", ENV{BRLTTY_BRAILLE_DRIVER}="bm", GOTO="brltty_usb_run"
ENV{PRODUCT}=="403/6001/*", ENV{BRLTTY_BRAILLE_DRIVER}="at", GOTO="brltty_usb_run"
# ENV{PRODUCT}=="10c4/ea60/*", ENV{BRLTTY_BRAILLE_DRIVER}="sk", GOTO="brltty_usb_run"
`)
	want := Problem{Kind: Brltty, Fix: "sudo apt-get remove brltty",
		What: "brltty may mistake it for a braille display and take its port; if you use a braille display, edit brltty's udev rules instead"}
	f.wantProblem("ttyUSB0", want)
	f.wantProblem("ttyUSB1", want)
	f.wantProblem("ttyUSB2")
}

// TestProblems_BoardWithoutPort expects why a board has no port.
func TestProblems_BoardWithoutPort(t *testing.T) {
	for _, c := range []struct {
		board, driver string
		want          Problem
	}{
		{"nano-clone", "usbfs", Problem{Kind: Brltty, What: "CH340 has no port: brltty took it for a braille display", Fix: "sudo apt-get remove brltty"}},
		{"nano-clone", "", Problem{Kind: NoPort, What: "CH340 has no port: its driver is not loaded", Fix: "sudo modprobe ch341"}},
		{"uno", "", Problem{Kind: NoPort, What: "Arduino Uno has no port: its driver is not loaded", Fix: "sudo modprobe cdc_acm"}},
		{"ftdi", "ftdi_sio", Problem{Kind: NoPort, What: "FT232R has no port: its driver ftdi_sio created none; replug it"}},
		{"pico", "usbhid", Problem{Kind: NoPort, What: "Raspberry Pi Pico has no port: its sketch provides no USB serial, or it is still starting"}},
		{"leonardo-bootloader", "", Problem{Kind: InBootloader,
			What: "Arduino Leonardo is in its bootloader and runs no sketch: wait, press reset, or upload a sketch"}},
	} {
		f := newFake(t)
		f.plugWith("1-1", c.board, c.driver)
		all := f.list()
		if len(all) != 1 || all[0].Path != "" || all[0].Value != "" || all[0].USBPath != "1-1" || !slices.Equal(all[0].Problems, []Problem{c.want}) {
			t.Errorf("%s with driver %q: %+v", c.board, c.driver, all)
		}
	}
}

// TestProblems_NoNode removes a port's node, as in a container.
func TestProblems_NoNode(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	must(t, os.Remove(f.path("dev/ttyACM0")))
	f.wantProblem("ttyACM0", Problem{Kind: NoNode, What: "/dev/ttyACM0 does not exist, although the kernel has the port: was this container started without its devices?"})
}

// TestProblems_KernelConsole puts the console on a UART, also on a Raspberry Pi.
func TestProblems_KernelConsole(t *testing.T) {
	f := household(t)
	f.write("sys/class/tty/console/active", "tty0 ttyAMA0\n")
	f.wantProblem("ttyAMA0", Problem{Kind: KernelConsole,
		What: "the kernel's console writes to it: remove console=ttyAMA0 from the kernel's command line and reboot"})
	f.write("usr/bin/raspi-config", "")
	f.wantProblem("ttyAMA0", Problem{Kind: KernelConsole,
		What: "the kernel's console writes to it; reboot after this", Fix: "sudo raspi-config nonint do_serial_cons 1"})
}

// TestProblems_Holders has other programs, and the gateway, open ports.
func TestProblems_Holders(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // holders cannot be seen there
	}
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	f.plug("1-2", "pico", "ttyACM1")
	f.write("proc/4242/comm", "screen\n")
	f.write("proc/812/comm", "gateway\n")
	f.write("run/lock/LCK..ttyACM0", "4242\n")
	f.write("run/lock/LCK..ttyACM1", "812\n")
	f.wantProblem("ttyACM0", Problem{Kind: Held, What: "screen (pid 4242) has it open, and only one program can read a port"})
	f.wantProblem("ttyACM1") // our own daemon
	f.write("proc/4343/comm", "cat\n")
	must(t, os.MkdirAll(filepath.Join(f.Root, "proc/4343/fd"), 0o755))
	must(t, os.Symlink(filepath.Join(f.Root, "dev/ttyACM1"), filepath.Join(f.Root, "proc/4343/fd/3")))
	f.wantProblem("ttyACM1", Problem{Kind: Shared, What: "cat (pid 4343) has it open as well, so each program gets only part of the lines"})
	if p := f.port("ttyACM1"); p.Holder == nil || p.Holder.String() != "gateway (pid 812)" {
		t.Errorf("%+v", p)
	}
}

// TestProblems_Refusal expects the fix for each owner of a node.
func TestProblems_Refusal(t *testing.T) {
	pi := asker{name: "pi", groups: []string{"pi", "video"}}
	for _, c := range []struct {
		node ownership
		user asker
		want Problem
	}{
		{ownership{"dialout", true}, pi, Problem{NoPermission,
			"no permission: it belongs to group dialout and pi is not a member; after this, log in again", "sudo usermod -aG dialout pi"}},
		{ownership{"uucp", true}, pi, Problem{NoPermission,
			"no permission: it belongs to group uucp and pi is not a member; after this, log in again", "sudo usermod -aG uucp pi"}},
		{ownership{"video", true}, pi, Problem{NoPermission,
			"no permission yet: pi joined group video after this login; log in again, or run this in the shell", "newgrp video"}},
		{ownership{"root", true}, pi, Problem{NoPermission,
			"no permission: no group may use it", "sudo chown root:dialout /dev/ttyS0 && sudo chmod 660 /dev/ttyS0"}},
		{ownership{"dialout", false}, pi, Problem{NoPermission,
			"no permission: no group may use it", "sudo chown root:dialout /dev/ttyS0 && sudo chmod 660 /dev/ttyS0"}},
	} {
		if got := refusal("/dev/ttyS0", c.node, c.user); got != c.want {
			t.Errorf("%+v\n got %+v\nwant %+v", c.node, got, c.want)
		}
	}
}

// TestProblems_AccessOfTheKernel asks the kernel on a thread without root's rights.
func TestProblems_AccessOfTheKernel(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	node := f.path("dev/ttyACM0")
	must(t, os.Chmod(filepath.Dir(f.Root), 0o755))
	for mode, want := range map[os.FileMode]bool{0: true, 0o666: false} {
		must(t, os.Chmod(node, mode))
		got := make(chan Problem, 1)
		go func() {
			runtime.LockOSThread() // never unlocked, so that the thread ends with the goroutine
			giveUpRights()
			problem, _ := f.access(node)
			got <- problem
		}()
		if p := <-got; (p.Kind == NoPermission) != want {
			t.Errorf("mode %o: %+v", mode, p)
		}
	}
}
