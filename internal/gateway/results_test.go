package gateway

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
)

// Each unfinished command of a removed device gets a result, and the same one after another
// kill.
func TestConclude_GivesEachCommandItsResult(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uno")
	j := journal.Open(path, nil)
	arrived := time.Now()
	take := func(command string) uint64 {
		id, _ := j.Add(journal.Command{Name: command, Value: "on", Arrived: arrived}, false)
		return id
	}
	take("waits")
	j.Sent(take("sent"), "sent=on", 0x7f3a, 5)
	j.Result(take("result"), device.Result{Status: device.Done, Reply: "yes"})
	j.Delivered(take("over"))
	conclude := func(now time.Time) (results []string, delivered []func()) {
		Conclude(j, now, func(command string, r device.Result, over func()) {
			results = append(results, fmt.Sprintf("%s: %s %s%s %v", command, r.Status, r.Reply, r.Error, r.Took))
			delivered = append(delivered, over)
		})
		return results, delivered
	}
	want := []string{
		"waits: expired the gateway ended before the command was written 1m0s",
		"sent: failed may have run: the gateway ended while the command was in flight 1m0s",
		"result: done yes 0s",
	}
	if got, _ := conclude(arrived.Add(time.Minute)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	j.Close()
	j = journal.Open(path, nil)
	got, delivered := conclude(arrived.Add(time.Hour))
	if !slices.Equal(got, want) {
		t.Errorf("then %q", got)
	}
	for _, over := range delivered {
		over()
	}
	if left := j.Unfinished(); len(left) > 0 {
		t.Errorf("unfinished: %+v", left)
	}
	take("waits for ever")
	j.Close()
	rebooted(t, path)
	j = journal.Open(path, nil)
	defer j.Close()
	if got, _ := conclude(arrived.Round(0).Add(-time.Hour)); !slices.Equal(got, []string{"waits for ever: failed may have run: " + errPowerCut.Error() + " 0s"}) {
		t.Errorf("after a power cut %q", got)
	}
}

// rebooted makes a journal one of another start of the machine.
func rebooted(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(data, []byte(`{"boot":"`), []byte(`{"boot":"x`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}
