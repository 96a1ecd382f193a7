//go:build linux

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/simulator"
)

// Nothing is lost, whatever fails: each case is in a file torture_*_test.go and prints
// a row of one table. make test runs a short form of each. make torture sets this flag
// and prints the table.
var torture = flag.Bool("torture", false, "run the torture cases at full length, and print their table")

// often returns how many times a case repeats its fault.
func often(short, full int) int {
	if *torture {
		return full
	}
	return short
}

// tally counts what happened to the numbered lines of all boards.
type tally struct {
	read, delivered, lost, twice, disordered int
	seqs, back                               int // lines with a seq, and those with one that was not new
}

var tableHead sync.Once

// row adds a line to the table.
func (c tally) row(what, remark string) {
	if !*torture {
		return
	}
	tableHead.Do(func() {
		fmt.Printf("| %-46s | %9s | %9s | %5s | %6s | %12s | %8s |\n", "case", "read", "delivered", "lost", "twice", "out of order", "seq back")
	})
	back := "-" // the case has no JSON
	if c.seqs > 0 {
		back = strconv.Itoa(c.back)
	}
	fmt.Printf("| %-46s | %9d | %9d | %5d | %6d | %12d | %8s | %s\n", what, c.read, c.delivered, c.lost, c.twice, c.disordered, back, remark)
}

// sound fails the test if a line was lost or out of order, or a seq went back.
func (c tally) sound(t *testing.T) {
	t.Helper()
	c.soundBut(t, 0)
}

// soundBut is sound where so many lines may be missing: the first after each start.
func (c tally) soundBut(t *testing.T, missing int) {
	t.Helper()
	if c.lost > missing || c.disordered > 0 || c.back > 0 {
		t.Errorf("%d lost, %d out of order, %d of %d seqs went back", c.lost, c.disordered, c.back, c.seqs)
	}
}

// addSeqs counts the seqs of one board's JSON. A line that comes twice keeps its seq, and
// a new one has a higher seq than all before.
func (c *tally) addSeqs(t *testing.T, payloads []string) {
	t.Helper()
	lines, highest := map[uint64]int64{}, uint64(0)
	for _, payload := range payloads {
		line := struct {
			N   int64
			Seq uint64
		}{N: -1}
		if err := json.Unmarshal([]byte(payload), &line); err != nil {
			t.Fatal(err)
		}
		c.seqs++
		if n, known := lines[line.Seq]; known && n != line.N || !known && line.Seq <= highest {
			c.back++
		}
		lines[line.Seq], highest = line.N, max(highest, line.Seq)
	}
}

// numbersOf returns the numbers of one board in the order of their first arrival.
func (c *tally) numbersOf(t *testing.T, payloads []string) (seen map[int64]bool) {
	t.Helper()
	seen = map[int64]bool{}
	highest := int64(-1)
	for _, payload := range payloads {
		n, err := strconv.ParseInt(payload, 10, 64)
		if err != nil {
			t.Fatalf("%q was never printed", payload)
		}
		switch {
		case seen[n]:
			c.twice++
			continue
		case n < highest:
			c.disordered++
		}
		seen[n], highest = true, max(highest, n)
	}
	c.delivered += len(seen)
	return seen
}

// add counts a board's payloads. All from the first that came to last should be there.
func (c *tally) add(t *testing.T, payloads []string, last int64) {
	t.Helper()
	if len(payloads) == 0 {
		t.Fatal("nothing was delivered")
	}
	first, _ := strconv.ParseInt(payloads[0], 10, 64)
	seen := c.numbersOf(t, payloads)
	c.read += int(last - first + 1)
	c.lost += int(last-first+1) - len(seen)
}

// streams returns boards that print numbered lines until silence.
func streams(t *testing.T, n int, every time.Duration) []*simulator.Board {
	boards := make([]*simulator.Board, n)
	for i := range boards {
		boards[i] = simulator.New(t, numbered(fmt.Sprintf("board%02d", i), every, 0))
	}
	return boards
}

// silence ends the streams, each with a last line, and waits for these.
func (r *rig) silence(boards []*simulator.Board) {
	r.t.Helper()
	for _, b := range boards {
		b.Do(simulator.Silence, 0)
		r.awaitLine(b, "end=1", "devices/"+b.Name()+"/end", "1")
	}
}

// finish ends the streams and counts.
func (r *rig) finish(boards []*simulator.Board) (c tally) {
	r.t.Helper()
	r.silence(boards)
	for _, b := range boards {
		payloads := r.heard.on("devices/" + b.Name() + "/n")
		last := int64(0)
		for _, payload := range payloads {
			n, _ := strconv.ParseInt(payload, 10, 64)
			last = max(last, n)
		}
		c.add(r.t, payloads, last)
		c.addSeqs(r.t, r.heard.on("devices/"+b.Name()))
	}
	return c
}

// awaitEach waits until each board has so many lines more than before.
func (r *rig) awaitEach(boards []*simulator.Board, more int) {
	r.t.Helper()
	for _, b := range boards {
		topic := "devices/" + b.Name() + "/n"
		r.await(topic, some(r.heard.count(topic)+more))
	}
}

// running is the real binary, for tests that kill it or read its log.
type running struct {
	*exec.Cmd
	log  logtest.Log
	dead bool
}

// launch runs the binary with this devices.yaml, behind a prefix such as unshare.
func launch(t *testing.T, file string, prefix ...string) *running {
	t.Helper()
	words := append(prefix, binary(t), "run", "-c", file)
	p := &running{Cmd: exec.Command(words[0], words[1:]...)}
	p.Stderr = &p.log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.dead {
			return
		}
		p.kill()
		if t.Failed() {
			t.Logf("log of the gateway:\n%s", p.log.String())
		}
	})
	return p
}

// stop ends the binary with SIGTERM.
func (p *running) stop(t *testing.T) {
	t.Helper()
	p.dead = true
	_ = p.Process.Signal(syscall.SIGTERM)
	if err := p.Wait(); err != nil {
		t.Errorf("the gateway stopped with %v", err)
	}
}

// kill ends the binary as a power cut would, except that the kernel keeps its memory.
func (p *running) kill() {
	p.dead = true
	_ = p.Process.Kill()
	_ = p.Wait()
}
