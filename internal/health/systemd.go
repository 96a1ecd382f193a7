package health

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"arduino-gateway/internal/status"
)

// statusEvery is how often systemctl status gets a new line.
const statusEvery = 10 * time.Second

// Notifier reports to systemd, if it runs the gateway: that the gateway is ready, its
// status line and, for the watchdog, that it is not stuck.
type Notifier struct {
	poller   *poller
	log      *slog.Logger
	notify   func(state string)
	watchdog time.Duration // 0: off
}

// NewNotifier returns a Notifier. Without systemd its Run only waits.
func NewNotifier(g Gateway, log *slog.Logger) *Notifier {
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("systemd watchdog disabled", "error", err)
	}
	return &Notifier{poller: newPoller(g), log: log, watchdog: watchdog, notify: func(state string) {
		if _, err := daemon.SdNotify(false, state); err != nil {
			log.Debug("cannot notify systemd", "error", err)
		}
	}}
}

// String names the notifier in logs.
func (n *Notifier) String() string { return "systemd notifier" }

// Run reports that the gateway is ready, and then its status until ctx ends. It must be
// started last. It returns nil.
func (n *Notifier) Run(ctx context.Context) error {
	n.notify(daemon.SdNotifyReady)
	defer n.notify(daemon.SdNotifyStopping)
	ticker := time.NewTicker(n.every())
	defer ticker.Stop()
	status := ""
	for {
		s, err := n.poller.poll(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			n.log.Error("gateway does not answer: systemd's watchdog may restart it")
		default:
			if n.watchdog > 0 {
				n.notify(daemon.SdNotifyWatchdog)
			}
			if now := statusLine(s); now != status {
				status = now
				n.notify("STATUS=" + status)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// every returns the interval of reports. It is well below the watchdog's limit, because
// a snapshot may be slow.
func (n *Notifier) every() time.Duration {
	if n.watchdog > 0 {
		return min(n.watchdog/3, statusEvery)
	}
	return statusEvery
}

// statusLine formats the status: 3 of 4 boards online, 0 lines waiting; no broker: connection refused
func statusLine(s status.Snapshot) string {
	online := 0
	for _, d := range s.Devices {
		if d.Online {
			online++
		}
	}
	line := fmt.Sprintf("%d of %d boards online, %d lines waiting", online, len(s.Devices), s.Spool.Lines)
	if !s.Broker.Connected {
		line += "; no broker: " + cmp.Or(s.Broker.Problem, "not connected")
	}
	stuck := 0
	for _, d := range s.Devices {
		if !d.Session.Stalled.IsZero() {
			stuck++
		}
	}
	if stuck > 0 {
		line += fmt.Sprintf("; the broker acknowledges no lines of %d boards", stuck)
	}
	if !s.Spool.DiskDown.IsZero() {
		line += "; nothing can be written to disk"
	}
	return line
}
