package broker

import (
	"log/slog"
	"math"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/internal/mqtttest"
)

// flaky fails its first accepts, like a process without free descriptors.
type flaky struct {
	net.Listener
	failures atomic.Int32
}

func (f *flaky) Accept() (net.Conn, error) {
	if f.failures.Add(-1) >= 0 {
		return nil, syscall.EMFILE
	}
	return f.Listener.Accept()
}

// After failed accepts the listener still serves, and Close ends its waiting.
func TestListener_RetriesAccept(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &flaky{Listener: socket}
	f.failures.Store(3)
	l := newListener(f, newStrangers(), slog.New(slog.DiscardHandler))
	served := make(chan string, 1)
	go l.Serve(func(id string, c net.Conn) error { served <- id; return nil })
	c, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want(t, served, listenerID)
	f.failures.Store(math.MaxInt32)
	second, _ := net.Dial("tcp", l.Address()) // wakes the accept; now all fail
	defer second.Close()
	mqtttest.Eventually(t, "an accept", func() bool { return f.failures.Load() < math.MaxInt32 })
	l.Close(nil)
	if l.wait(time.Hour) {
		t.Fatal("a closed listener waits")
	}
}
