package architecture

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "arduino-gateway/"

// rooms lists for each package which others of this module it may import.
var rooms = map[string][]string{
	"device":                {},
	"internal/lineformat":   {"device"},
	"internal/protocol":     {"device"},
	"internal/wake":         {},
	"internal/jsontext":     {},
	"internal/journal":      {"internal/deviceid", "internal/jsontext", "internal/stagedfs", "device"},
	"internal/refused":      {"device", "internal/stagedfs"},
	"internal/arq":          {"internal/protocol", "device"},
	"internal/rules":        {"device"},
	"internal/naming":       {"device"},
	"internal/dryrun":       {"internal/lineformat", "internal/protocol", "internal/rules", "device"},
	"internal/spool":        {"internal/stagedfs"},
	"internal/stagedfs":     {"internal/rawio"},
	"internal/backlog":      {"internal/spool", "internal/clock", "device"},
	"internal/clock":        {"internal/atomicfile"},
	"internal/status":       {"device"},
	"internal/health":       {"internal/status"},
	"internal/spelling":     {},
	"internal/strictyaml":   {"internal/spelling"},
	"internal/config":       {"internal/strictyaml", "internal/spelling", "internal/deviceclass", "internal/deviceid", "device"},
	"internal/history":      {"internal/monitor", "device"},
	"internal/web":          {"internal/jsontext", "internal/history", "internal/monitor", "internal/status", "device"},
	"internal/monitor":      {"device"},
	"internal/control":      {"internal/monitor", "internal/spelling", "internal/stagedfs", "internal/status"},
	"internal/hello":        {"internal/arq", "internal/protocol", "device"},
	"internal/autodetect":   {"internal/atomicfile", "internal/hello", "internal/portowner", "internal/ports", "internal/protocol", "serialbridge"},
	"internal/reload":       {"internal/config", "device"},
	"internal/filewatch":    {},
	"internal/logging":      {"internal/plaintext"},
	"internal/plaintext":    {},
	"internal/broker":       {},
	"internal/gateway":      {"internal/rules", "internal/naming", "internal/protocol", "internal/arq", "internal/hello", "internal/journal", "device"},
	"internal/supervisor":   {},
	"internal/architecture": {},
	"internal/survey":       {"serialbridge", "internal/dryrun", "internal/deviceid", "internal/hello", "internal/ports", "internal/lineformat", "device"},
	"internal/doctor":       {"internal/config", "internal/control", "internal/ports", "internal/portowner", "internal/clock", "internal/netdial", "internal/mqttadmin", "internal/spool", "internal/stagedfs", "internal/status", "device", "mqttbridge"},
	"internal/sketches":     {},
	"internal/rawio":        {},
	"internal/netdial":      {},
	"internal/portowner":    {},
	"internal/ports":        {"internal/portowner"},
	"serialbridge":          {"internal/lineformat", "internal/rawio", "internal/portowner", "internal/netdial", "device"},
	"mqttbridge":            {"internal/mqttconn", "internal/publisher", "device"},
	"internal/mqttconn":     {"internal/rawio", "internal/netdial", "device"},
	"internal/publisher":    {"internal/mqttconn", "internal/jsontext", "device"},
	"internal/mqttadmin":    {"internal/mqttconn", "internal/publisher", "mqttbridge", "device"},
	"simulator":             {"simulator/firmware", "internal/protocol", "internal/strictyaml", "device"},
	"simulator/firmware":    {"internal/protocol", "device"},
	"simulator/avr":         {},
	"internal/atomicfile":   {"internal/stagedfs"},
	"internal/deviceclass":  {},
	"internal/deviceid":     {},
	"internal/twins":        {},

	"internal/homeassistant": {"internal/deviceclass", "internal/atomicfile", "device"},

	"internal/daemon": {"internal/arq", "internal/atomicfile", "internal/autodetect", "internal/backlog", "internal/broker", "internal/clock", "internal/config", "internal/deviceid",
		"internal/control", "internal/dryrun", "internal/filewatch", "internal/gateway", "internal/health", "internal/history", "internal/homeassistant",
		"internal/journal", "internal/lineformat", "internal/logging", "internal/monitor", "internal/mqttadmin", "internal/ports", "internal/refused", "internal/reload", "internal/spool", "internal/stagedfs",
		"internal/status", "internal/supervisor", "internal/twins", "internal/web", "mqttbridge", "serialbridge", "device"},
	"cmd/gateway": {"internal/broker", "internal/config", "internal/control", "internal/daemon", "internal/deviceid", "internal/doctor", "internal/dryrun", "internal/filewatch",
		"internal/lineformat", "internal/logging", "internal/monitor", "internal/mqttadmin", "internal/plaintext", "internal/portowner", "internal/ports", "internal/spelling", "internal/status", "internal/survey",
		"internal/twins", "mqttbridge", "simulator", "device"},

	"firmware/arduino/extras": {},

	"internal/browsertest":   {},
	"internal/logtest":       {},
	"internal/mosquittotest": {"internal/logtest", "internal/programtest"},
	"internal/mqtttest":      {"device"},
	"internal/natstest":      {"internal/logtest", "internal/programtest"},
	"internal/portstest":     {},
	"internal/programtest":   {},
	"internal/protocoltest":  {},
	"internal/ser2nettest":   {"internal/programtest"},
}

// shared are the packages that every other may import.
var shared = []string{"internal/wake"}

// keepers are the packages that may import a library, by library.
var keepers = map[string]string{
	"go.bug.st/serial":                    "serialbridge",
	"github.com/eclipse/paho.mqtt.golang": "internal/mqttconn internal/mqtttest",
	"gopkg.in/yaml.v3":                    "internal/strictyaml",
	"github.com/fsnotify/fsnotify":        "internal/filewatch",
	"github.com/mochi-mqtt/server/v2":     "internal/broker",
	"github.com/chromedp/chromedp":        "internal/browsertest",
}

// forTests reports whether only tests and other such packages may import the package.
func forTests(room string) bool { return strings.HasSuffix(room, "test") }

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "../../...")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// A package imports only what rooms allows. A package without an entry is an error.
func TestImports_PointDownwards(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		allowed, planned := rooms[name]
		if !planned {
			t.Errorf("rooms has no entry for %s", name)
		}
		for _, imported := range p.Imports {
			room, ours := strings.CutPrefix(imported, module)
			switch {
			case !ours:
			case forTests(room) && !forTests(name):
				t.Errorf("%s imports %s, which is for tests", name, room)
			case slices.Contains(shared, room):
			case !slices.Contains(allowed, room):
				t.Errorf("%s imports %s: rooms allows only %v", name, room, allowed)
			}
		}
	}
}

// Each entry of rooms is a package.
func TestRooms_Exist(t *testing.T) {
	var existing []string
	for _, p := range packages(t) {
		existing = append(existing, strings.TrimPrefix(p.ImportPath, module))
	}
	for room := range rooms {
		if !slices.Contains(existing, room) {
			t.Errorf("rooms has an entry for %s, which does not exist", room)
		}
	}
}

// A library that rooms must not see is imported by one package.
func TestLibraries_HaveOneKeeper(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			keeper, kept := keepers[imported]
			if kept && !slices.Contains(strings.Fields(keeper), name) {
				t.Errorf("%s imports %s, which only %s may", name, imported, keeper)
			}
		}
	}
}

// docs/architecture.md names each package.
func TestPage_NamesEveryPackage(t *testing.T) {
	page, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for room := range rooms {
		name := strings.TrimSuffix(room, "/extras")
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/architecture.md does not name %s", name)
		}
	}
}
