package simulator

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the messages of testdata/invalid-*.yaml")

// Each invalid file has its messages, with their places.
func TestLoad_ReportsEachMistake(t *testing.T) {
	files, _ := filepath.Glob("testdata/invalid-*.yaml")
	if len(files) < 5 {
		t.Fatalf("only %q", files)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(filepath.Base(file), data)
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: %v", file, err)
			continue
		}
		messages := strings.TrimSuffix(file, ".yaml") + ".txt"
		if *update {
			if err := os.WriteFile(messages, []byte(err.Error()+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, _ := os.ReadFile(messages)
		if got := err.Error() + "\n"; got != string(want) {
			t.Errorf("%s:\n%swant\n%s", file, got, want)
		}
	}
}

// The scenario in doc.go has every key.
func TestLoad_ReadsTheDocumentedScenario(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "//\tdir:")
	text, _, found := strings.Cut("//\tdir:"+text, "//\n// The faults are:")
	if !found {
		t.Fatal("the scenario is not where it was")
	}
	scenario, err := Load("/etc/boards/manual.yaml", []byte(strings.ReplaceAll(text, "//\t", "")))
	if err != nil {
		t.Fatal(err)
	}
	b := scenario.Boards[0]
	if scenario.Dir != "/etc/boards/run" || b.Link != "/etc/boards/run/greenhouse-port" || b.Seed != 8 {
		t.Errorf("dir %s, link %s, seed %d", scenario.Dir, b.Link, b.Seed)
	}
	if b.Baud != 9600 || !b.Pace || !b.ResetOnOpen || b.Boot != 500*time.Millisecond || b.Every != b.Boot || b.Lines != 100_000 {
		t.Errorf("%+v", b)
	}
	if got := fmt.Sprint(len(b.Banner), len(b.Signals), b.State, len(b.Commands), b.Faults); got !=
		"2 4 [{led off} {mode auto}] 2 [{5s garbage 1s 0s} {10s unplug 3s 1m0s}]" {
		t.Error(got)
	}
	fan := scenario.Boards[1]
	if fan.Hello != "fan-1" || fan.Signals[0].Unit != "rpm" || fan.Commands[1].Refuse == "" || fan.Commands[2].Takes != "int 0..255" {
		t.Errorf("%+v", fan)
	}
	if b.Signals[2] != (Signal{Name: "level", Wave: Ramp, From: 100, Period: 5 * time.Minute, Decimals: 2}) {
		t.Errorf("%+v", b.Signals[2])
	}
	checked := b.withDefaults()
	if err := checked.check(); err != nil {
		t.Error(err)
	}
}

func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("*/*.yaml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		scenario, err := Load("fuzz.yaml", data)
		var problems Problems
		if err != nil && (!errors.As(err, &problems) || len(problems) == 0) {
			t.Fatalf("%T %v", err, err)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.What == "" {
				t.Errorf("%#v", p)
			}
		}
		if err == nil && len(scenario.Boards) == 0 {
			t.Error("no board and no error")
		}
		for _, b := range scenario.Boards {
			b.LineAt(3) // panics on what Load should have refused
			newBench(b).step(time.Second)
		}
	})
}
