//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// greets returns a board whose banner looks like its answers. It answers "say=hello" and
// nothing else.
func greets(link string) simulator.Spec {
	return simulator.Spec{Name: "board", Link: link, ResetOnOpen: true, Boot: 1100 * time.Millisecond,
		Banner: []string{"ready to listen", "ready"}, Commands: []simulator.Command{{On: "say=hello", Reply: "ready hello"}}}
}

func greeted(link string) string {
	return fmt.Sprintf("  board: {port: %q, format: text, expires: 1m, commands: {say: {type: text, confirm: '^ready'}}}\n", link)
}

// A command waits for a board. The banner that the board prints when it comes is not the
// answer to the command, which goes out after it.
func TestConfirm_ABannerIsNoAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	link := filepath.Join(t.TempDir(), "port")
	r.start(greeted(link))
	r.await("devices/board/status", ending("offline"))
	for i := range 3 {
		r.publish("devices/board/set/say", "hello")
		board := simulator.New(t, greets(link))
		got, _, _ := strings.Cut(r.await("devices/board/result/say", some(i+1))[i], `,"took_ms"`)
		if want := `{"status":"done","value":"hello","line":"say=hello","reply":"ready hello"`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if err := board.Close(); err != nil {
			t.Fatal(err)
		}
		r.await("devices/board/status", ending("offline"))
	}
}

// A board is unplugged before it has answered, which ends the command at once. Its twin
// takes the port over. What the twin prints confirms only what was written to the twin.
func TestConfirm_ATwinDoesNotAnswerForTheFirstBoard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	link := filepath.Join(t.TempDir(), "port")
	first := simulator.New(t, greets(link))
	r.start(greeted(link))
	r.await("devices/board/status", ending("online"))
	r.publish("devices/board/set/say", "nothing")
	if got := obeyed(t, first); got != "say=nothing" {
		t.Fatalf("the board got %q", got)
	}
	r.publish("devices/board/set/say", "hello") // waits behind it
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	lost := r.awaitWithin(20*time.Second, "devices/board/result/say", some(1))[0]
	if want := `{"status":"failed","value":"nothing","line":"say=nothing","error":"may have run: the port was closed before a line of the board matched confirm`; !strings.HasPrefix(lost, want) {
		t.Errorf("got  %s\nwant %s", lost, want)
	}
	twin := simulator.New(t, greets(link))
	r.await("devices/board/result/say", some(2))
	r.await("devices/board/status", ending("online"))
	if got := obeyed(t, twin); got != "say=hello" {
		t.Errorf("the twin got %q", got)
	}
	got := r.heard.on("devices/board/result/say")
	if len(got) != 2 || !slices.ContainsFunc(got, func(s string) bool {
		return strings.HasPrefix(s, `{"status":"done","value":"hello","line":"say=hello","reply":"ready hello"`)
	}) {
		t.Errorf("results %q", got)
	}
}
