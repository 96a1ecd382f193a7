package ports

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestRates_EveryBoard checks each board of the table under each driver: a slow rate
// may be set only on a UART that does nothing but use it.
func TestRates_EveryBoard(t *testing.T) {
	for id, chip := range chips() {
		vid, pid, _ := strings.Cut(id, ":")
		for _, driver := range []string{"", "cdc_acm", "ch341", "cp210x", "ftdi_sio", "pl2303", "option", "xr_serial"} {
			got := Identify(vid, pid, driver).Rates()
			bridge := chip.Kind == Bridge && !chip.SlowIsOrder
			switch {
			case chip.Kind == Native && got != NoRates,
				chip.SlowIsOrder && got != FastRates,
				bridge && slices.Contains(uarts, driver) && got != AllRates,
				(driver == "cdc_acm" || driver == "") && got == AllRates:
				t.Errorf("%s (%s) under %q: rates %d", id, chip.Board, driver, got)
			}
		}
		if chip.Source == "" || len(id) != 9 || id != strings.ToLower(id) {
			t.Errorf("%s: source %q", id, chip.Source)
		}
	}
	if n := len(chips()); n < 900 {
		t.Errorf("%d identities", n)
	}
}

// TestRates_KnownBoards has the boards for which a rate is most of all an order, and
// those whose rate must not be ignored although a chip with its own USB is in between.
func TestRates_KnownBoards(t *testing.T) {
	for _, c := range []struct {
		id, driver, board string
		kind              Kind
		rates             Rates
	}{
		{"2341:003d", "cdc_acm", "Arduino Due (programming port)", Bridge, FastRates},
		{"2341:003e", "cdc_acm", "Arduino Due (native port)", Native, NoRates},
		{"2341:1002", "cdc_acm", "Arduino Uno R4 WiFi", Unknown, FastRates},
		{"2341:006d", "cdc_acm", "Arduino Uno R4 WiFi (its own USB)", Native, NoRates},
		{"2341:0058", "cdc_acm", "Arduino Nano Every", Unknown, FastRates},
		{"03eb:2145", "cdc_acm", "Arduino Uno WiFi Rev2", Unknown, CarefulRates},
		{"03eb:2157", "cdc_acm", "Arduino Zero (programming port)", Unknown, CarefulRates},
		{"2341:804d", "cdc_acm", "Arduino Zero (native port)", Native, NoRates},
		{"2341:0060", "cdc_acm", "Arduino Nicla Sense ME", Unknown, CarefulRates},
		{"2e8a:000a", "cdc_acm", "Raspberry Pi Pico", Native, NoRates},
		{"2e8a:000c", "cdc_acm", "Raspberry Pi Debug Probe", Unknown, CarefulRates},
		{"2341:8036", "cdc_acm", "Arduino Leonardo", Native, NoRates},
		{"2341:0043", "cdc_acm", "Arduino Uno", Bridge, CarefulRates},
		{"1a86:55d3", "cdc_acm", "", Bridge, CarefulRates},
		{"1a86:7523", "ch341", "", Bridge, AllRates},
		{"10c4:ea60", "cp210x", "", Bridge, AllRates},
		{"10c4:ea70", "cp210x", "", Bridge, FastRates}, // the Arduino Tian
		{"0403:1234", "ftdi_sio", "", Bridge, AllRates},
		{"cafe:4001", "cdc_acm", "", Unknown, FastRates},
		{"cafe:4001", "xr_serial", "", Unknown, CarefulRates},
		{"303a:8123", "cdc_acm", "", Native, FastRates}, // a guess, by the vendor
		{"2e8a:1fff", "cdc_acm", "", Native, FastRates},
		{"239a:8fff", "cdc_acm", "", Native, FastRates},
	} {
		vid, pid, _ := strings.Cut(c.id, ":")
		p := Identify(vid, pid, c.driver)
		if p.Chip.Board != c.board || p.Chip.Kind != c.kind || p.Rates() != c.rates {
			t.Errorf("%s under %s: %+v, rates %d", c.id, c.driver, p.Chip, p.Rates())
		}
	}
	uart := Port{Driver: "uart-pl011", Chip: Chip{Kind: OnBoard}}
	bluetooth := Port{Chip: Chip{Kind: OnBoard}}
	strange := Port{Driver: "cdc_acm", Chip: Chip{Kind: OnBoard}} // at a place in /sys that is not understood
	if strange.Rates() == AllRates || uart.Rates() != AllRates || bluetooth.Rates() != CarefulRates || (Port{Path: "/dev/pts/3"}).Rates() != CarefulRates {
		t.Error("an on-board UART, Bluetooth or a pseudo-terminal has other rates")
	}
	if (Port{node: "cu.usbmodem1101"}).Rates() != FastRates || (Port{node: "cu.usbserial-1420"}).Rates() != CarefulRates {
		t.Error("ports of a Mac have other rates")
	}
}

// TestChips_HaveNoRowTwice reads the two files of the table: each identity is in one
// row, and each row has all its columns.
func TestChips_HaveNoRowTwice(t *testing.T) {
	rows := map[string]string{}
	for line := range strings.Lines(chipsText + boardsText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		columns := strings.Split(line, "|")
		kind, _, _ := strings.Cut(columns[0], " ")
		if _, ok := kinds[kind]; !ok || len(columns) < 5 {
			t.Errorf("row %q", line)
			continue
		}
		for _, id := range strings.Fields(strings.Join(columns[4:], " ")) {
			if rows[id] != "" {
				t.Errorf("%s is in two rows:\n%s\n%s", id, rows[id], line)
			}
			rows[id] = line
		}
	}
	if got := slices.Sorted(maps.Keys(rows)); len(got) != len(chips()) {
		t.Errorf("%d identities in the files, %d in the table", len(got), len(chips()))
	}
}

// A sketch of arduino-esp32 has the same identity on every ESP32-S2 that has none of its
// own. Its port is opened.
func TestIdentify_TakesNoSketchForABootloader(t *testing.T) {
	for _, pid := range []string{"0002", "1001"} {
		if chip := Identify("303a", pid, "cdc_acm").Chip; chip.Bootloader || chip.Kind != Native {
			t.Errorf("303a:%s is %+v", pid, chip)
		}
	}
}
