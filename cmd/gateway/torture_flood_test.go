//go:build linux

package main

import (
	bytesof "encoding/binary" // the tests have a function binary
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/internal/programtest"
	"arduino-gateway/simulator"
)

// floodingBroker is a broker that no real one is: it sends commands for as long as it is
// read, and acknowledges only what a test wants.
type floodingBroker struct {
	*mqtttest.Sink
	sent    atomic.Int64 // commands
	unacked atomic.Bool  // it does not acknowledge the readings

	mu       sync.Mutex
	readings map[string][]string
	results  map[string]int // by their status and the beginning of their error
}

func newFloodingBroker(t *testing.T) *floodingBroker {
	b := &floodingBroker{Sink: mqtttest.NewSink(t), readings: map[string][]string{}, results: map[string]int{}}
	b.Publish = b.take
	b.Unacked = func(topic string) bool {
		return strings.Contains(topic, "/result/") || b.unacked.Load() && strings.HasSuffix(topic, "/n")
	}
	return b
}

// flood sends commands without end: known and unknown ones, and some with a long name.
func (b *floodingBroker) flood(w io.Writer) {
	var chunk []byte
	for i := range 100 {
		name := []string{"led", "led", "lamp"}[i%3]
		if i == 99 {
			name = strings.Repeat("n", 60_000)
		}
		topic := "devices/board00/set/" + name
		chunk = append(chunk, 0x30)
		chunk = bytesof.AppendUvarint(chunk, uint64(2+len(topic)+2))
		chunk = bytesof.BigEndian.AppendUint16(chunk, uint16(len(topic)))
		chunk = append(append(chunk, topic...), "on"...)
	}
	for {
		if _, err := w.Write(chunk); err != nil {
			return
		}
		b.sent.Add(100)
	}
}

// take notes a PUBLISH:
//
//	00 11 devices/board00/n 80 01 17   the reading n, with the identifier 0x8001
func (b *floodingBroker) take(body []byte) {
	end := 2 + int(bytesof.BigEndian.Uint16(body))
	topic, payload := string(body[2:end]), string(body[end+2:])
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case strings.HasSuffix(topic, "/n"):
		b.readings[topic] = append(b.readings[topic], payload)
	case strings.Contains(topic, "/result/"):
		_, status, _ := strings.Cut(payload, `"status":"`)
		status, _, _ = strings.Cut(status, `"`)
		if strings.Contains(payload, `"error":"busy: `) {
			status += " busy"
		}
		b.results[status]++
	}
}

func (b *floodingBroker) on(topic string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.readings[topic]
}

// launchAt launches the gateway with a broker, and returns the address of its page.
func launchAt(t *testing.T, broker *floodingBroker, boards []*simulator.Board, more string) (p *running, page string) {
	t.Helper()
	dir := t.TempDir()
	page = fmt.Sprintf("127.0.0.1:%d", programtest.FreePort(t))
	var devices strings.Builder
	for _, b := range boards {
		fmt.Fprintf(&devices, "  %s: {port: %q, commands: {led: {type: bool}}}\n", b.Name(), b.Path())
	}
	file := filepath.Join(dir, "devices.yaml")
	if err := writeFile(file, fmt.Sprintf("gateway: {id: rig}\nmqtt: {broker: %q%s}\nspool: {dir: %q}\nhttp: {listen: %q}\ndevices:\n%s",
		broker.URL(), more, filepath.Join(dir, "state"), page, devices.String())); err != nil {
		t.Fatal(err)
	}
	return launch(t, file), "http://" + page
}

// TestTorture_Flood sends commands as fast as the gateway reads them, and acknowledges no
// result. Readings go on, the gateway answers, memory and log stay small, and it stops in
// order in the middle of the flood.
func TestTorture_Flood(t *testing.T) {
	t.Parallel()
	commands := int64(often(40_000, 120_000)) // there are 32,768 packet identifiers
	broker := newFloodingBroker(t)
	broker.Push = broker.flood
	broker.Start(t)
	boards := streams(t, 2, 20*time.Millisecond)
	begin := time.Now()
	p, page := launchAt(t, broker, boards, "")
	mqtttest.Eventually(t, "the flood", func() bool { return broker.sent.Load() > commands })
	took := time.Since(begin)
	for _, b := range boards {
		topic := "devices/" + b.Name() + "/n"
		before := len(broker.on(topic))
		mqtttest.Eventually(t, "readings of "+b.Name(), func() bool { return len(broker.on(topic)) > before+20 })
	}
	code, text := get(t, page+"/readyz", "", "")
	if code != http.StatusOK {
		t.Errorf("/readyz answers %d: %s", code, text)
	}
	_, metrics := get(t, page+"/metrics", "", "")
	if strings.Contains(metrics, `gateway_mqtt_dropped_results_total{device="board00"} 0`) {
		t.Error("no dropped result is counted")
	}
	memory := peakMemory(t, p)
	stopped := time.Now()
	_ = p.Process.Signal(syscall.SIGTERM)
	err := p.Wait()
	p.dead = true
	took2 := time.Since(stopped)
	if log := p.log.String(); err != nil || took2 > stopLimit || strings.Contains(log, "giving up") || len(log) > 64<<10 || strings.Count(log, "busy") > 20 {
		t.Errorf("stopped after %v: %v; log of %d bytes:\n%.5000s", took2, err, len(log), log)
	}
	if memory > 150<<10 {
		t.Errorf("%d MB of memory", memory>>10)
	}
	var c tally
	for _, b := range boards {
		payloads := broker.on("devices/" + b.Name() + "/n")
		last, _ := strconv.ParseInt(payloads[len(payloads)-1], 10, 64)
		c.add(t, payloads, last)
	}
	c.row(fmt.Sprintf("flood of %d commands, no PUBACK of results", broker.sent.Load()),
		fmt.Sprintf("%.0f commands per second, stop in %.1f s, memory at most %d MB", float64(commands)/took.Seconds(), took2.Seconds(), memory>>10))
	c.sound(t)
	if log := p.log.String(); !strings.Contains(log, "board00: commands rejected") || !strings.Contains(log, "busy: ") {
		t.Errorf("results: %v; log:\n%s", broker.results, log)
	}
	t.Logf("results: %v, stop in %v, %d MB", broker.results, took2, memory>>10)
}

// TestReadyz_LinesThatDoNotMove has a broker that accepts the session and acknowledges no
// reading, and then all.
func TestReadyz_LinesThatDoNotMove(t *testing.T) {
	t.Parallel()
	broker := newFloodingBroker(t)
	broker.unacked.Store(true)
	broker.Start(t)
	boards := streams(t, 1, 100*time.Millisecond)
	p, page := launchAt(t, broker, boards, ", keep_alive: 5s") // the shortest
	await := func(want int) (text string) {
		t.Helper()
		deadline := time.Now().Add(patience)
		for code := 0; code != want || strings.Contains(text, "lines wait, and the broker has acknowledged none since") != (want != http.StatusOK); time.Sleep(100 * time.Millisecond) {
			if code, text = get(t, page+"/readyz", "", ""); time.Now().After(deadline) {
				t.Fatalf("/readyz answers %d: %s", code, text)
			}
		}
		return text
	}
	p.log.Await(t, "dashboard")
	await(http.StatusServiceUnavailable)
	if _, text := get(t, page+"/api/v1/devices/board00", "", ""); !strings.Contains(text, `"stalled_since"`) || !strings.Contains(text, "Lines wait, and the broker") {
		t.Errorf("the API says %s", text)
	}
	broker.unacked.Store(false)
	await(http.StatusOK)
}
