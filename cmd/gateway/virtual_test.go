//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// virtual plugs in a board that describes itself and confirms commands.
func (r *rig) virtual(name string, faults ...simulator.Fault) *simulator.Board {
	r.t.Helper()
	return simulator.New(r.t, simulator.Spec{
		Name: name, Link: filepath.Join(r.dir, name), Hello: name, Seed: 4, Boot: 50 * time.Millisecond, Every: 100 * time.Millisecond, Faults: faults,
		Signals: []simulator.Signal{{Name: "temperature", Value: 21.5, Decimals: 1, Unit: "°C"}},
		State:   []simulator.Variable{{Name: "fan", Value: "0"}},
		Commands: []simulator.Command{
			{On: "fan=13", Refuse: "the fan is stuck"},
			{On: "fan={value}", Takes: "int 0..255", Set: "fan", Reply: "at {fan}"},
		},
	})
}

// orderFan sets a board's fan, and returns the result.
func (r *rig) orderFan(board, value string) string {
	r.t.Helper()
	topic := "devices/" + board + "/result/fan"
	before := r.heard.count(topic)
	r.publish("devices/"+board+"/set/fan", value)
	result, _, _ := strings.Cut(r.await(topic, some(before+1))[before], `,"took_ms":`)
	return result
}

func TestVirtualBoard_ConfirmsCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := r.virtual("greenhouse")
	r.start(fmt.Sprintf("  greenhouse: {port: %q, describe: true}\n", board.Path()))
	r.await("devices/greenhouse/temperature", ending("21.5"))
	for _, c := range []struct{ value, want string }{
		{"128", `{"status":"done","value":"128","line":"fan=128","reply":"at 128"`},
		{"300", `{"status":"rejected","value":"300","error":"300 is above max 255"`},
		{"13", `{"status":"failed","value":"13","line":"fan=13","error":"the fan is stuck"`},
	} {
		if got := r.orderFan("greenhouse", c.value); got != c.want {
			t.Errorf("fan %s: %s", c.value, got)
		}
	}
	r.await("devices/greenhouse/fan", ending("128"))
	if ran := board.Stats().CommandsRun; ran != 1 {
		t.Errorf("%d commands ran", ran)
	}

	// Lines that the test prints have a checksum too.
	board.Println("temperature=-3")
	r.await("devices/greenhouse/temperature", ending("-3"))

	// It runs the next, its answer is lost, and it is reset: only the board knew.
	board.Do(simulator.Garbage, time.Hour)
	r.publish("devices/greenhouse/set/fan", "7")
	for line := ""; !strings.Contains(line, " fan=7 ~"); {
		var err error
		if line, err = board.Received(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
	board.Reset()
	board.End(simulator.Garbage)
	want := `{"status":"failed","value":"7","line":"fan=7","error":"may have run: the board was reset"`
	if got := r.await("devices/greenhouse/result/fan", some(4))[3]; !strings.HasPrefix(got, want) {
		t.Errorf("amid a reset: %s", got)
	}
	if ran := board.Stats().CommandsRun; ran != 2 {
		t.Errorf("after the reset %d commands have run", ran)
	}
	if got := r.orderFan("greenhouse", "8"); !strings.HasPrefix(got, `{"status":"done"`) {
		t.Errorf("after the reset: %s", got)
	}
}

// Each result is true, and most commands are done all the same.
func TestVirtualBoard_OnANoisyWire(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := r.virtual("noisy")
	r.start(fmt.Sprintf("  noisy: {port: %q, describe: true}\n", board.Path()))
	r.await("devices/noisy/temperature", ending("21.5"))
	const commands = 10
	board.Do(simulator.Noise, 0)
	for n := range commands {
		r.publish("devices/noisy/set/fan", fmt.Sprint(n))
	}
	results := map[string]uint64{}
	for _, payload := range r.await("devices/noisy/result/fan", some(commands)) {
		var result struct{ Status string }
		if err := json.Unmarshal([]byte(payload), &result); err != nil {
			t.Fatal(err)
		}
		results[result.Status]++
	}
	ran := board.Stats().CommandsRun
	t.Logf("%v, %d ran, %d lines reached the board", results, ran, board.Stats().ReceivedLines)
	if ran < results["done"] || ran > results["done"]+results["failed"] || results["done"] < commands/2 {
		t.Errorf("%d commands ran, with the results %v", ran, results)
	}
	if lines := board.Stats().ReceivedLines; lines < commands+3 {
		t.Errorf("with %d lines to the board nothing can have been damaged", lines)
	}
}
