package avr_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/simulator/avr"
)

func TestUno_RunsPhysicalPixel(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileExample(t, "04.Communication/PhysicalPixel"), NoReset: true})
	port := open(t, uno.Port(), 9600)
	// Low comes first: it shows that the sketch has set up the pin, and so its
	// port.
	for _, step := range []struct {
		command string
		level   avr.Level
	}{{"", avr.Low}, {"H", avr.High}, {"L", avr.Low}, {"H", avr.High}} {
		port.write(step.command)
		if err := uno.WaitPin(testContext(t), "D13", step.level); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUno_RunsAnalogInOutSerial(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileExample(t, "03.Analog/AnalogInOutSerial")})
	if err := uno.SetADC(testContext(t), 0, 2500); err != nil {
		t.Fatal(err)
	}
	port := open(t, uno.Port(), 9600)
	port.wait("sensor = 511\t output = 127")
	if err := uno.WaitDuty(testContext(t), "D9", avr.Duty{Value: 127, Top: 255}); err != nil {
		t.Fatal(err)
	}
}

func TestUno_RunsVirtualColorMixer(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileExample(t, "04.Communication/VirtualColorMixer")})
	for channel, millivolts := range []int{2500, 1000, 5000} {
		if err := uno.SetADC(testContext(t), channel, millivolts); err != nil {
			t.Fatal(err)
		}
	}
	open(t, uno.Port(), 9600).wait("511,204,1023")
}

func TestUno_RunsReadASCIIString(t *testing.T) {
	t.Parallel()
	uno := start(t, avr.Options{Hex: compileExample(t, "04.Communication/ReadASCIIString")})
	if err := uno.WaitPin(testContext(t), "D3", avr.Low); err != nil {
		t.Fatal(err)
	}
	port := open(t, uno.Port(), 9600)
	awaitReset(t, uno)
	port.write("5,220,70\n")
	port.wait("FA23B9")
}

// awaitReset waits until the board has started again after its port was opened:
// its sketch has set its rate.
func awaitReset(t *testing.T, uno *avr.Uno) {
	t.Helper()
	for stats := (avr.Stats{}); stats.Resets == 0 || stats.Baud == 0; {
		var err error
		if stats, err = uno.Stats(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
}

// aptScript replaces apt-get on a machine without a network: it makes a package
// like Debian's, and counts its runs.
const aptScript = `#!/bin/sh
set -e
test "$1 $2" = "download arduino"
echo >>"$COUNT"
mkdir -p p/DEBIAN p/usr/share/doc/arduino/examples/01.Basics
printf 'Package: arduino\nVersion: 1\nArchitecture: all\nMaintainer: we\nDescription: x\n' >p/DEBIAN/control
dpkg-deb -b p arduino_1_all.deb >/dev/null
`

func TestExamples_AreFetchedOnce(t *testing.T) {
	bin, count := t.TempDir(), filepath.Join(t.TempDir(), "count")
	if err := os.WriteFile(filepath.Join(bin, "apt-get"), []byte(aptScript), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("COUNT", count)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for range 2 {
		dir, err := avr.Examples(testContext(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "01.Basics")); err != nil {
			t.Error(err)
		}
	}
	if calls, err := os.ReadFile(count); string(calls) != "\n" {
		t.Errorf("apt-get ran %d times, %v", len(calls), err)
	}
}

func TestExamples_ReportAFailedFetch(t *testing.T) {
	no, err := exec.LookPath("false")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(no, filepath.Join(bin, "apt-get")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if _, err := avr.Examples(context.Background()); err == nil || !strings.Contains(err.Error(), "hint: apt-get update") {
		t.Errorf("got %v", err)
	}
}
