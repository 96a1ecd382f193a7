package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/lineformat"
	"arduino-gateway/internal/protocol"
)

type noQueue struct{}

func (noQueue) Append(context.Context, time.Time, []device.Reading) {}
func (noQueue) Commit()                                             {}
func (noQueue) SetConnected(bool)                                   {}

type noObserver struct{}

func (noObserver) Active() bool                         { return false }
func (noObserver) Line(device.Heard)                    {}
func (noObserver) Later(time.Time, []device.Reading)    {}
func (noObserver) Out(time.Time, string, device.Result) {}
func (noObserver) Note(time.Time, string)               {}

// BenchmarkDevice_Line measures a line on its way from the port to the queue.
func BenchmarkDevice_Line(b *testing.B) {
	plain := []byte("temperature=23.50,humidity=40.2,seq=17")
	summed := fmt.Appendf(nil, "%s ~%04X", plain, protocol.Sum(plain))
	for name, line := range map[string][]byte{"plain": plain, "checksum": summed} {
		b.Run(name, func(b *testing.B) {
			d := NewDevice(device.Device{ID: "uno", Readings: map[string]device.ReadingSpec{"temperature": {Min: new(-40.0)}}},
				Parts{Parser: lineformat.NewReader(lineformat.Options{}), Queue: noQueue{}, Observer: noObserver{}, Lease: &lease{}, Journal: journal.Open("", nil),
					Described: func(device.Description) {}, Log: slog.New(slog.DiscardHandler)})
			d.Join(&port{}, &session{})
			at := time.Now()
			d.Opened(at)
			b.ReportAllocs()
			for b.Loop() {
				d.Line(at, line)
			}
		})
	}
}

// BenchmarkDevice_Command measures a command to a board that only prints lines, from its
// arrival to its result.
func BenchmarkDevice_Command(b *testing.B) {
	d := NewDevice(device.Device{ID: "uno", Commands: map[string]device.Command{"led": {Name: "led", Type: device.Bool}}},
		Parts{Parser: lineformat.NewReader(lineformat.Options{}), Queue: noQueue{}, Observer: noObserver{}, Lease: &lease{}, Journal: journal.Open("", nil),
			Described: func(device.Description) {}, Log: slog.New(slog.DiscardHandler)})
	done, started := make(chan struct{}), make(chan struct{})
	d.Join(&port{
		write: func(context.Context, []byte) (bool, error) { return true, nil },
		run:   func(ctx context.Context) error { close(started); <-ctx.Done(); return nil },
	}, doneSession{done})
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- d.Run(ctx) }()
	<-started
	d.Opened(time.Now())
	b.ReportAllocs()
	at := time.Now()
	for b.Loop() {
		at = at.Add(time.Second / commandRate) // no faster, or it would be rejected
		d.Message(device.Message{Command: "led", Payload: []byte("on"), Size: 2, At: at})
		<-done
	}
	cancel()
	<-ended
}

type doneSession struct{ done chan struct{} }

func (doneSession) Run(ctx context.Context) error { <-ctx.Done(); return nil }
func (doneSession) SetOnline(bool)                {}
func (doneSession) SetCommands(bool)              {}
func (s doneSession) Result(_ string, _ device.Result, delivered func()) {
	delivered()
	s.done <- struct{}{}
}
