package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/monitor"
)

// TestWatch_KeepsEvents expects each event as it was published.
func TestWatch_KeepsEvents(t *testing.T) {
	hub, path := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	events, done := watch(ctx, path, "greenhouse")
	if e := next(t, events); e.Kind != monitor.Note || e.Text != "watching" {
		t.Fatalf("the first event is %+v", e)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	sent := []monitor.Event{
		{Time: at, Device: "greenhouse", Kind: monitor.In, Text: "t=23.50 °C", Readings: []device.Reading{{Name: "t", Value: "23.50", Unit: "°C"}}},
		{Time: at, Device: "greenhouse", Kind: monitor.Refused, Text: "\x1b[2Jgarbage\xff", Error: "no pair"},
		{Time: at, Device: "greenhouse", Kind: monitor.Refused, Text: "\xff\x00\ufffd", Error: "no text"},
		{Time: at, Device: "greenhouse", Kind: monitor.Out, Text: "LH"},
	}
	hub.Publish(monitor.Event{Device: "attic", Kind: monitor.In, Text: "not for us"})
	for _, e := range sent {
		hub.Publish(e)
	}
	for _, want := range sent {
		if got := next(t, events); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatalf("watch: %v", err)
	}
	eventually(t, func() bool { return !hub.Active("greenhouse") })
}

// TestWatch_Ends ends a watch by its callback, and by the gateway.
func TestWatch_Ends(t *testing.T) {
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Hub: monitor.NewHub(), Path: path, Gateway: &devices{known: []string{"a"}}}
	stop := run(t, s)
	enough := errors.New("enough")
	if err := Watch(t.Context(), path, "a", func(monitor.Event) error { return enough }); !errors.Is(err, enough) {
		t.Fatalf("its callback's error: %v", err)
	}
	events, done := watch(t.Context(), path, "a")
	next(t, events)
	stop()
	if err := <-done; err == nil || err.Error() != `watch "a": the gateway has stopped` {
		t.Fatalf("the gateway's end: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the socket is still there: %v", err)
	}
	if got, want := s.String(), "control socket "+path; got != want {
		t.Fatalf("String is %q, want %q", got, want)
	}
}

// TestWatch_StuckClientBlocksNothing has a client that never reads.
func TestWatch_StuckClientBlocksNothing(t *testing.T) {
	hub, path := serve(t)
	c := dial(t, path)
	fmt.Fprintln(c, `{"do":"watch","device":"attic"}`)
	eventually(t, func() bool { return hub.Active("attic") })
	text := strings.Repeat("x", 1000)
	for range 50 * 512 { // far above what the socket buffers
		hub.Publish(monitor.Event{Device: "attic", Kind: monitor.In, Text: text})
	}
	_ = c.Close()
	eventually(t, func() bool { return !hub.Active("attic") })
}

// TestServer_EndsWithSilentClients opens connections that send nothing, one too many.
func TestServer_EndsWithSilentClients(t *testing.T) {
	hub := monitor.NewHub()
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, &Server{Hub: hub, Path: path, Gateway: &devices{known: []string{"a"}}})
	for range maxClients {
		dial(t, path)
	}
	turnedAway := dial(t, path)
	if n, err := turnedAway.Read(make([]byte, 1)); err == nil {
		t.Fatalf("one watcher too many got %d bytes", n)
	}
	began := time.Now()
	stop()
	if took := time.Since(began); took > requestTime {
		t.Fatalf("the end took %v", took)
	}
}

// TestWatch_AllDevices watches without a device.
func TestWatch_AllDevices(t *testing.T) {
	hub, path := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	events, done := watch(ctx, path, "")
	if e := <-events; e.Text != "watching" || e.Device != "" {
		t.Errorf("%+v", e)
	}
	for _, id := range []string{"greenhouse", "attic"} {
		hub.Publish(monitor.Event{Device: id, Kind: monitor.In, Text: "t=1"})
		if e := <-events; e.Device != id || e.Text != "t=1" {
			t.Errorf("%+v", e)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	eventually(t, func() bool { return !hub.Active("attic") && !hub.Active("greenhouse") })
}
