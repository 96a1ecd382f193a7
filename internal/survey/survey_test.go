package survey

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/portowner"
	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
	"arduino-gateway/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestChoose_SkipsUnusablePorts has a port for each kind of problem.
func TestChoose_SkipsUnusablePorts(t *testing.T) {
	port := func(path, kind string) ports.Port {
		p := ports.Port{Path: path}
		if kind != "" {
			p.Problems = []ports.Problem{{Kind: kind, What: kind, Fix: "mend " + kind}}
		}
		return p
	}
	stick := port("/dev/ttyUSB6", "")
	stick.Foreign = "is a Zigbee adapter"
	ours := port("/dev/ttyUSB7", "")
	ours.Holder = &portowner.Process{PID: 7, Name: "gateway"}
	worth, skipped := Choose([]ports.Port{port("/dev/a", ""), port("/dev/b", ports.ModemManager), port("/dev/c", ports.Brltty), port("", ports.Brltty),
		port("/dev/d", ports.NoPermission), port("/dev/e", ports.Held), port("/dev/f", ports.KernelConsole), port("/dev/g", ports.InBootloader), stick, ours})
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
	if got := strings.Join(whys, ", "); got != "brltty: mend brltty, permission: mend permission, held: mend held, console: mend console, bootloader: mend bootloader, it is a Zigbee adapter; if you want its lines, name its port in devices.yaml: , gateway (pid 7) has it open: " {
		t.Error(got)
	}
}

// TestDigest_FindsReadings digests the lines of different sketches.
func TestDigest_FindsReadings(t *testing.T) {
	for name, c := range map[string]struct {
		lines string
		want  Contents
	}{
		"nothing": {"", Contents{}},
		"pairs": {"DHT22 ready\nHumidity: nan %\tTemperature: 23.50 *C\nHumidity: 40.0 %\tTemperature: 23.60 *C\nDHT22 ready", Contents{
			Kinds: []string{pairs}, Readings: []Sample{{"humidity", "nan", "%"}, {"temperature", "23.50", "*C"}},
			Examples: []string{"Humidity: nan %\tTemperature: 23.50 *C"}, Refused: []Refusal{{"DHT22 ready", `not a JSON object, pairs or numbers: "DHT22 ready"`}}}},
		"a unit that comes later": {"t=nan\nt=1 °C", Contents{Kinds: []string{pairs}, Readings: []Sample{{"t", "nan", "°C"}}, Examples: []string{"t=nan"}}},
		"numbers": {"511\n512,3", Contents{Kinds: []string{numbers}, Numbers: 2,
			Readings: []Sample{{"value", "511", ""}, {"value_1", "512", ""}, {"value_2", "3", ""}}, Examples: []string{"511", "512,3"}}},
		"a header": {"time,temp\n1,23.5 °C\n2,24.5 °C", Contents{Kinds: []string{columns}, Columns: []string{"time", "temp"},
			Readings: []Sample{{"time", "1", ""}, {"temp", "23.5", "°C"}}, Examples: []string{"time,temp", "1,23.5 °C"}, Refused: []Refusal{}}},
		"a header that changes": {"a,b\n1,2\nc,d\n3,4", Contents{Kinds: []string{columns},
			Readings: []Sample{{"a", "1", ""}, {"b", "2", ""}, {"c", "3", ""}, {"d", "4", ""}}, Examples: []string{"a,b", "1,2", "3,4"}, Refused: []Refusal{{"c,d", `only names: c, d (they name the numbers of the next line if it has 2)`}}}},
		"numbers before their header": {"0,1\na,b\n1,2", Contents{Kinds: []string{numbers, columns}, Numbers: 2,
			Readings: []Sample{{"value_1", "0", ""}, {"value_2", "1", ""}, {"a", "1", ""}, {"b", "2", ""}}, Examples: []string{"0,1", "a,b", "1,2"}, Refused: []Refusal{}}},
		"objects and more": {"{\"a\":{\"b\":1}}\nx=1", Contents{Kinds: []string{objects, pairs},
			Readings: []Sample{{"a_b", "1", ""}, {"x", "1", ""}}, Examples: []string{"{\"a\":{\"b\":1}}", "x=1"}}},
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

// TestDigest_LimitsExamples digests more kinds of lines than are kept as examples.
func TestDigest_LimitsExamples(t *testing.T) {
	var lines []string
	for i := range mostLines {
		lines = append(lines, fmt.Sprintf("n%d=1", i))
	}
	if f := Digest(lines); len(f.Examples) != mostExamples || len(f.Readings) != mostLines {
		t.Errorf("%d examples, %d readings", len(f.Examples), len(f.Readings))
	}
}

// TestListen_Enough decides for each state whether to stop listening.
func TestListen_Enough(t *testing.T) {
	const length, boot = 5 * time.Second, 2 * time.Second
	for _, c := range []struct {
		p     progress
		lines int
		want  bool
	}{
		{progress{listened: 6 * time.Second}, 0, false}, // it may still boot
		{progress{listened: 7 * time.Second}, 0, true},  // it sends nothing
		{progress{listened: 7 * time.Second, received: true}, 0, false},
		{progress{listened: 20 * time.Second, received: true}, 0, true},
		{progress{listened: 9 * time.Second, since: 4 * time.Second, received: true}, 10, false},
		{progress{listened: 9 * time.Second, since: 5 * time.Second, received: true}, 1, true},
		{progress{problem: true}, 0, true}, // the port cannot be opened
		{progress{listened: 3 * time.Second, since: time.Second, protocol: true, described: true}, 3, true},
		{progress{listened: 9 * time.Second, since: 5 * time.Second, protocol: true}, 10, false}, // it is being asked
		{progress{listened: 30 * time.Second, since: 20 * time.Second, protocol: true}, 99, true},
	} {
		c.p.length, c.p.boot = length, boot
		if got := c.p.enough(c.lines); got != c.want {
			t.Errorf("%+v, %d lines: %v", c.p, c.lines, got)
		}
	}
}

// TestText_IDs expects an ID for each name or hello, without duplicates.
func TestText_IDs(t *testing.T) {
	boards := func(names ...string) (heard []Heard) {
		for _, name := range names {
			id, hasHello := strings.CutPrefix(name, "hello ")
			h := Heard{Port: ports.Port{Product: name, USBPath: "1-1"}}
			if hasHello {
				h.Hello = &device.Description{ID: id}
			}
			heard = append(heard, h)
		}
		return heard
	}
	long := strings.Repeat("x", 300)
	var got []string
	for _, e := range (File{Boards: boards("Arduino Uno", "Arduino Uno", "arduino uno", "gateway", "…", "CP2102 USB to UART Bridge Controller by somebody",
		"Tank", "hello tank", "hello tank", "hello auto", "hello "+long, "hello "+long)}).entries() {
		got = append(got, e.ID)
	}
	want := []string{"arduino-uno", "arduino-uno-2", "arduino-uno-3", "board-2", "board-3", "cp2102-usb-to-uart-bridge-contro",
		"tank-3", "tank", "tank-2", "board", long[:120], long[:120] + "-2"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestText_BoardWithHello writes entries for boards that describe themselves, some with
// IDs that YAML would misread.
func TestText_BoardWithHello(t *testing.T) {
	ids := []string{"greenhouse", "on", "123", "1e3", "-", "---", "_", "null", "y"}
	var boards []Heard
	for i, id := range ids {
		boards = append(boards, Heard{Port: ports.Port{Path: fmt.Sprint("/dev/ttyUSB", i), Value: fmt.Sprint("/dev/ttyUSB", i)}, Baud: 115200, Hello: &device.Description{ID: id}})
	}
	boards[0].Hello.Readings = map[string]device.ReadingSpec{"temperature": {Unit: "°C\u2028devices: {}"}, "light": {}}
	boards[0].Hello.Commands = map[string]device.Command{"led": {Type: device.Bool}, "fan": {Type: device.Int}}
	boards[1].Baud = 9600
	text, err := File{Broker: "embedded", Boards: boards}.Text()
	if err != nil {
		t.Fatal(err)
	}
	c, problems := config.Parse("devices.yaml", []byte(text), os.Getenv)
	if problems != nil {
		t.Fatalf("%v in\n%s", problems, text)
	}
	for i, d := range c.Devices {
		if d.ID != ids[i] || d.Port != boards[i].Port.Value || d.Baud != boards[i].Baud || c.Auto.On {
			t.Errorf("%+v", d)
		}
	}
	for _, want := range []string{"hello as greenhouse", `readings light, temperature °C\u2028devices: {}; commands fan, led`, "  greenhouse:   # the name", "# auto: true"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Count(text, "baud: ") != 1 {
		t.Errorf("the default rate is written:\n%s", text)
	}
	if got, want := boards[0].Summary(), "115200 baud, says hello as greenhouse: readings light, temperature"; !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

// FuzzText writes files for boards with any lines and names: they are valid and mean the
// same.
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

// TestText_SummaryOfABoard expects what is written about lines, bytes and silence.
func TestText_SummaryOfABoard(t *testing.T) {
	for want, h := range map[string]Heard{
		"auto baud, t, h":                                    {Lines: []string{"t=1,h=2"}},
		"sent nothing: does":                                 {},
		"sent bytes, but no text":                            {Bytes: 5},
		"the board speaks Firmata":                           {Bytes: 5, Problem: "the board speaks Firmata"},
		"prints lines that are not understood: format: text": {Lines: []string{"Hello world"}},
	} {
		if got := h.Summary(); !strings.HasPrefix(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	text, err := File{Broker: "mqtt://b:1883", Secured: true, Boards: []Heard{{Port: ports.Port{Value: "/dev/a"}, Lines: []string{"Hello world"}}}}.Text()
	if err != nil || !strings.Contains(text, "  #     Hello world   ! not a JSON object, pairs or numbers: \"Hello world\"\n") || !strings.Contains(text, "The broker requires a user") {
		t.Errorf("%v\n%s", err, text)
	}
}

// TestText_Show expects texts that are safe in a comment.
func TestText_Show(t *testing.T) {
	for text, want := range map[string]string{
		"23.5 °C": "23.5 °C", "a\tb\r": `a\tb\r`, "\xb0C": `\xb0C`, "a\u2028b\x1b": `a\u2028b\x1b`, strings.Repeat("ü", 101): strings.Repeat("ü", 100) + "…",
	} {
		if got := show(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestListen_HearsLines listens to a board on a real terminal, and to a missing one.
func TestListen_HearsLines(t *testing.T) {
	board := simulator.New(t, simulator.Spec{Every: 20 * time.Millisecond, Line: "t={tick}"})
	port := ports.Port{Path: board.Path()}
	h := Listen(t.Context(), port, placeOf(port, serialbridge.NativeUSB), 200*time.Millisecond)
	if len(h.Lines) < 5 || !strings.HasPrefix(h.Lines[0], "t=") || h.Baud != 115200 || !h.Opened || h.Problem != "" || h.Port.Path != port.Path {
		t.Errorf("%+v", h)
	}
	board.Unplug()
	h = Listen(t.Context(), ports.Port{Path: "/dev/none"}, placeOf(ports.Port{Path: "/dev/none"}, serialbridge.UnknownChip), time.Hour)
	if h.Opened || !strings.Contains(h.Problem, "port missing") {
		t.Errorf("%+v", h)
	}
}

// TestListen_AsksForTheHello listens to a running board with the library, which answers
// the question, and to one without, to which nothing may be written.
func TestListen_AsksForTheHello(t *testing.T) {
	speaks := simulator.New(t, simulator.Spec{Name: "speaks", Hello: "tank", Every: 20 * time.Millisecond,
		Signals: []simulator.Signal{{Name: "level", Value: 7, Unit: "mm"}}})
	plain := simulator.New(t, simulator.Spec{Name: "plain", Every: 20 * time.Millisecond, Line: "!hello tank protocol=1 library=1 parts=1"})
	if h := Listen(t.Context(), ports.Port{Path: speaks.Path()}, placeOf(ports.Port{Path: speaks.Path()}, serialbridge.NativeUSB), time.Minute); h.Hello == nil || h.Hello.ID != "tank" || h.Hello.Readings["level"].Unit != "mm" {
		t.Errorf("%+v", h)
	}
	if h := Listen(t.Context(), ports.Port{Path: plain.Path()}, placeOf(ports.Port{Path: plain.Path()}, serialbridge.NativeUSB), 500*time.Millisecond); h.Hello != nil || len(h.Lines) == 0 {
		t.Errorf("%+v", h)
	}
	if got := plain.Stats(); got.ReceivedLines+got.Lost != 0 {
		t.Errorf("it was written to: %+v", got)
	}
}

func placeOf(port ports.Port, chip serialbridge.Chip) serialbridge.Place {
	return serialbridge.Place{Path: port.Path, Chip: chip}
}
