//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// ear is one subscriber of one node, a mosquitto_sub with a session that the cluster
// keeps. It notes the numbered lines of all boards and the results of commands.
type ear struct {
	mu      sync.Mutex
	heard   map[string][]heardLine // by device
	answers map[string]time.Time   // by value of the command: when its first result came
}

type heardLine struct {
	number int64
	at     time.Time
}

// subscription returns a mosquitto_sub at a node.
func subscription(node *url.URL, options ...string) *exec.Cmd {
	password, _ := node.User.Password()
	return exec.Command("mosquitto_sub", append([]string{"-h", node.Hostname(), "-p", node.Port(),
		"-u", node.User.Username(), "-P", password}, options...)...)
}

// hear starts an ear, which ends with the test.
func hear(t *testing.T, node *url.URL, id string) *ear {
	t.Helper()
	sub := subscription(node, "-i", id, "-c", "-q", "1", "-k", "5", "-F", "%t\t%p", "-t", "devices/+/n", "-t", "devices/+/result/led")
	out, err := sub.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sub.Start(); err != nil {
		t.Fatal(err)
	}
	e := &ear{heard: map[string][]heardLine{}, answers: map[string]time.Time{}}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			e.take(lines.Text(), time.Now())
		}
	}()
	t.Cleanup(func() {
		_ = sub.Process.Kill()
		<-read
		_ = sub.Wait()
	})
	return e
}

func (e *ear) take(line string, now time.Time) {
	topic, payload, _ := strings.Cut(line, "\t")
	device, rest, _ := strings.Cut(strings.TrimPrefix(topic, "devices/"), "/")
	e.mu.Lock()
	defer e.mu.Unlock()
	if n, err := strconv.ParseInt(payload, 10, 64); err == nil && rest == "n" {
		e.heard[device] = append(e.heard[device], heardLine{n, now})
		return
	}
	var result struct{ Value string }
	if json.Unmarshal([]byte(payload), &result) != nil {
		return
	}
	if _, again := e.answers[result.Value]; !again {
		e.answers[result.Value] = now
	}
}

// lines returns the lines of a device so far.
func (e *ear) lines(device string) []heardLine {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard[device]
}

// answer returns when the first result for a value came; the zero time is never.
func (e *ear) answer(value string) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.answers[value]
}

// retainedStatus returns what a new client of a node reads as the status of the devices
// and the gateways, n of them: TOPIC PAYLOAD each.
func retainedStatus(node *url.URL, n int) (all []string) {
	out, _ := subscription(node, "-t", "devices/+/status", "-t", "devices/gateway/+/status", "--retained-only",
		"-C", strconv.Itoa(n), "-W", "4", "-F", "%t %p").Output() // an error means that there are fewer
	for line := range bytes.Lines(out) {
		all = append(all, strings.TrimSpace(string(line)))
	}
	return all
}
