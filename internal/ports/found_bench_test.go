package ports

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"arduino-gateway/internal/portstest"
)

// BenchmarkTracker_FindsABoard measures the time from the node of a board to its lease,
// while 300 other devices look for theirs.
func BenchmarkTracker_FindsABoard(b *testing.B) {
	root := b.TempDir()
	for i := range 16 {
		if err := portstest.Plug(root, fmt.Sprintf("1-1.%d", i+1), portstest.Boards["nano-clone"], fmt.Sprint("ttyUSB", i)); err != nil {
			b.Fatal(err)
		}
	}
	tracker := NewTracker(Machine{Root: root}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { _ = tracker.Run(ctx) })
	found := make(chan time.Time, 1)
	for i := range 301 {
		lease := tracker.Lease(fmt.Sprint("device", i), fmt.Sprintf("usb:2341:%04d", i))
		running.Go(func() {
			for ctx.Err() == nil {
				if _, err := lease.Find(); err == nil {
					found <- time.Now()
				}
				select {
				case <-lease.Changed():
				case <-ctx.Done():
				}
			}
		})
	}
	var sum, longest time.Duration
	for b.Loop() {
		time.Sleep(3 * settle) // as seldom as people plug
		begin := time.Now()
		if err := portstest.Plug(root, "1-2", portstest.Boards["uno"], "ttyACM0"); err != nil {
			b.Fatal(err)
		}
		took := (<-found).Sub(begin)
		sum, longest = sum+took, max(longest, took)
		if err := portstest.Unplug(root, "1-2"); err != nil {
			b.Fatal(err)
		}
		for len(found) > 0 {
			<-found
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(sum.Microseconds())/1000/float64(b.N), "ms/board")
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest")
}
