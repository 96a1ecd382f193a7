//go:build linux || darwin

package simulator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// starts runs a shipped scenario and reads a line each of its boards, in the order of
// the file, before all of it goes again.
func starts(t *testing.T, scenario Scenario, boards ...string) {
	t.Helper()
	simulation, err := Start(scenario)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- simulation.Run(ctx) }()
	var names []string
	for _, b := range simulation.Boards() {
		names = append(names, b.Name())
		if line := open(t, b.Path()).line(); !strings.HasSuffix(line, "\n") {
			t.Errorf("%s printed %q", b.Name(), line)
		}
	}
	if fmt.Sprint(names) != fmt.Sprint(boards) {
		t.Errorf("boards %q", names)
	}
	if simulation.Board(boards[0]) == nil || simulation.Board("nobody") != nil {
		t.Error("boards are not found by name")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for _, b := range simulation.Boards() {
		if _, err := os.Lstat(b.Path()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left behind: %v", b.Path(), err)
		}
	}
}

func load(t *testing.T, file string) Scenario {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := Load(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return scenario
}

func TestStart_RunsTheDemo(t *testing.T) {
	starts(t, DemoScenario(), "greenhouse", "weather", "tank")
}

func TestStart_RunsTheFaults(t *testing.T) {
	scenario := load(t, "scenarios/faults.yaml")
	if scenario.Dir != "scenarios" {
		t.Errorf("links go to %q", scenario.Dir)
	}
	scenario.Dir = filepath.Join(t.TempDir(), "new")
	starts(t, scenario, "noisy", "loose", "uno", "quiet", "stuck")
}

func TestStart_RunsTheCommands(t *testing.T) {
	scenario := load(t, "scenarios/commands.yaml")
	scenario.Dir = t.TempDir()
	starts(t, scenario, "noisy", "busy", "restless", "stubborn")
}

// The lamp of the demo follows its command.
func TestDemoScenario_SwitchesItsLamp(t *testing.T) {
	simulation, err := Start(DemoScenario())
	if err != nil {
		t.Fatal(err)
	}
	defer simulation.Close()
	p := open(t, simulation.Board("greenhouse").Path())
	p.write("led=on\n")
	for !strings.HasPrefix(p.line(), "!ok 0 taken=7 ~") {
	}
	for !strings.Contains(p.line(), ",led=on,fan=0 ~") {
	}
}

// A start that fails leaves no link behind.
func TestStart_CleansUpAfterAFailure(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "second"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Start(Scenario{Dir: dir, Boards: []Spec{{Name: "first"}, {Name: "second"}}})
	if err == nil || !strings.Contains(err.Error(), `board "second": link `) || !strings.Contains(err.Error(), "hint") {
		t.Errorf("error %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if _, err := Start(Scenario{Dir: filepath.Join(dir, "second", "x")}); err == nil {
		t.Error("a folder within a file")
	}
}

// A link that is already there is replaced, and Close removes only its own.
func TestPlaceLink_ReplacesAStaleLink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "uno")
	if err := os.Symlink("/dev/null", link); err != nil {
		t.Fatal(err)
	}
	first := New(t, Spec{Link: link})
	second := New(t, Spec{Link: link})
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	p := open(t, link)
	second.Println("still here")
	p.want("still here")
}

type failing struct {
	*testing.T
	message string
}

func (f *failing) Fatalf(format string, args ...any) { f.message = fmt.Sprintf(format, args...) }

// New fails the test with the error of the spec.
func TestNew_FailsTheTestForABadSpec(t *testing.T) {
	f := &failing{T: t}
	board := New(f, Spec{Name: "Uno", Signals: []Signal{{Name: "t", Wave: Sine}}})
	if board != nil || !strings.Contains(f.message, "signals.t: a sine needs a period") || !strings.Contains(f.message, "Uno") {
		t.Errorf("%v, %q", board, f.message)
	}
}
