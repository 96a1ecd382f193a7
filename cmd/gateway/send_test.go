//go:build linux

package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/mosquittotest"
)

// A user who may write commands but not read results learns that the gateway received
// the command.
func TestSend_WithoutTheRightToReadResults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rules := filepath.Join(dir, "rules")
	if err := writeFile(rules, "user gateway\ntopic readwrite devices/#\nuser remote\ntopic write devices/+/set/#\n"); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, broker: mosquittotest.Start(t, "acl_file "+rules), dir: dir, mqtt: ", username: gateway"}
	board := r.virtual("uno")
	devices := fmt.Sprintf("  uno: {port: %q, describe: false, expires: 100ms, commands: {fan: {type: int}}}\n", board.Path())
	r.start(devices)
	r.broker.WaitLog("'devices/uno/status', ... (6 bytes)") // online

	other := filepath.Join(dir, "remote.yaml")
	settings := fmt.Sprintf("gateway: {id: rig}\nmqtt: {broker: %q, username: remote}\nspool: {dir: %q}\nhttp: {listen: off}\ndevices:\n%s",
		r.broker.URL(), filepath.Join(dir, "state"), devices)
	if err := writeFile(other, settings); err != nil {
		t.Fatal(err)
	}
	var said logtest.Log
	code := testShell(io.Discard, &said, nil).run(testContext(t), []string{"send", "-c", other, "uno", "fan", "7"})
	const want = "the gateway received the command, so the broker does not deliver the result: let this user read devices/uno/result/fan"
	if code != exitFailed || !strings.Contains(said.String(), want) {
		t.Errorf("code %d: %s", code, said.String())
	}
}
