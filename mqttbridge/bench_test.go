package mqttbridge

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/internal/wake"
)

// supply is a Source that never runs dry before its end, and stores nothing.
type supply struct {
	mu     sync.Mutex
	end    uint64
	next   uint64
	acked  uint64
	ready  wake.Signal
	done   wake.Signal
	values []device.Reading
}

func newSupply() *supply {
	return &supply{ready: wake.NewSignal(), done: wake.NewSignal(),
		values: []device.Reading{{Name: "n", Value: "temp=23.51,hum=40.2,seq=123456"}}}
}

func (s *supply) Next() (device.Line, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == s.end {
		return device.Line{}, false
	}
	s.next++
	return device.Line{Seq: s.next, Readings: s.values}, true
}

func (s *supply) Ack(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acked = seq
	if s.acked == s.end {
		s.done.Set()
	}
}

func (s *supply) Rewind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = s.acked
}

func (s *supply) Ready() <-chan struct{} { return s.ready }

func (s *supply) more(n uint64) {
	s.mu.Lock()
	s.end += n
	s.mu.Unlock()
	s.ready.Set()
}

// BenchmarkFlatOut publishes lines as fast as the window lets it.
func BenchmarkFlatOut(b *testing.B) {
	for qos := range byte(2) {
		b.Run(fmt.Sprintf("qos%d", qos), func(b *testing.B) {
			s := benchSession(b, mqtttest.NewSink(b).Start(b), qos, 0)
			b.ReportAllocs()
			b.ResetTimer()
			s.more(uint64(b.N))
			<-s.done
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

// BenchmarkOneByOne waits for each line's PUBACK.
func BenchmarkOneByOne(b *testing.B) {
	s := benchSession(b, mqtttest.NewSink(b).Start(b), 1, 0)
	for b.Loop() {
		s.more(1)
		<-s.done
	}
}

func benchSession(b *testing.B, sink *mqtttest.Sink, qos byte, i int) *supply {
	source := newSupply()
	o := deviceOptions(sink.URL())
	o.QoS, o.ClientID = qos, fmt.Sprint("uno", i)
	s := New(o, source, new(recorder), slog.New(slog.NewTextHandler(io.Discard, nil)))
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.Run(ctx) })
	b.Cleanup(func() { cancel(); wg.Wait() })
	mqtttest.Eventually(b, "connection", func() bool { return s.Stats().Connected })
	return source
}
