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

// Notifier tells systemd, where it asks for it, that the gateway is up, how it
// stands, and, as the watchdog, that it is not stuck.
type Notifier struct {
	asker    *asker
	log      *slog.Logger
	notify   func(state string)
	watchdog time.Duration // 0: none is wanted
}

// NewNotifier makes a Notifier; without systemd its Run only waits.
func NewNotifier(g Gateway, log *slog.Logger) *Notifier {
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("the watchdog stays off", "error", err)
	}
	return &Notifier{asker: newAsker(g), log: log, watchdog: watchdog, notify: func(state string) {
		if _, err := daemon.SdNotify(false, state); err != nil {
			log.Debug("systemd cannot be told", "error", err)
		}
	}}
}

// String names the notifier in logs.
func (n *Notifier) String() string { return "systemd notifier" }

// Run belongs to the last stage: when it begins the gateway is up. It ends with
// ctx, always with nil.
func (n *Notifier) Run(ctx context.Context) error {
	n.notify(daemon.SdNotifyReady)
	defer n.notify(daemon.SdNotifyStopping)
	ticker := time.NewTicker(n.every())
	defer ticker.Stop()
	status := ""
	for {
		s, err := n.asker.ask(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			n.log.Error("the gateway does not answer itself: the watchdog may end it")
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

// every is well within the watchdog's time, which may pass twice as fast for a
// snapshot that takes its time.
func (n *Notifier) every() time.Duration {
	if n.watchdog > 0 {
		return min(n.watchdog/3, statusEvery)
	}
	return statusEvery
}

// statusLine: 3 of 4 boards online, 0 lines wait; broker away: connection refused
func statusLine(s status.Snapshot) string {
	online := 0
	for _, d := range s.Devices {
		if d.Online {
			online++
		}
	}
	line := fmt.Sprintf("%d of %d boards online, %d lines wait", online, len(s.Devices), s.Spool.Lines)
	if !s.Broker.Connected {
		line += "; broker away: " + cmp.Or(s.Broker.Problem, "not connected")
	}
	if !s.Spool.DiskDown.IsZero() {
		line += "; the disk takes nothing"
	}
	return line
}
