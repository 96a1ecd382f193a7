package health

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/internal/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// gateway returns one snapshot, or blocks while it is stuck.
type gateway struct {
	mu       sync.Mutex
	snapshot status.Snapshot
	stuck    chan struct{} // closed when Status may return; nil: at once
}

func (g *gateway) Status(time.Time) status.Snapshot {
	if g.stuck != nil {
		<-g.stuck
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.snapshot
}

func sound() status.Snapshot {
	return status.Snapshot{Gateway: status.Gateway{Version: "v1.2.3", Broker: status.Broker{Connected: true}}, Devices: []status.Device{
		well("cellar", status.Live{Counts: status.Counts{Lines: 17}, LastLine: time.UnixMilli(1767323045678)}),
		well(`odd"\`+"\n", status.Live{}),
	}}
}

func well(id string, l status.Live) status.Device {
	return status.Device{About: status.About{ID: id, Online: true, Session: status.Session{Connected: true, Subscribed: true}}, Live: l}
}

func get(t *testing.T, h http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	return w
}

// TestMetrics_Format expects names, labels and values in the text format.
func TestMetrics_Format(t *testing.T) {
	w := get(t, Metrics(&gateway{snapshot: sound()}))
	text := w.Body.String()
	for _, want := range []string{
		"# HELP gateway_device_lines_total Lines that were read and understood.\n# TYPE gateway_device_lines_total counter\n" +
			"gateway_device_lines_total{device=\"cellar\"} 17\ngateway_device_lines_total{device=\"odd\\\"\\\\\\n\"} 0\n",
		"gateway_device_last_line_timestamp_seconds{device=\"cellar\"} 1767323045.678\n",
		"gateway_build_info{version=\"v1.2.3\",goversion=\"" + runtime.Version() + "\"} 1\n",
		"gateway_spool_writable 1\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if w.Header().Get("Content-Type") != contentType {
		t.Errorf("%v", w.Header())
	}
	if strings.Contains(text, "process_resident_memory_bytes 0\n") || strings.Contains(text, "process_open_fds 0\n") {
		t.Error("the process is not measured")
	}
}

// TestMetrics_Promtool runs Prometheus's own linter for names, units and help.
func TestMetrics_Promtool(t *testing.T) {
	check := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	check.Stdin = get(t, Metrics(&gateway{snapshot: sound()})).Body
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v (hint: make test installs it)\n%s", err, out)
	}
}

// TestHealth_Reports expects both reports for each fault.
func TestHealth_Reports(t *testing.T) {
	down := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		spoil         func(*status.Snapshot)
		health, ready string // status, and parts of the reasons
	}{
		"sound":       {func(*status.Snapshot) {}, "ok", "ok"},
		"broker away": {func(s *status.Snapshot) { s.Broker.Connected, s.Broker.Problem = false, "connection refused" }, "ok", "failed broker: connection refused"},
		"board away":  {func(s *status.Snapshot) { s.Devices[0].Online, s.Devices[0].Port.Problem = false, "unplugged" }, "ok", "degraded device cellar: unplugged"},
		"refused":     {func(s *status.Snapshot) { s.Devices[0].Session.Connected = false }, "ok", "degraded device cellar: MQTT session not connected"},
		"deaf": {func(s *status.Snapshot) {
			s.Devices[0].Online, s.Devices[0].Session.Deaf, s.Devices[0].Session.Problems = false, true, []string{"not subscribed"}
		}, "ok", "degraded device cellar: not subscribed"},
		"session": {func(s *status.Snapshot) {
			s.Broker.Problems, s.Devices[0].Session.Problems = []string{"a"}, []string{"b", "c"}
		}, "ok", "degraded broker: a device cellar: b device cellar: c"},
		"full":         {func(s *status.Snapshot) { s.Devices[0].Waiting.Dropped = 3 }, "ok", "degraded device cellar: 3 lines were dropped because the spool was full"},
		"stuck":        {func(s *status.Snapshot) { s.Devices[0].Session.Stalled = down }, "ok", "failed device cellar: lines wait, and the broker has acknowledged none since 2026-01-02T03:04:05Z (hint: look in the log of the broker)"},
		"disk":         {func(s *status.Snapshot) { s.Spool.DiskDown = down }, "failed spool: nothing could be written to disk since 2026-01-02T03:04:05Z: lines are kept in memory only", "failed spool: nothing could be written to disk since 2026-01-02T03:04:05Z: lines are kept in memory only"},
		"disk + board": {func(s *status.Snapshot) { s.Spool.DiskDown, s.Devices[1].Online = down, false; s.Devices[1].ID = "b" }, "failed spool: nothing could be written to disk since 2026-01-02T03:04:05Z: lines are kept in memory only", "failed spool: nothing could be written to disk since 2026-01-02T03:04:05Z: lines are kept in memory only device b: offline"},
	} {
		s := sound()
		c.spoil(&s)
		for path, want := range map[string]string{"health": c.health, "ready": c.ready} {
			h := map[string]http.Handler{"health": Healthz(&gateway{snapshot: s}), "ready": Readyz(&gateway{snapshot: s})}[path]
			w := get(t, h)
			if got := words(t, w); got != want {
				t.Errorf("%s, %s: %s, want %s", name, path, got, want)
			}
			if failed := strings.HasPrefix(want, Failed); failed != (w.Code == http.StatusServiceUnavailable) {
				t.Errorf("%s, %s: code %d", name, path, w.Code)
			}
		}
	}
}

// words returns a report on one line.
func words(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var r Report
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || r.Reasons == nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	text := r.Status
	for _, reason := range r.Reasons {
		text += " " + strings.TrimSpace(reason.Part+" "+reason.Device) + ": " + reason.What
	}
	return text
}

// TestHealth_FailsWhenStuck has a gateway that does not answer for a while.
func TestHealth_FailsWhenStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{snapshot: sound(), stuck: make(chan struct{})}
		h := Healthz(g)
		for range 2 {
			if got := words(t, get(t, h)); got != "failed gateway: the gateway does not answer" {
				t.Error(got)
			}
		}
		if w := get(t, Metrics(g)); w.Code != http.StatusServiceUnavailable {
			t.Errorf("metrics with code %d", w.Code)
		}
		close(g.stuck)
		synctest.Wait()
		if got := words(t, get(t, h)); got != "ok" {
			t.Error(got)
		}
	})
}

// TestNotifier_ReportsToSystemd expects every message, with a change in between.
func TestNotifier_ReportsToSystemd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{snapshot: sound()}
		var sent []string
		n := &Notifier{poller: newPoller(g), log: slog.New(slog.DiscardHandler), watchdog: 9 * time.Second,
			notify: func(state string) { sent = append(sent, state) }}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- n.Run(ctx) }()
		synctest.Wait()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		g.mu.Lock()
		g.snapshot.Broker.Connected = false
		g.mu.Unlock()
		time.Sleep(3 * time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		want := []string{"READY=1", "WATCHDOG=1", "STATUS=2 of 2 boards online, 0 lines waiting", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1",
			"WATCHDOG=1", "STATUS=2 of 2 boards online, 0 lines waiting; no broker: not connected", "STOPPING=1"}
		if !slices.Equal(sent, want) {
			t.Errorf("%q\nwant %q", sent, want)
		}
	})
}

// TestNotifier_LetsTheWatchdogExpireWhenStuck sends nothing to the watchdog for a stuck
// gateway.
func TestNotifier_LetsTheWatchdogExpireWhenStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gateway{stuck: make(chan struct{})}
		var sent []string
		n := &Notifier{poller: newPoller(g), log: slog.New(slog.DiscardHandler), watchdog: 9 * time.Second,
			notify: func(state string) { sent = append(sent, state) }}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- n.Run(ctx) }()
		time.Sleep(time.Minute)
		cancel()
		<-done
		close(g.stuck)
		if want := []string{"READY=1", "STOPPING=1"}; !slices.Equal(sent, want) {
			t.Errorf("%q", sent)
		}
	})
}
