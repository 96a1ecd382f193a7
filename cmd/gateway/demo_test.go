//go:build linux

package main

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/logtest"
)

// TestDemo_PrintsWhatWorks runs what the demo suggests, word for word.
func TestDemo_PrintsWhatWorks(t *testing.T) {
	t.Parallel()
	out, in := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	var log logtest.Log
	begin := time.Now()
	s := testShell(in, &log, nil)
	go func() { ended <- s.run(ctx, []string{"demo"}) }()
	defer func() {
		cancel()
		if code := <-ended; code != exitDone || log.String() != "" {
			t.Errorf("the demo ended with code %d and logged:\n%s", code, log.String())
		}
	}()

	var lines []string
	for scanner := bufio.NewScanner(out); len(lines) < 5 && scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	if len(lines) != 5 {
		t.Fatalf("the demo prints %q", lines)
	}
	page, _, _ := strings.Cut(lines[0][strings.Index(lines[0], "http://"):], " ")
	if got := typed(t, "curl -sf "+page+"api/v1/devices/greenhouse"); !strings.Contains(got, `"id":"greenhouse"`) {
		t.Errorf("%s: %s", page, got)
	}
	heard := typed(t, lines[1]+" -C 24 -W 20")
	t.Logf("24 messages %v after the start", time.Since(begin).Round(time.Millisecond))
	for _, topic := range []string{"devices/greenhouse/status online", "devices/weather/"} {
		if !strings.Contains(heard, topic) {
			t.Errorf("%q is not among\n%s", topic, heard)
		}
	}
	if sent := typed(t, lines[3]); !strings.Contains(sent, `{"status":"done","value":"on","line":"led=on","took_ms":`) {
		t.Errorf("%s: %s", lines[3], sent)
	}
	if seen := typed(t, "timeout -s INT 3 "+lines[2]+" || true"); !strings.Contains(seen, "< wind:") {
		t.Errorf("%s: %s", lines[2], seen)
	}
}

// typed runs a line as a user would, in the repository's folder.
func typed(t *testing.T, line string) string {
	t.Helper()
	if strings.HasPrefix(line, "timeout") {
		// go run passes no signal on: time the program itself.
		line = strings.Replace(line, "go run ./cmd/gateway", binary(t), 1)
	}
	c := exec.CommandContext(testContext(t), "sh", "-c", line)
	c.Dir = repository(t)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}
