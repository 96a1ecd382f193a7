//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/simulator"
)

// Longer runs than make test has time for:
// go test ./cmd/gateway -run 'Replugging|32Boards|FastBoard' -v -replugs 100 -crowd 1m -lines 1000000
var (
	replugs   = flag.Int("replugs", 10, "how often TestRun_SurvivesReplugging pulls the plug")
	crowd     = flag.Duration("crowd", 3*time.Second, "how long TestRun_Serves32Boards runs")
	fullSpeed = flag.Int64("lines", 100_000, "how many lines TestRun_KeepsUpWithAFastBoard sends")
)

// numbered returns a board that prints n=0, n=1, … every interval, up to a number of
// lines.
func numbered(name string, every time.Duration, lines int64) simulator.Spec {
	return simulator.Spec{Name: name, Every: every, Line: "n={tick}", Lines: lines, Lossless: true}
}

// numberedLine returns the line n of such a board.
func numberedLine(n int64) string { return fmt.Sprintf("n=%d\n", n) }

// devicesFor returns the entries of boards for a devices.yaml.
func devicesFor(boards ...*simulator.Board) string {
	var text strings.Builder
	for _, b := range boards {
		fmt.Fprintf(&text, "  %s: {port: %q}\n", b.Name(), b.Path())
	}
	return text.String()
}

// inOrder returns an error unless the payloads are from, from+1, … to the last.
func inOrder(payloads []string, from int64) error {
	for i, payload := range payloads {
		if want := strconv.FormatInt(from+int64(i), 10); payload != want {
			return fmt.Errorf("message %d is %s, want %s", i, payload, want)
		}
	}
	return nil
}

// TestRun_SurvivesReplugging unplugs one of eight boards again and again.
func TestRun_SurvivesReplugging(t *testing.T) {
	r := usbRig(t)
	const others = 7
	loose := simulator.New(t, simulator.Spec{Name: "loose"})
	r.plug("1-1", "nano-clone", "ttyUSB0", loose)
	var boards []*simulator.Board
	for i := range others {
		boards = append(boards, simulator.New(t, numbered(fmt.Sprintf("board%d", i), 20*time.Millisecond, 0)))
	}
	stop := r.start("  loose: {port: \"usb-path:1-1\"}\n" + devicesFor(boards...))
	for i := range others {
		r.await(fmt.Sprintf("devices/board%d/n", i), some(1))
	}
	visit := func(n int) {
		loose.Println("boot=yes") // completes the partial line that an open drops
		r.awaitLine(loose, fmt.Sprintf("visit=%d", n), "devices/loose/visit", strconv.Itoa(n))
	}
	visit(0)
	goroutines, descriptors := census(t)
	for n := range *replugs {
		r.unplug("1-1", loose)
		r.await("devices/loose/status", ending("offline"))
		loose.Replug()
		r.plug("1-1", "nano-clone", "ttyUSB0", loose)
		visit(n + 1)
	}
	if err := settled(goroutines, descriptors); err != nil {
		t.Error(err)
	}
	stop()
	for i := range others {
		topic := fmt.Sprintf("devices/board%d/n", i)
		r.await(strings.TrimSuffix(topic, "n")+"status", ending("offline"))
		got := r.heard.on(topic)
		first, _ := strconv.ParseInt(got[0], 10, 64)
		if err := inOrder(got, first); err != nil {
			t.Errorf("%s: %v", topic, err)
		}
	}
}

// awaitLine prints a line again and again until it has arrived, because a board does
// not know when its port is open.
func (r *rig) awaitLine(b *simulator.Board, line, topic, payload string) {
	r.t.Helper()
	ctx := testContext(r.t)
	for {
		changed := r.heard.next()
		if got := r.heard.on(topic); len(got) > 0 && got[len(got)-1] == payload {
			return
		}
		b.Println(line)
		select {
		case <-changed:
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatalf("%q did not arrive on %s", line, topic)
		}
	}
}

// census counts goroutines and file descriptors, which must not grow.
func census(t *testing.T) (goroutines, descriptors int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return runtime.NumGoroutine(), len(entries)
}

// settled waits until there are no more goroutines and descriptors than before.
func settled(goroutines, descriptors int) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			return err
		}
		now := runtime.NumGoroutine()
		if now <= goroutines && len(entries) <= descriptors {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d goroutines and %d descriptors, %d and %d before", now, len(entries), goroutines, descriptors)
		}
	}
}

// TestRun_IsolatesBadBoards runs a board that reads nothing and one that never ends its
// line. A third board is not affected, and the gateway still stops in time.
func TestRun_IsolatesBadBoards(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const lines = 200
	hung := simulator.New(t, simulator.Spec{Name: "hung"})
	flood := simulator.New(t, simulator.Spec{Name: "flood", Lossless: true, Baud: 4_000_000})
	good := simulator.New(t, numbered("good", 10*time.Millisecond, lines))
	stop := r.start(fmt.Sprintf("  hung: {port: %q, commands: {say: {type: text, max_length: 58}}}\n%s",
		hung.Path(), devicesFor(flood, good)))
	r.await("devices/hung/status", ending("online"))
	hung.Hang()
	flood.Do(simulator.Flood, 0)
	for range 16 {
		r.publish("devices/hung/set/say", strings.Repeat("x", 58))
	}
	got := r.await("devices/good/n", ending(strconv.Itoa(lines-1)))
	first, _ := strconv.ParseInt(got[0], 10, 64)
	if err := inOrder(got, first); err != nil {
		t.Error(err)
	}
	if took := stop(); took >= stopLimit {
		t.Errorf("the stop took %v", took)
	}
	if n := r.heard.count("devices/flood/n"); n != 0 {
		t.Errorf("%d readings of a line that never ended", n)
	}
}

// TestRun_Serves32Boards runs 32 boards with 50 lines a second each. It runs alone, as
// do the other tests that work rather than wait.
func TestRun_Serves32Boards(t *testing.T) {
	r := newRig(t)
	const boards, rate = 32, 50
	lines := int64(crowd.Seconds() * rate)
	var crowded []*simulator.Board
	for i := range boards {
		crowded = append(crowded, simulator.New(t, numbered(fmt.Sprintf("board%02d", i), time.Second/rate, lines)))
	}
	begin, before := time.Now(), cpu(t)
	stop := r.start(devicesFor(crowded...))
	var total int
	for i := range boards {
		topic := fmt.Sprintf("devices/board%02d/n", i)
		got := r.awaitWithin(*crowd+patience, topic, ending(strconv.FormatInt(lines-1, 10)))
		first, _ := strconv.ParseInt(got[0], 10, 64)
		if err := inOrder(got, first); err != nil {
			t.Errorf("%s: %v", topic, err)
		}
		total += len(got)
	}
	t.Logf("%d lines of %d boards in %v; %v of CPU a line for gateway, boards and test together",
		total, boards, time.Since(begin).Round(time.Millisecond), (cpu(t)-before)/time.Duration(total))
	stop()
}

// TestRun_KeepsUpWithAFastBoard runs one board that prints as fast as the port accepts
// it.
func TestRun_KeepsUpWithAFastBoard(t *testing.T) {
	r := newRig(t)
	board := simulator.New(t, simulator.Spec{Name: "fast", Line: "n={tick}", Lines: *fullSpeed, FlatOut: true, Ending: device.LF})
	begin, before := time.Now(), cpu(t)
	stop := r.start(devicesFor(board))
	got := r.awaitWithin(patience+time.Duration(*fullSpeed)*200*time.Microsecond, "devices/fast/n", some(int(*fullSpeed)-1))
	took := time.Since(begin)
	t.Logf("%d lines in %v, %.0f a second; %v of CPU a line for gateway, board and test together",
		len(got), took.Round(time.Millisecond), float64(len(got))/took.Seconds(), (cpu(t)-before)/time.Duration(len(got)))
	stop()
	// The open dropped n=0, which could have been half a line.
	if err := inOrder(r.heard.on("devices/fast/n"), 1); err != nil {
		t.Error(err)
	}
	if n := r.heard.count("devices/fast/n"); n != int(*fullSpeed)-1 {
		t.Errorf("%d lines arrived, want %d", n, *fullSpeed-1)
	}
}

// cpu returns the CPU time that this process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
