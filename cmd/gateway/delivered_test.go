//go:build linux

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/internal/doctor"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/simulator"
)

// mosquitto acknowledges what its access rules forbid. The log, the doctor and /readyz
// name the topic and the remedy; when the rules are right, all is over.
func TestRun_ReportsMessagesThatTheBrokerDrops(t *testing.T) {
	t.Parallel()
	rules := filepath.Join(t.TempDir(), "acl")
	allow := func(rights string) {
		if err := os.WriteFile(rules, []byte(rights), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	allow("topic read #\ntopic write devices/gateway/#\n")
	// With max_queued_messages 0, mosquitto 2.0.11 closes the connection instead.
	r := &rig{t: t, dir: t.TempDir(), broker: mosquittotest.Start(t, "max_queued_messages 1000", "acl_file "+rules)}
	page := r.withPage()
	board := simulator.New(t, simulator.Spec{Name: "board"})
	file := r.configure(fmt.Sprintf("  board: {port: %q}\n", board.Path()))
	p := launch(t, file)
	p.log.Await(t, "not delivered", "devices/board/status")
	const remedy = "let this user write and read the topic in the broker's access rules"
	r.expect(r.examine(file), "device board", doctor.Fail, "devices/board/status: the broker acknowledges this status and does not send it back")
	r.expect(r.examine(file), "device board", doctor.Fail, remedy)
	if got := ready(t, page); !strings.Contains(got, "degraded") || !strings.Contains(got, "devices/board/status") {
		t.Error(got)
	}
	allow("topic readwrite #\n")
	r.broker.Restart()
	p.log.Await(t, "board: delivered")
	if got := ready(t, page); strings.Contains(got, "devices/board/status") {
		t.Error(got)
	}
}

// ready returns the answer of /readyz.
func ready(t *testing.T, page string) string {
	t.Helper()
	answer, err := http.Get(page + "readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
