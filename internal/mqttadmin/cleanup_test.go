package mqttadmin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// retained returns what the broker has retained, sorted.
func retained(t *testing.T, broker *mosquittotest.Broker) (kept []string) {
	t.Helper()
	listener := mqtttest.Listen(t, broker.URL())
	mqtttest.Must(t, listener.Publish("end", 1, false, ""))
	listener.Wait(t, "end ")
	for _, text := range listener.All() {
		if text != "end " {
			kept = append(kept, text)
		}
	}
	slices.Sort(kept)
	return kept
}

// Lines are delivered and retained topics cleared, those of no other device.
func TestCleanup_DeliversAndClears(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	for topic, payload := range map[string]string{
		"devices/uno": `{"n":0}`, "devices/uno/n": "0", "devices/uno/old": "1", "devices/uno/status": "offline",
		"devices/uno/set/led": "on", "devices/due/status": "online", "devices/due/n": "7",
	} {
		mqtttest.Must(t, listener.Publish(topic, 1, true, payload))
	}
	o := deviceOptions(broker.URL())
	o.Retain = true
	source := mqtttest.NewSource(t)
	source.Add(mqtttest.Numbered(1), mqtttest.Numbered(2))
	got, err := Cleanup(t.Context(), o, CleanupTask{Readings: true, Source: source}, quiet())
	if want := (CleanupResult{Lines: 2, Cleared: 4}); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	listener.Wait(t, "devices/uno/n 1")
	listener.Wait(t, "devices/uno/n 2")
	listener.Wait(t, "devices/uno/status ")
	want := []string{"retained devices/due/n 7", "retained devices/due/status online", "retained devices/uno/set/led on"}
	if kept := retained(t, broker); !slices.Equal(kept, want) {
		t.Errorf("kept %q, want %q", kept, want)
	}
}

// Results come first, not retained, and again if the connection is lost before the
// broker has them.
func TestCleanup_DeliversResultsOverALoss(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	network := mosquittotest.NewNetwork(t, broker.URL())
	limits := []int64{600, 1 << 30} // bytes: the first connection is cut within a result
	network.SetLimit(func() (limit int64) {
		limit, limits = limits[0], limits[1:]
		return limit
	})
	var done atomic.Int64
	var task CleanupTask
	for i := range 20 {
		task.Results = append(task.Results, CommandResult{Command: "led", Done: func() { done.Add(1) },
			Result: device.Result{Status: device.Failed, Value: strconv.Itoa(i), Error: "may have run"}})
	}
	got, err := Cleanup(t.Context(), deviceOptions(network.URL()), task, quiet())
	if want := (CleanupResult{Results: 20, Cleared: 1}); err != nil || got != want || done.Load() != 20 || network.Cuts() != 1 {
		t.Errorf("%+v, %v, %d done; want %+v", got, err, done.Load(), want)
	}
	for i := range 20 {
		listener.Wait(t, fmt.Sprintf(`devices/uno/result/led {"status":"failed","value":"%d","error":"may have run","took_ms":0}`, i))
	}
	if kept := retained(t, broker); len(kept) > 0 {
		t.Errorf("kept %q", kept)
	}
}

// Without Readings only the status is cleared.
func TestCleanup_StatusOnly(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	mqtttest.Must(t, listener.Publish("devices/uno/status", 1, true, "offline"))
	mqtttest.Must(t, listener.Publish("devices/uno/n", 1, true, "somebody's own"))
	got, err := Cleanup(t.Context(), deviceOptions(broker.URL()), CleanupTask{}, quiet())
	if err != nil || got.Cleared != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if kept := retained(t, broker); !slices.Equal(kept, []string{"retained devices/uno/n somebody's own"}) {
		t.Errorf("kept %q", kept)
	}
}

// A device that goes on with retain: false keeps its status.
func TestCleanup_ReadingsOnly(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	mqtttest.Must(t, listener.Publish("devices/uno/status", 1, true, "online"))
	mqtttest.Must(t, listener.Publish("devices/uno/n", 1, true, "1"))
	o := deviceOptions(broker.URL())
	o.StatusTopic = ""
	if _, err := Cleanup(t.Context(), o, CleanupTask{Readings: true}, quiet()); err != nil {
		t.Error(err)
	}
	if kept := retained(t, broker); !slices.Equal(kept, []string{"retained devices/uno/status online"}) {
		t.Errorf("kept %q", kept)
	}
}

// If another gateway serves the device, nothing is cleared.
func TestCleanup_KeepsTopicsInUse(t *testing.T) {
	broker := mosquittotest.Start(t)
	listener := mqtttest.Listen(t, broker.URL())
	o := deviceOptions(broker.URL())
	o.ClientID = "another"
	run(t, o).SetOnline(true)
	listener.Wait(t, "devices/uno/status online")
	mqtttest.Must(t, listener.Publish("devices/uno/n", 1, true, "7"))
	got, err := Cleanup(t.Context(), deviceOptions(broker.URL()), CleanupTask{Readings: true}, quiet())
	if err != nil || !got.InUse || got.Cleared != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if kept := retained(t, broker); len(kept) != 2 {
		t.Errorf("kept %q", kept)
	}
}

// If access rules forbid to read, the status is cleared without being seen.
func TestCleanup_WithoutReadAccess(t *testing.T) {
	sink := mqtttest.NewSink(t)
	sink.Granted = 0x80
	got, err := Cleanup(t.Context(), deviceOptions(sink.Start(t).URL()), CleanupTask{Readings: true}, quiet())
	if err != nil || got.Cleared != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A broker may acknowledge what its rules forbid, or process it later: what is still
// retained is cleared again, at most three times.
func TestCleanup_ClearsAgain(t *testing.T) {
	const n = "31 10  00 0d 646576696365732f756e6f2f6e  37" // retained: devices/uno/n 7
	for want, packets := range map[CleanupResult][]string{
		{Cleared: 1, Stay: 1}: {n, "", n, "", n, "", n, ""},
		{Cleared: 2}:          {"", "", n, "", "", ""},
	} {
		sink := mqtttest.NewSink(t)
		sink.Retained = func([]string) []byte {
			packet, err := hex.DecodeString(strings.ReplaceAll(packets[0], " ", ""))
			packets = packets[1:]
			if err != nil {
				t.Error(err)
			}
			return packet
		}
		got, err := Cleanup(t.Context(), deviceOptions(sink.Start(t).URL()), CleanupTask{Readings: true}, quiet())
		if err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
}

// RabbitMQ sends no retained message to a wildcard subscription. What is known to be
// retained is asked for and cleared by its exact topic, and a status of online is
// seen.
func TestCleanup_AsksByExactTopics(t *testing.T) {
	for status, want := range map[string]CleanupResult{
		"offline": {Cleared: 2, Unlisted: true},
		"online":  {InUse: true, Unlisted: true},
	} {
		kept := map[string]string{"devices/uno/status": status, "devices/uno/n": "7", "devices/uno/old": "1"}
		var mu sync.Mutex
		sink := mqtttest.NewSink(t)
		sink.Retained = func(filters []string) (packets []byte) {
			mu.Lock()
			defer mu.Unlock()
			for _, topic := range filters {
				if payload, ok := kept[topic]; ok {
					packets = append(packets, 0x31, byte(2+len(topic)+len(payload)), 0, byte(len(topic)))
					packets = append(append(packets, topic...), payload...)
				}
			}
			return packets
		}
		sink.Publish = func(body []byte) { // all are retained and empty
			mu.Lock()
			defer mu.Unlock()
			delete(kept, string(body[2:2+body[1]]))
		}
		got, err := Cleanup(t.Context(), deviceOptions(sink.Start(t).URL()), CleanupTask{Readings: true, Names: []string{"n"}}, quiet())
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", status, got, err, want)
		}
		mu.Lock()
		if _, stays := kept["devices/uno/n"]; stays != got.InUse {
			t.Errorf("%s: kept %v", status, kept)
		}
		mu.Unlock()
	}
}

// A device that comes back cancels its cleanup, which is not a warning.
func TestCleanup_CancelledLogsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sink := mqtttest.NewSink(t)
	sink.Mute = func(kind byte) bool {
		if kind == 8 { // SUBSCRIBE
			cancel()
		}
		return kind == 8
	}
	var log logtest.Log
	_, err := Cleanup(ctx, deviceOptions(sink.Start(t).URL()), CleanupTask{}, slog.New(slog.NewTextHandler(&log, nil)))
	if !errors.Is(err, context.Canceled) || log.Count("WARN") > 0 {
		t.Errorf("%v, log:\n%s", err, log.String())
	}
}

// Cleanup tries until the broker is back, or until it is cancelled.
func TestCleanup_WaitsForTheBroker(t *testing.T) {
	broker := mosquittotest.Start(t, "persistence true")
	mqtttest.Must(t, mqtttest.Listen(t, broker.URL()).Publish("devices/uno/status", 1, true, "offline"))
	broker.Stop()
	source := mqtttest.NewSource(t)
	source.Add(mqtttest.Numbered(1))
	done := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := Cleanup(ctx, deviceOptions(broker.URL()), CleanupTask{Source: source}, quiet())
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	go func() {
		_, err := Cleanup(t.Context(), deviceOptions(broker.URL()), CleanupTask{Source: source}, quiet())
		done <- err
	}()
	broker.Restart()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("Cleanup does not end")
	}
	if kept := retained(t, broker); len(kept) > 0 || source.Acked() != 1 {
		t.Errorf("kept %q, %d acknowledged", kept, source.Acked())
	}
}
