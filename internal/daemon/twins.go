package daemon

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/homeassistant"
	"arduino-gateway/internal/mqttadmin"
	"arduino-gateway/internal/twins"
	"arduino-gateway/internal/wake"
	"arduino-gateway/mqttbridge"
)

// hailTime bounds the question whether another gateway is still there.
const hailTime = 5 * time.Second

// twinGuard publishes who this gateway is, and tells the sessions which other gateways
// have their topics or client IDs.
type twinGuard struct {
	log     *slog.Logger
	members *members
	own     *mqttbridge.Session
	changed wake.Signal // for Run

	mu      sync.Mutex
	watcher *twins.Watcher
	self    twins.Identity
	options mqttbridge.Options // of the own session
	base    string             // of all topics, as in watcher
}

// newTwinGuard returns the guard of a gateway that starts now. Its own session is set
// before Run.
func newTwinGuard(m *members, root, version string, log *slog.Logger) *twinGuard {
	host, _ := os.Hostname()
	self := twins.Identity{Host: host, Machine: MachineID(root), Boot: bootID(root), Instance: rand.Text()[:16], Started: time.Now().UTC().Truncate(time.Millisecond), Version: version}
	return &twinGuard{log: log, members: m, changed: wake.NewSignal(), self: self}
}

// MachineID returns a hash of the machine's ID; "" if it is unknown.
func MachineID(root string) string { return hashOf(root, "/etc/machine-id") }

// bootID returns a hash of the ID of the machine's boot; "" if it is unknown.
func bootID(root string) string { return hashOf(root, "/proc/sys/kernel/random/boot_id") }

func hashOf(root, file string) string {
	id, err := os.ReadFile(filepath.Join(root, file))
	if err != nil || len(strings.TrimSpace(string(id))) == 0 {
		return ""
	}
	sum := sha256.Sum256(append([]byte("arduino-gateway "), id...))
	return hex.EncodeToString(sum[:8])
}

// String names the guard in logs.
func (g *twinGuard) String() string { return "watch for other gateways" }

// reconfigure sets what this gateway is called, where it publishes, and which devices it
// has.
func (g *twinGuard) reconfigure(options mqttbridge.Options, c *config.Config) {
	var ids []string
	for _, d := range c.Devices {
		ids = append(ids, d.ID)
	}
	g.mu.Lock()
	renamed := g.watcher == nil || g.self.ID != c.Gateway.ID || g.base != c.MQTT.BaseTopic
	if renamed {
		g.self.ID, g.base = c.Gateway.ID, c.MQTT.BaseTopic
		g.watcher = twins.NewWatcher(g.self, g.base)
	}
	fresh := renamed || !slices.Equal(g.self.Devices, ids)
	g.self.Devices, g.options = ids, options
	g.watcher.SetDevices(ids)
	g.mu.Unlock()
	if fresh {
		g.introduce(time.Now())
	}
	g.changed.Set()
}

// introduce publishes who this gateway is.
func (g *twinGuard) introduce(connected time.Time) {
	g.mu.Lock()
	topic, payload := gatewayTopic(g.base, g.self.ID)+"/info", g.watcher.Identity(connected).Payload()
	g.mu.Unlock()
	g.own.Retain(topic, payload, nil)
}

// message takes a message of the own session if it is about a gateway.
func (g *twinGuard) message(m device.Message) (taken bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rest, ok := strings.CutPrefix(m.Topic, g.base+"/gateway/")
	id, what, _ := strings.Cut(rest, "/")
	switch {
	case !ok:
		return false
	case what == "info":
		g.watcher.Info(m.At, id, m.Payload, m.Retained)
	case what == "status":
		g.watcher.Status(id, string(m.Payload), m.Retained)
	}
	g.changed.Set()
	return true
}

// Run tells the sessions of their rivals until ctx ends. While this gateway gives way, it
// looks at intervals whether the other one is still there.
func (g *twinGuard) Run(ctx context.Context) error {
	var poll time.Time // zero: none
	for ctx.Err() == nil {
		yields, expires := g.tell(time.Now())
		switch {
		case !yields:
			poll = time.Time{}
		case poll.IsZero():
			poll = time.Now().Add(g.pause())
		}
		due, forgotten := wake.At(poll), wake.At(expires)
		select {
		case <-ctx.Done():
		case <-g.changed:
		case <-forgotten.C:
		case <-due.C:
			poll = time.Time{}
			if !g.own.Stats().Connected {
				g.hail(ctx)
			}
		}
		due.Stop()
		forgotten.Stop()
	}
	return nil
}

func (g *twinGuard) pause() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.watcher.NextPoll()
}

// tell tells every session its rival. It reports whether this gateway is to give way to
// another with the same ID, and when something is to be forgotten.
func (g *twinGuard) tell(now time.Time) (yields bool, expires time.Time) {
	g.mu.Lock()
	twin := g.watcher.Twin(now)
	rivals := map[string]*twins.Rival{}
	for _, id := range g.self.Devices {
		if rivals[id] = twin; twin == nil {
			rivals[id] = g.watcher.Device(id)
		}
	}
	expires = g.watcher.Expires()
	g.mu.Unlock()
	g.own.SetRival(rivalOf(twin))
	for id, r := range rivals {
		if m := g.members.get(id); m.session != nil {
			m.session.SetRival(rivalOf(r))
		}
	}
	return twin != nil && twin.First, expires
}

func rivalOf(r *twins.Rival) *mqttbridge.Rival {
	if r == nil {
		return nil
	}
	return &mqttbridge.Rival{Who: r.Who, First: r.First, OtherID: r.OtherID}
}

// hail looks whether the gateway with the same ID is still there, and shows it that this
// one is. Without an answer nothing is decided: what is known expires.
func (g *twinGuard) hail(ctx context.Context) {
	g.mu.Lock()
	options, topic, payload := g.options, gatewayTopic(g.base, g.self.ID), g.watcher.Identity(time.Now()).Payload()
	g.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, hailTime)
	defer cancel()
	info, status := topic+"/info", topic+"/status"
	retained, err := mqttadmin.Hail(ctx, options, info, payload, info, status)
	if err != nil {
		g.log.Debug("cannot ask whether the other gateway is still there", "error", err)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.watcher.Looked(time.Now(), []byte(retained[info]), retained[status])
}

// ownHandler receives what happens to the gateway's own session.
type ownHandler struct {
	*homeassistant.Announcer
	guard *twinGuard
}

// Message passes a message to the part that it concerns.
func (h ownHandler) Message(m device.Message) {
	if !h.guard.message(m) {
		h.Announcer.Message(m)
	}
}

// Connected begins a connection.
func (h ownHandler) Connected(at time.Time, sessionPresent bool) {
	h.guard.introduce(at)
	h.Announcer.Connected(at, sessionPresent)
}
