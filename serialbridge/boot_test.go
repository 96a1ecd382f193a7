package serialbridge

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// bootLogs are captured; the last line of each is the sketch's.
var bootLogs = map[string]string{
	"ESP32": "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n" +
		"configsip: 0, SPIWP:0xee\r\nclk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00\r\n" +
		"mode:DIO, clock div:1\r\nload:0x3fff0030,len:1184\r\nload:0x40078000,len:13232\r\nho 0 tail 12 room 4\r\n" +
		"load:0x40080400,len:3028\r\nentry 0x400805e4\r\ntemperature=21.5\r\n",
	"ESP32-C3": "ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\nrst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)\r\n" +
		"SPIWP:0xee\r\nmode:DIO, clock div:1\r\nload:0x3fcd5820,len:0x1738\r\nentry 0x403cc710\r\ntemperature=21.5\r\n",
	"ESP8266 at 74880": "\r\n ets Jan  8 2013,rst cause:2, boot mode:(3,6)\r\n\r\nload 0x4010f000, len 3424, room 16 \r\n" +
		"tail 0\r\nchksum 0x2e\r\nload 0x3fff20b8, len 40, room 8 \r\ntail 0\r\nchksum 0x2b\r\ncsum 0x2b\r\n\r\ntemperature=21.5\r\n",
	"ESP8266 at 115200": "rl\x9c\x9e|\x00\x8cl\xe0|\x02\x0c\x0c\x0c\x8c\n\x8c\xec\xfc\xe2\x9e\xf3\ntemperature=21.5\n",
	"Uno":               "\x00\xf8\n\xff\xfe\xfd\ntemperature=21.5\n",
}

// Each line of a captured boot is recognized, up to the first of the sketch.
func TestIsBootOutput_FindsBootloaders(t *testing.T) {
	for name, log := range bootLogs {
		lines := strings.Split(strings.TrimSpace(log), "\n")
		for i, line := range lines {
			line = strings.TrimSuffix(line, "\r")
			if got, want := isBootOutput([]byte(line)), i < len(lines)-1; line != "" && got != want {
				t.Errorf("%s: %q is boot talk: %v", name, line, got)
			}
		}
	}
}

// Lines of sketches are not taken for a boot.
func TestIsBootOutput_PassesSketches(t *testing.T) {
	for _, line := range []string{
		"temperature=23.5,humidity=40", "511", "T: 23.5\xb0C", "T: 23.5°C", "Łódź", "\x1b[32mready\x1b[0m", "sensor = 511\t output = 127",
		"Humidity: 40.0%  Temperature: 23.5\xb0C", "build: 7", "mode:auto", `{"load":1}`,
	} {
		if isBootOutput([]byte(line)) {
			t.Errorf("%q is taken for boot talk", line)
		}
	}
}

// A whole boot passes before the first reading, and no command goes out before
// it.
func TestPort_DropsTheBoot(t *testing.T) {
	for name, log := range bootLogs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				raw, seen := newFakePort(), newRecorder(t)
				p := start(t, at(Place{Chip: AutoReset}, fakes(seen, func() (rawPort, error) { return raw, nil })))
				seen.expect("opened")
				raw.input <- []byte("temperature=20.1\ntemperature=20.")
				time.Sleep(300 * time.Millisecond)
				written := make(chan error)
				go func() { written <- p.send(t.Context(), []byte("led=on\n")) }()
				raw.input <- []byte("\n" + strings.TrimSuffix(log, lastLine(log)))
				synctest.Wait()
				if raw.written.Len() > 0 {
					t.Errorf("%q was written into the bootloader", raw.written.String())
				}
				raw.input <- []byte(lastLine(log))
				seen.expect("ready", "line temperature=21.5")
				must(t, <-written)
				synctest.Wait()
				if got := p.Stats(); got.BootLines == 0 || got.Lines != got.BootLines+1 {
					t.Errorf("stats %+v", got)
				}
				p.stop()
				seen.expect("closed")
			})
		})
	}
}

func lastLine(log string) string {
	lines := strings.SplitAfter(log, "\n")
	return lines[len(lines)-2]
}

// A board that boots in silence gets the time that its chip needs.
func TestPort_WaitsForASilentBoot(t *testing.T) {
	for _, c := range []struct {
		chip   Chip
		config Options
		want   time.Duration
	}{
		{UnknownChip, Options{}, 2 * time.Second},
		{AutoReset, Options{}, 2 * time.Second},
		{AutoReset, Options{ResetOnOpen: new(false)}, 2 * time.Second},
		{AutoReset, Options{BootTime: new(5 * time.Second)}, 5 * time.Second},
		{AutoReset, Options{BootTime: new(time.Duration)}, 0},
		{NativeUSB, Options{}, 0},
		{NativeUSB, Options{BootTime: new(time.Second)}, time.Second},
		{NativeUSB, Options{ResetOnOpen: new(true)}, 2 * time.Second},
		{OnBoardUART, Options{}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			seen := newRecorder(t)
			p := at(Place{Chip: c.chip}, fakes(seen, func() (rawPort, error) { return newFakePort(), nil }))
			p.options.BootTime, p.options.ResetOnOpen = c.config.BootTime, c.config.ResetOnOpen
			start(t, p)
			opened, ready := seen.expect("opened"), seen.expect("ready")
			if got := ready.at.Sub(opened.at); got != c.want {
				t.Errorf("chip %d, %+v: ready after %v, want %v", c.chip, c.config, got, c.want)
			}
		})
	}
}

// What the adapter still holds from before the reset is not a reading, and
// does not end the boot.
func TestPort_DropsInputFromBeforeTheReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		port := at(Place{Chip: AutoReset}, fakes(seen, func() (rawPort, error) { return raw, nil }))
		var log countingLog
		port.log = slog.New(&log)
		p := start(t, port)
		seen.expect("opened")
		raw.input <- []byte(strings.Repeat("t=1\n", 500) + "t=")
		time.Sleep(900 * time.Millisecond)
		raw.input <- []byte("cut\nt=3\n")
		seen.expect("ready", "line t=3")
		synctest.Wait()
		if got := p.Stats(); got.Lines != 1 || got.SyncBytes != 2006 {
			t.Errorf("stats %+v", got)
		}
		if n := log.warnings.Load(); n > 0 {
			t.Errorf("%d warnings", n)
		}
		p.stop()
		seen.expect("closed")
	})
}
