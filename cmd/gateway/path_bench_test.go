//go:build linux

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/clock"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/lineformat"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/spool"
	"arduino-gateway/internal/supervisor"
	"arduino-gateway/internal/wake"
	"arduino-gateway/mqttbridge"
	"arduino-gateway/serialbridge"
	"arduino-gateway/simulator"
)

// BenchmarkSpool runs the whole path from port to broker in a process of its own, once
// with the spool and once with a queue in memory in its place. It reports the CPU time
// per line.
func BenchmarkSpool(b *testing.B) {
	for _, rate := range []int{50, 1000} {
		for _, kind := range []string{"spool", "memory"} {
			b.Run(fmt.Sprintf("16 boards, %d lines a second/%s", rate, kind), func(b *testing.B) {
				benchPath(b, kind, time.Second/time.Duration(rate))
			})
		}
	}
}

// benchPath runs 16 boards until b.N lines have arrived.
func benchPath(b *testing.B, kind string, every time.Duration) {
	const boards = 16
	broker := mosquittotest.Start(b, "max_inflight_messages 0")
	lines, printed := int64(b.N/boards+1), 0
	for n := range lines {
		printed += len(fmt.Sprintf("temp=23.51,hum=40.2,seq=%d\n", n))
	}
	args := []string{kind, broker.URL().String(), b.TempDir()}
	var crowd []*simulator.Board
	for i := range boards {
		crowd = append(crowd, simulator.New(b, simulator.Spec{
			Name: fmt.Sprintf("board%02d", i), Line: "temp=23.51,hum=40.2,seq={tick}", Every: every, Lines: lines, Lossless: true}))
		args = append(args, crowd[i].Path())
	}
	path := exec.Command("gateway-path", args...)
	path.Stderr = os.Stderr
	b.ResetTimer()
	if err := path.Start(); err != nil {
		b.Fatal(err)
	}
	for _, board := range crowd {
		if err := board.WaitOpen(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	awaitPrinted(b, crowd, uint64(printed), time.Duration(lines)*every+patience)
	_ = path.Process.Signal(syscall.SIGTERM)
	if err := path.Wait(); err != nil {
		b.Fatal(err)
	}
	used := path.ProcessState.UserTime() + path.ProcessState.SystemTime()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(used.Nanoseconds())/float64(lines*boards), "cpu-ns/line")
}

func init() { programs["gateway-path"] = pathMain }

// pathMain is the program gateway-path: KIND BROKER DIR PORT…
func pathMain() {
	tune()
	if err := runPath(os.Args[1], os.Args[2], os.Args[3], os.Args[4:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runPath(kind, broker, dir string, paths []string) error {
	log := slog.New(slog.DiscardHandler)
	ctx, _, stop := untilStopped(context.Background(), killAfter)
	defer stop()
	address, err := url.Parse(broker)
	if err != nil {
		return err
	}
	s := spool.Open(spool.Options{Dir: dir, Log: log})
	c := clock.Open(dir, log)
	watch := ports.NewTracker(ports.Machine{Root: "/"}, log)
	var devices []supervisor.Part
	for i, port := range paths {
		d := device.Device{ID: fmt.Sprintf("board%02d", i), Port: port, Baud: 115200}
		var q interface {
			gateway.Queue
			mqttbridge.Source
		} = newMemoryQueue()
		if kind == "spool" {
			q = backlog.New(s.Queue(d.ID), c, log)
		}
		joint := gateway.NewDevice(d, gateway.Parts{Parser: lineformat.NewReader(lineformat.Options{}), Queue: q, Observer: unwatched{},
			Lease: watch.Lease(d.ID, port), Journal: journal.Open("", log), Log: log})
		joint.Join(serialbridge.New(serialbridge.Options{Device: d.ID, Port: port, Baud: d.Baud}, joint, log),
			mqttbridge.New(mqttbridge.Options{Brokers: []*url.URL{address}, ClientID: d.ID, CleanSession: true, QoS: 1,
				Topic: "devices/" + d.ID}, q, joint, log))
		devices = append(devices, supervisor.PartOf(joint))
	}
	return supervisor.Run(ctx, log, []supervisor.Part{supervisor.PartOf(s)}, devices)
}

type unwatched struct{}

func (unwatched) Active() bool                         { return false }
func (unwatched) Line(device.Heard)                    {}
func (unwatched) Later(time.Time, []device.Reading)    {}
func (unwatched) Out(time.Time, string, device.Result) {}
func (unwatched) Note(time.Time, string)               {}

// memoryQueue is a minimal replacement for the spool: its lines are lost with the
// process, and it has no limit.
type memoryQueue struct {
	ready wake.Signal

	mu    sync.Mutex
	lines []device.Line // unacknowledged
	given int
	seq   uint64
}

func newMemoryQueue() *memoryQueue { return &memoryQueue{ready: wake.NewSignal()} }

func (q *memoryQueue) Append(_ context.Context, at time.Time, readings []device.Reading) {
	kept := slices.Clone(readings)
	for i := range kept {
		kept[i].Value = strings.Clone(kept[i].Value)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.seq++
	q.lines = append(q.lines, device.Line{Time: at, Seq: q.seq, Readings: kept})
}

func (q *memoryQueue) Commit() {
	q.ready.Set()
}

func (q *memoryQueue) SetConnected(bool)      {}
func (q *memoryQueue) Ready() <-chan struct{} { return q.ready }

func (q *memoryQueue) Rewind() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.given = 0
}

func (q *memoryQueue) Next() (device.Line, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.given == len(q.lines) {
		return device.Line{}, false
	}
	q.given++
	return q.lines[q.given-1], true
}

func (q *memoryQueue) Ack(seq uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(q.lines) && q.lines[n].Seq <= seq {
		n++
	}
	q.lines = append(q.lines[:0], q.lines[n:]...)
	q.given -= min(n, q.given)
}
