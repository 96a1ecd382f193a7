package serialbridge

import (
	"bytes"
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/creack/pty"
)

// counter is the cheapest Handler.
type counter struct {
	NopHandler
	lines int
	want  int
	done  chan struct{}
}

func (c *counter) Line(time.Time, []byte) {
	if c.lines++; c.lines == c.want {
		close(c.done)
	}
}

var sampleLine = []byte("temperature=23.50,humidity=40.2\n")

// BenchmarkPort reads lines as fast as a pty delivers them.
func BenchmarkPort(b *testing.B) {
	master, slave, err := pty.Open()
	if err != nil {
		b.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	c := &counter{want: b.N, done: make(chan struct{})}
	p := New(Options{Device: "bench", Port: slave.Name(), Baud: 115200}, c, nil)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx) }()
	for p.Stats().Opens == 0 {
		time.Sleep(time.Millisecond)
	}
	master.Write([]byte("\n"))
	b.ReportAllocs()
	b.SetBytes(int64(len(sampleLine)))
	b.ResetTimer()
	batch := bytes.Repeat(sampleLine, 100)
	for left := b.N; left > 0; left -= 100 {
		master.Write(batch[:min(left, 100)*len(sampleLine)])
	}
	<-c.done
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
	cancel()
	<-ended
}

// A line on its way through this package allocates nothing. (The select(2) of
// the library allocates its sets once a chunk.)
func TestPort_AllocatesNothingForALine(t *testing.T) {
	const chunks, lines = 200, 100
	raw := &replay{chunk: bytes.Repeat(sampleLine, lines), left: chunks}
	c := &counter{want: chunks*lines - 1, done: make(chan struct{})}
	p := New(Options{Device: "greenhouse", Baud: 115200}, c, nil)
	p.times = quick
	p.open = func(context.Context, string, int) (rawPort, error) { return raw, nil }
	ctx, cancel := context.WithCancel(t.Context())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	go func() { <-c.done; cancel() }()
	must(t, p.Run(ctx))
	runtime.ReadMemStats(&after)
	if got := after.Mallocs - before.Mallocs; got > chunks*lines/50 {
		t.Errorf("%d allocations for %d lines", got, chunks*lines)
	}
}

// replay is a rawPort that prints the same chunk again and again.
type replay struct {
	fakePort
	chunk []byte
	left  int
}

func (r *replay) Read(p []byte) (int, error) {
	if r.left == 0 {
		time.Sleep(r.timeout)
		return 0, nil
	}
	r.left--
	return copy(p, r.chunk), nil
}
