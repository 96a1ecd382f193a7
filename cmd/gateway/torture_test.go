//go:build linux

package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// make torture runs these for longer:
var (
	outages = flag.Int("outages", 3, "how often TestOutages stops the broker")
	kills   = flag.Int("kills", 5, "how often TestKills kills the gateway")
)

// tally is what became of the numbered lines of all boards.
type tally struct{ delivered, lost, twice, disordered int }

// add counts one board's payloads: from the first that came to last, each
// should be there, and the first arrivals in order.
func (c *tally) add(payloads []string, last int64) error {
	seen := map[int64]bool{}
	first, highest := int64(-1), int64(-1)
	for _, payload := range payloads {
		n, err := strconv.ParseInt(payload, 10, 64)
		if err != nil {
			return fmt.Errorf("%q was never printed", payload)
		}
		switch {
		case seen[n]:
			c.twice++
			continue
		case n < highest:
			c.disordered++
		}
		if first < 0 {
			first = n
		}
		seen[n], highest = true, max(highest, n)
	}
	c.delivered += len(seen)
	c.lost += int(last-first+1) - len(seen)
	return nil
}

func (c *tally) log(t *testing.T, what string) {
	t.Logf("%-28s delivered %7d  lost %4d  twice %5d  out of order %d", what, c.delivered, c.lost, c.twice, c.disordered)
}

// streams are boards that print numbered lines until they are silenced.
func streams(t *testing.T, n int, every time.Duration) []*simulator.Board {
	boards := make([]*simulator.Board, n)
	for i := range boards {
		boards[i] = simulator.New(t, numbered(fmt.Sprintf("board%02d", i), every, 0))
	}
	return boards
}

// finish silences the boards, marks the end of each stream with a line of its
// own, waits for it, and counts.
func (r *rig) finish(boards []*simulator.Board) (c tally) {
	r.t.Helper()
	for _, b := range boards {
		b.Do(simulator.Silence, 0)
		r.awaitLine(b, "end=1", "devices/"+b.Name()+"/end", "1")
		payloads := r.heard.on("devices/" + b.Name() + "/n")
		last := int64(0)
		for _, payload := range payloads {
			n, _ := strconv.ParseInt(payload, 10, 64)
			last = max(last, n)
		}
		if err := c.add(payloads, last); err != nil {
			r.t.Errorf("%s: %v", b.Name(), err)
		}
	}
	return c
}

// TestOutages stops the broker again and again in a steady stream.
func TestOutages(t *testing.T) {
	r := newKeptRig(t)
	boards := streams(t, 16, 20*time.Millisecond)
	r.start(devicesFor(boards...))
	for i, b := range boards {
		r.await("devices/"+b.Name()+"/n", some(1+i%3))
	}
	for range *outages {
		time.Sleep(rand.N(400 * time.Millisecond)) // when it strikes is left to chance
		r.broker.Stop()
		time.Sleep(rand.N(400 * time.Millisecond))
		r.broker.Restart()
		before := r.heard.count("devices/board00/n")
		r.await("devices/board00/n", some(before+1))
	}
	c := r.finish(boards)
	c.twice = received(r.broker.Log()) - c.delivered
	c.log(t, fmt.Sprintf("broker stopped %d times", *outages))
	if c.lost > 0 || c.disordered > 0 {
		t.Errorf("%d lost, %d out of order", c.lost, c.disordered)
	}
}

// received counts the numbered lines that reached the broker, by its log:
//
//	Received PUBLISH from rig-board03 (d0, q1, r0, m32770, 'devices/board03/n', ... (1 bytes))
//
// What the listener has twice is more: after a restart mosquitto sends it again
// what it had acknowledged.
func received(log string) (n int) {
	for line := range strings.Lines(log) {
		if strings.Contains(line, "Received PUBLISH from rig-board") && strings.Contains(line, "/n'") {
			n++
		}
	}
	return n
}

// TestKills kills the gateway at random instants. A start drops what it finds
// up to the first newline, which may be half a line: of each board one line a
// kill is lost by that, and a second one where the kill came between reading
// a line and writing it to the spool.
func TestKills(t *testing.T) {
	r := newRig(t)
	boards := streams(t, 4, 5*time.Millisecond)
	program, file := binary(t), r.configure(devicesFor(boards...))
	running := launch(t, program, file)
	for range *kills {
		for _, b := range boards {
			before := r.heard.count("devices/" + b.Name() + "/n")
			r.await("devices/"+b.Name()+"/n", some(before+10))
		}
		time.Sleep(rand.N(100 * time.Millisecond)) // when it strikes is left to chance
		_ = running.Process.Kill()
		_ = running.Wait()
		running = launch(t, program, file)
	}
	c := r.finish(boards)
	c.log(t, fmt.Sprintf("gateway killed %d times", *kills))
	if most := 2 * *kills * len(boards); c.lost > most || c.disordered > 0 {
		t.Errorf("%d lost, at most %d may be; %d out of order", c.lost, most, c.disordered)
	}
}

// TestKilledWhileTheBrokerIsAway is the case that costs every rival all it had
// in memory.
func TestKilledWhileTheBrokerIsAway(t *testing.T) {
	r := newKeptRig(t)
	board := simulator.New(t, simulator.Spec{Lossless: true})
	program, file := binary(t), r.configure(devicesFor(board))
	running := launch(t, program, file)
	r.awaitLine(board, "ready=1", "devices/board/ready", "1")
	r.broker.Stop()
	const lines = 500
	for i := range lines {
		board.Println(fmt.Sprintf("n=%d", i))
	}
	awaitBacklog(t, filepath.Join(r.dir, "state"), fmt.Sprint(lines-1))
	_ = running.Process.Kill()
	_ = running.Wait()
	launch(t, program, file)
	r.broker.Restart()
	got := r.await("devices/board/n", some(lines))
	if err := inOrder(got, 0); err != nil {
		t.Error(err)
	}
}

// launch runs the real program, for tests that kill it.
func launch(t *testing.T, program, file string) *exec.Cmd {
	t.Helper()
	c := exec.Command(program, "run", "-c", file)
	c.Stderr = os.Stderr
	if !testing.Verbose() {
		c.Stderr = nil
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	return c
}

// awaitBacklog waits until a text lies in the spool's files: write(2) returned.
func awaitBacklog(t *testing.T, dir, text string) {
	t.Helper()
	ctx := testContext(t)
	for {
		out, _ := exec.CommandContext(ctx, "grep", "-rlaF", text, dir).Output()
		if len(out) > 0 {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%q is not in the spool", text)
		}
	}
}
