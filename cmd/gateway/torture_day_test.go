//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/wake"
	"arduino-gateway/simulator"
)

// TestTorture_ADaysOutage keeps what 32 boards print in a day, at one line per second each,
// and delivers it when the broker is back. The boards print faster than that, or the
// test would take a day; times and order are real.
func TestTorture_ADaysOutage(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.Start(t, "max_queued_messages 0", "max_inflight_messages 0")
	r := &rig{t: t, broker: broker, dir: t.TempDir()} // without a listener that keeps all it hears
	const boards = 32
	lines := int64(often(300, 24*60*60))
	var crowd []*simulator.Board
	for i := range boards {
		crowd = append(crowd, simulator.New(t, simulator.Spec{
			Name: fmt.Sprintf("board%02d", i), Line: "n={tick}", Lines: lines, FlatOut: true, Lossless: true, Ending: device.LF,
		}))
	}
	network := mosquittotest.NewNetwork(t, r.broker.URL())
	network.SetDown(true)
	r.via = network.URL()
	ear := r.count("devices/+/n", "devices/probe/n")
	p := launch(t, r.configure(devicesFor(crowd...)))
	awaitPrinted(t, crowd, printedBytes(lines), time.Duration(lines*boards)*50*time.Microsecond+patience)
	network.SetDown(false)
	ear.await(t, 2*patience, func() bool { return ear.delivered > 0 }) // the last attempt to connect may have been a while ago
	begin := time.Now()
	ear.await(t, time.Duration(lines*boards)*200*time.Microsecond+patience, func() bool { return ear.ended(lines-1) == boards })
	drained := time.Since(begin)
	c := ear.total()
	c.row(fmt.Sprintf("%d boards, %d lines each, broker away", boards, lines),
		fmt.Sprintf("drained at %.0f lines per second; memory at most %d MB", float64(c.read)/drained.Seconds(), peakMemory(t, p)>>10))
	c.sound(t)
}

// printedBytes returns how many bytes a board prints that numbers its lines from 0.
func printedBytes(lines int64) (bytes uint64) {
	for n := range lines {
		bytes += uint64(len(numberedLine(n)))
	}
	return bytes
}

// awaitPrinted waits until every board has printed that many bytes. The gateway has
// read all but a few KB of them, which the port holds.
func awaitPrinted(t testing.TB, boards []*simulator.Board, bytes uint64, limit time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		left := 0
		for _, b := range boards {
			if b.Stats().Printed < bytes {
				left++
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d boards still print", left)
		}
	}
}

// peakMemory returns the peak resident memory of a process, in KB.
func peakMemory(t *testing.T, p *running) (peak int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			peak, _ = strconv.Atoi(fields[1])
		}
	}
	return peak
}

// counter is a listener for very many messages. It keeps only the first and the last
// number of each topic.
type counter struct {
	mu sync.Mutex
	tally
	first, last map[string]int64
	changed     wake.Signal
}

// count listens with a mosquitto_sub of its own. It returns when that receives a
// message published on probe.
func (r *rig) count(filter, probe string) *counter {
	r.t.Helper()
	sub := exec.Command("mosquitto_sub", "-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port), "-q", "1", "-F", "%t\t%p", "-t", filter)
	out, err := sub.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := sub.Start(); err != nil {
		r.t.Fatal(err)
	}
	c := &counter{first: map[string]int64{}, last: map[string]int64{}, changed: wake.NewSignal()}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			topic, payload, _ := strings.Cut(lines.Text(), "\t")
			c.take(topic, payload)
		}
	}()
	r.t.Cleanup(func() {
		_ = sub.Process.Kill()
		<-read
		_ = sub.Wait()
	})
	for ctx := testContext(r.t); ; {
		r.publish(probe, "0")
		select {
		case <-c.changed:
			c.mu.Lock()
			defer c.mu.Unlock()
			c.tally = tally{}
			clear(c.first)
			clear(c.last)
			return c
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatal("mosquitto_sub hears nothing")
		}
	}
}

func (c *counter) take(topic, payload string) {
	n, _ := strconv.ParseInt(payload, 10, 64)
	c.mu.Lock()
	defer c.mu.Unlock()
	last, ok := c.last[topic]
	if !ok {
		c.first[topic] = n
	}
	switch {
	case ok && n == last:
		c.twice++
	case ok && n != last+1:
		c.disordered++
	default:
		c.delivered++
	}
	c.last[topic] = n
	c.changed.Set()
}

// total returns what arrived, and what should have arrived.
func (c *counter) total() tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.tally
	for topic, first := range c.first {
		all.read += int(c.last[topic] - first + 1)
	}
	all.lost = all.read - all.delivered
	return all
}

// ended counts the topics whose last number has arrived; c.mu is held.
func (c *counter) ended(last int64) (topics int) {
	for _, n := range c.last {
		if n == last {
			topics++
		}
	}
	return topics
}

// await waits until enough returns true; it is called with c.mu held.
func (c *counter) await(t *testing.T, limit time.Duration, enough func() bool) {
	t.Helper()
	timeout := time.After(limit)
	for {
		c.mu.Lock()
		reached := enough()
		c.mu.Unlock()
		if reached {
			return
		}
		select {
		case <-c.changed:
		case <-timeout:
			t.Fatalf("not in time: %+v", c.total())
		}
	}
}
