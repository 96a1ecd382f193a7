package mqttbridge

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/mosquittotest"
)

// retained gives what the broker keeps, sorted.
func retained(t *testing.T, broker *mosquittotest.Broker) (kept []string) {
	t.Helper()
	ear := listen(t, broker.URL())
	must(t, ear.Publish("end", 1, false, ""))
	ear.wait(t, "end ")
	for _, text := range ear.all() {
		if text != "end " {
			kept = append(kept, text)
		}
	}
	slices.Sort(kept)
	return kept
}

func TestWhatARemovedDeviceLeavesIsDeliveredAndCleared(t *testing.T) {
	broker := mosquittotest.Start(t)
	ear := listen(t, broker.URL())
	for topic, payload := range map[string]string{
		"devices/uno": `{"n":0}`, "devices/uno/n": "0", "devices/uno/old": "1", "devices/uno/status": "offline",
		"devices/uno/set/led": "on", "devices/due/status": "online", "devices/due/n": "7",
	} {
		must(t, ear.Publish(topic, 1, true, payload))
	}
	o := deviceOptions(broker.URL())
	o.Retain = true
	source := newLines(t)
	source.add(numbered(1), numbered(2))
	got, err := Retire(t.Context(), o, Remains{Readings: true, Source: source}, quiet())
	if want := (Retired{Lines: 2, Cleared: 4}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	ear.wait(t, "devices/uno/n 1")
	ear.wait(t, "devices/uno/n 2")
	ear.wait(t, "devices/uno/status ")
	want := []string{"retained devices/due/n 7", "retained devices/due/status online", "retained devices/uno/set/led on"}
	if kept := retained(t, broker); !slices.Equal(kept, want) {
		t.Errorf("kept %q, want %q", kept, want)
	}
}

// Results of commands come first, not retained, and again where the connection is
// lost before the broker has them.
func TestResultsThatNobodyHasHadAreTold(t *testing.T) {
	broker := mosquittotest.Start(t)
	ear := listen(t, broker.URL())
	network := mosquittotest.NewNetwork(t, broker.URL())
	limits := []int64{600, 1 << 30} // bytes: the first connection is cut within a result
	network.SetLimit(func() (limit int64) {
		limit, limits = limits[0], limits[1:]
		return limit
	})
	var told atomic.Int64
	var left Remains
	for i := range 20 {
		left.Results = append(left.Results, Result{Command: "led", Told: func() { told.Add(1) },
			Result: device.Result{Status: device.Failed, Value: strconv.Itoa(i), Error: "may have run"}})
	}
	got, err := Retire(t.Context(), deviceOptions(network.URL()), left, quiet())
	if want := (Retired{Results: 20, Cleared: 1}); err != nil || got != want || told.Load() != 20 || network.Cuts() != 1 {
		t.Errorf("%+v, %v, %d told; want %+v", got, err, told.Load(), want)
	}
	for i := range 20 {
		ear.wait(t, fmt.Sprintf(`devices/uno/result/led {"status":"failed","value":"%d","error":"may have run","took_ms":0}`, i))
	}
	if kept := retained(t, broker); len(kept) > 0 {
		t.Errorf("kept %q", kept)
	}
}

func TestTheStatusAloneIsCleared(t *testing.T) {
	broker := mosquittotest.Start(t)
	ear := listen(t, broker.URL())
	must(t, ear.Publish("devices/uno/status", 1, true, "offline"))
	must(t, ear.Publish("devices/uno/n", 1, true, "somebody's own"))
	got, err := Retire(t.Context(), deviceOptions(broker.URL()), Remains{}, quiet())
	if err != nil || got.Cleared != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if kept := retained(t, broker); !slices.Equal(kept, []string{"retained devices/uno/n somebody's own"}) {
		t.Errorf("kept %q", kept)
	}
}

// The readings of a device that goes on with retain: false.
func TestTheReadingsAloneAreCleared(t *testing.T) {
	broker := mosquittotest.Start(t)
	ear := listen(t, broker.URL())
	must(t, ear.Publish("devices/uno/status", 1, true, "online"))
	must(t, ear.Publish("devices/uno/n", 1, true, "1"))
	o := deviceOptions(broker.URL())
	o.StatusTopic = ""
	if _, err := Retire(t.Context(), o, Remains{Readings: true}, quiet()); err != nil {
		t.Error(err)
	}
	if kept := retained(t, broker); !slices.Equal(kept, []string{"retained devices/uno/status online"}) {
		t.Errorf("kept %q", kept)
	}
}

// Who moved a board to another gateway keeps its topics.
func TestADeviceThatAnotherGatewayServesIsLeftAlone(t *testing.T) {
	broker := mosquittotest.Start(t)
	ear := listen(t, broker.URL())
	o := deviceOptions(broker.URL())
	o.ClientID = "another"
	run(t, o).SetOnline(true)
	ear.wait(t, "devices/uno/status online")
	must(t, ear.Publish("devices/uno/n", 1, true, "7"))
	got, err := Retire(t.Context(), deviceOptions(broker.URL()), Remains{Readings: true}, quiet())
	if err != nil || !got.InUse || got.Cleared != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if kept := retained(t, broker); len(kept) != 2 {
		t.Errorf("kept %q", kept)
	}
}

// Access rules may forbid to read: then the status is cleared unseen.
func TestRetireWithoutTheRightToRead(t *testing.T) {
	sink := newSink(t)
	sink.granted = 0x80
	got, err := Retire(t.Context(), deviceOptions(sink.start(t).url()), Remains{Readings: true}, quiet())
	if err != nil || got.Cleared != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A broker may acknowledge what its rules forbid, or still take in what it has
// acknowledged.
func TestWhatIsStillRetainedIsClearedAgain(t *testing.T) {
	const n = "31 10  00 0d 646576696365732f756e6f2f6e  37" // retained: devices/uno/n 7
	for want, packets := range map[Retired][]string{
		{Cleared: 1, Stay: 1}: {n, n, n, n},
		{Cleared: 2}:          {"", n, ""},
	} {
		sink := newSink(t)
		sink.retained = func() []byte {
			packet, err := hex.DecodeString(strings.ReplaceAll(packets[0], " ", ""))
			packets = packets[1:]
			if err != nil {
				t.Error(err)
			}
			return packet
		}
		got, err := Retire(t.Context(), deviceOptions(sink.start(t).url()), Remains{Readings: true}, quiet())
		if err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
}

// A device that comes back ends what clears its topics, which is no problem.
func TestRetireIsCalledOffInSilence(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sink := newSink(t)
	sink.mute = func(kind byte) bool {
		if kind == 8 { // SUBSCRIBE
			cancel()
		}
		return kind == 8
	}
	var log logtest.Log
	_, err := Retire(ctx, deviceOptions(sink.start(t).url()), Remains{}, slog.New(slog.NewTextHandler(&log, nil)))
	if !errors.Is(err, context.Canceled) || log.Count("WARN") > 0 {
		t.Errorf("%v, log:\n%s", err, log.String())
	}
}

func TestRetireWaitsForTheBroker(t *testing.T) {
	broker := mosquittotest.Start(t, "persistence true")
	must(t, listen(t, broker.URL()).Publish("devices/uno/status", 1, true, "offline"))
	broker.Stop()
	source := newLines(t)
	source.add(numbered(1))
	done := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := Retire(ctx, deviceOptions(broker.URL()), Remains{Source: source}, quiet())
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	go func() {
		_, err := Retire(t.Context(), deviceOptions(broker.URL()), Remains{Source: source}, quiet())
		done <- err
	}()
	broker.Restart()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("Retire does not end")
	}
	if kept := retained(t, broker); len(kept) > 0 || source.ackedLines() != 1 {
		t.Errorf("kept %q, %d acknowledged", kept, source.ackedLines())
	}
}
