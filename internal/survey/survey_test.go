package survey

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/holder"
	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
	"arduino-gateway/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestChoose(t *testing.T) {
	port := func(path, kind string) ports.Port {
		p := ports.Port{Path: path}
		if kind != "" {
			p.Problems = []ports.Problem{{Kind: kind, What: kind, Fix: "mend " + kind}}
		}
		return p
	}
	ours := port("/dev/ttyUSB7", "")
	ours.Holder = &holder.Process{PID: 7, Name: "gateway"}
	worth, skipped := Choose([]ports.Port{port("/dev/a", ""), port("/dev/b", ports.ModemManager), port("/dev/c", ports.Brltty), port("", ports.Brltty),
		port("/dev/d", ports.NoPermission), port("/dev/e", ports.Held), port("/dev/f", ports.KernelConsole), port("/dev/g", ports.InBootloader), ours})
	var paths, whys []string
	for _, p := range worth {
		paths = append(paths, p.Path)
	}
	for _, s := range skipped {
		whys = append(whys, s.Why+": "+s.Fix)
	}
	if got := strings.Join(paths, " "); got != "/dev/a /dev/b /dev/c" {
		t.Error(got)
	}
	if got := strings.Join(whys, ", "); got != "brltty: mend brltty, permission: mend permission, held: mend held, console: mend console, bootloader: mend bootloader, gateway (pid 7) has it open: " {
		t.Error(got)
	}
}

func TestDigest(t *testing.T) {
	for name, c := range map[string]struct {
		lines string
		want  Findings
	}{
		"nothing": {"", Findings{}},
		"pairs": {"DHT22 ready\nHumidity: nan %\tTemperature: 23.50 *C\nHumidity: 40.0 %\tTemperature: 23.60 *C\nDHT22 ready", Findings{
			Kinds: []string{pairs}, Readings: []Found{{"humidity", "nan", "%"}, {"temperature", "23.50", "*C"}},
			Examples: []string{"Humidity: nan %\tTemperature: 23.50 *C"}, Refused: []string{"DHT22 ready"}}},
		"a unit that comes later": {"t=nan\nt=1 °C", Findings{Kinds: []string{pairs}, Readings: []Found{{"t", "nan", "°C"}}, Examples: []string{"t=nan"}}},
		"numbers": {"511\n512,3", Findings{Kinds: []string{numbers}, Numbers: 2,
			Readings: []Found{{"value", "511", ""}, {"value_1", "512", ""}, {"value_2", "3", ""}}, Examples: []string{"511", "512,3"}}},
		"a header": {"time,temp\n1,23.5 °C\n2,24.5 °C", Findings{Kinds: []string{columns}, Columns: []string{"time", "temp"},
			Readings: []Found{{"time", "1", ""}, {"temp", "23.5", "°C"}}, Examples: []string{"time,temp", "1,23.5 °C"}, Refused: []string{}}},
		"a header that changes": {"a,b\n1,2\nc,d\n3,4", Findings{Kinds: []string{columns},
			Readings: []Found{{"a", "1", ""}, {"b", "2", ""}, {"c", "3", ""}, {"d", "4", ""}}, Examples: []string{"a,b", "1,2", "3,4"}, Refused: []string{"c,d"}}},
		"numbers before their header": {"0,1\na,b\n1,2", Findings{Kinds: []string{numbers, columns}, Numbers: 2,
			Readings: []Found{{"value_1", "0", ""}, {"value_2", "1", ""}, {"a", "1", ""}, {"b", "2", ""}}, Examples: []string{"0,1", "a,b", "1,2"}, Refused: []string{}}},
		"objects and more": {"{\"a\":{\"b\":1}}\nx=1", Findings{Kinds: []string{objects, pairs},
			Readings: []Found{{"a_b", "1", ""}, {"x", "1", ""}}, Examples: []string{"{\"a\":{\"b\":1}}", "x=1"}}},
	} {
		var lines []string
		if c.lines != "" {
			lines = strings.Split(c.lines, "\n")
		}
		if got := Digest(lines); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, got, c.want)
		}
	}
}

func TestDigestHasABound(t *testing.T) {
	var lines []string
	for i := range mostLines {
		lines = append(lines, fmt.Sprintf("n%d=1", i))
	}
	if f := Digest(lines); len(f.Examples) != mostExamples || len(f.Readings) != mostLines {
		t.Errorf("%d examples, %d readings", len(f.Examples), len(f.Readings))
	}
}

func TestEnough(t *testing.T) {
	const wish, boot = 5 * time.Second, 2 * time.Second
	for _, c := range []struct {
		p     progress
		lines int
		want  bool
	}{
		{progress{listened: 6 * time.Second}, 0, false}, // it may still boot
		{progress{listened: 7 * time.Second}, 0, true},  // it says nothing
		{progress{listened: 7 * time.Second, spoke: true}, 0, false},
		{progress{listened: 20 * time.Second, spoke: true}, 0, true},
		{progress{listened: 9 * time.Second, since: 4 * time.Second, spoke: true}, 10, false},
		{progress{listened: 9 * time.Second, since: 5 * time.Second, spoke: true}, 1, true},
		{progress{problem: true}, 0, true}, // the port cannot be opened
	} {
		c.p.wish, c.p.boot = wish, boot
		if got := c.p.enough(c.lines); got != c.want {
			t.Errorf("%+v, %d lines: %v", c.p, c.lines, got)
		}
	}
}

func TestIDsAreDevices(t *testing.T) {
	taken := map[string]bool{}
	for _, c := range [][2]string{
		{"Arduino Uno", "arduino-uno"}, {"Arduino Uno", "arduino-uno-2"}, {"arduino uno", "arduino-uno-3"}, {"gateway", "board"}, {"…", "board-2"},
		{"CP2102 USB to UART Bridge Controller by somebody", "cp2102-usb-to-uart-bridge-contro"},
	} {
		if got := freeID(c[0], taken); got != c[1] {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
}

// Whatever a board prints, and whatever it calls itself, the file is valid and
// means the same.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"t=1", "a\x1b[2J\r\u2028# b: c\ndevices: {}", "\xff\xfe{{.ID}}", "größe=4 µ,on=1", "time,\"a\"\n1,2", "status,time,set\n1,2,3", "value_1,b\n1,2", strings.Repeat("x", 500)} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, lines, name string) {
		port := ports.Port{Path: "/dev/" + name, Value: "/dev/ttyUSB0", Product: name, USBPath: "1-1"}
		second := port
		second.Value = "/dev/ttyUSB1"
		text, err := File{Broker: "embedded", Listen: "127.0.0.1:1884", Boards: []Heard{
			{Port: port, Baud: 9600, Lines: strings.Split(lines, "\n")}, {Port: second, Problem: lines}}}.Text()
		if err != nil {
			t.Fatal(err)
		}
		c, problems := config.Parse("devices.yaml", []byte(text), os.Getenv)
		if problems != nil {
			t.Fatalf("%v in\n%s", problems, text)
		}
		if len(c.Devices) != 2 || c.Devices[0].Port != "/dev/ttyUSB0" || c.Devices[0].Baud != 9600 || c.Devices[1].Baud != 0 || len(c.Devices[0].Readings) > 0 {
			t.Errorf("%+v", c.Devices)
		}
	})
}

func TestWhatIsSaidOfAnEntry(t *testing.T) {
	for want, h := range map[string]Heard{
		"auto baud, t, h":                               {Lines: []string{"t=1,h=2"}},
		"it said nothing: is":                           {},
		"it said nothing that is text":                  {Bytes: 5},
		"the board speaks Firmata":                      {Bytes: 5, Problem: "the board speaks Firmata"},
		"none of its lines is understood: format: text": {Lines: []string{"Hello world"}},
	} {
		if got := h.Summary(); !strings.HasPrefix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	text, err := File{Broker: "mqtt://b:1883", Secured: true, Boards: []Heard{{Port: ports.Port{Value: "/dev/a"}, Lines: []string{"Hello world"}}}}.Text()
	if err != nil || !strings.Contains(text, "  #     Hello world   (not understood)\n") || !strings.Contains(text, "It wants a user") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestShow(t *testing.T) {
	for text, want := range map[string]string{
		"23.5 °C": "23.5 °C", "a\tb\r": `a\tb\r`, "\xb0C": `\xb0C`, "a\u2028b\x1b": `a\u2028b\x1b`, strings.Repeat("ü", 101): strings.Repeat("ü", 100) + "…",
	} {
		if got := show(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// A board on a real terminal, until its first lines are there.
func TestListen(t *testing.T) {
	board := simulator.New(t, simulator.Spec{Every: 20 * time.Millisecond, Line: "t={tick}"})
	port := ports.Port{Path: board.Path()}
	h := Listen(t.Context(), port, serialbridge.NativeUSB, 200*time.Millisecond)
	if len(h.Lines) < 5 || !strings.HasPrefix(h.Lines[0], "t=") || h.Baud != 115200 || !h.Opened || h.Problem != "" || h.Port.Path != port.Path {
		t.Errorf("%+v", h)
	}
	board.Unplug()
	h = Listen(t.Context(), ports.Port{Path: "/dev/none"}, serialbridge.UnknownChip, time.Hour)
	if h.Opened || !strings.Contains(h.Problem, "port missing") {
		t.Errorf("%+v", h)
	}
}
