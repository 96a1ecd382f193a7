package daemon

import (
	"context"
	"encoding/json"
	"log/slog"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"arduino-gateway/internal/atomicfile"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/supervisor"
)

// cleaner cleans up what earlier configurations have left at the broker, in the spool
// and in journals. A file in the spool's folder lists every topic on which this gateway
// has retained a message. So the cleaner also cleans up after a device that was removed
// while the gateway was stopped. It belongs to the fleet's goroutine.
type cleaner struct {
	file    *atomicfile.State
	log     *slog.Logger
	known   []reload.Topic      // as in the file
	running []reload.Cleanup    // not done yet
	done    chan reload.Cleanup // receives those that are
	names   map[string][]string // of readings that came, by topic of a device that retains them
}

func openCleaner(dir string, log *slog.Logger) *cleaner {
	c := &cleaner{log: log, done: make(chan reload.Cleanup), names: map[string][]string{}}
	c.file = &atomicfile.State{Name: filepath.Join(dir, "retained.json"), Log: log,
		Unread:  "topics of devices removed before stay at the broker",
		Unsaved: "a device removed while the gateway is stopped will keep its status at the broker"}
	c.file.Load(func(data []byte) (err error) {
		c.known, err = parseKnown(data)
		return err
	})
	return c
}

// parseKnown drops everything that is not a plain topic: it would be subscribed to.
func parseKnown(data []byte) (known []reload.Topic, err error) {
	if err := json.Unmarshal(data, &known); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(known, func(t reload.Topic) bool {
		return t.Topic == "" || strings.ContainsAny(t.Topic, "+#\x00")
	}), nil
}

// keys returns the unit keys of the running cleanups.
func (c *cleaner) keys() (keys []string) {
	for _, r := range c.running {
		keys = append(keys, cleanupKey(r))
	}
	return keys
}

// start starts what is to be cleaned up by the configuration that runs now. No cleanup
// may run any more: a device that has come back needs its queue and its journal.
func (c *cleaner) start(f *fleet) {
	commands, err := journal.Devices(f.commandsDir())
	if err != nil {
		c.log.Warn("cannot list the journals: commands of removed devices may get no result", "error", err)
	}
	c.running = reload.Cleanups(c.known, append(f.backlogs(), commands...), f.state.Config)
	c.remember(f)
	for _, r := range c.running {
		f.units.Start(cleanupKey(r), supervisor.PartOf(f.newCleanup(r, c.done)))
	}
}

// learn notes the names of the readings, of which the broker may retain one each. A
// device that is removed has no history afterwards.
func (c *cleaner) learn(h *history.Store) {
	for _, t := range c.known {
		if !t.Readings {
			continue
		}
		latest, _ := h.Device(path.Base(t.Topic)).Since(0)
		for _, l := range latest {
			if !slices.Contains(c.names[t.Topic], l.Name) {
				c.names[t.Topic] = append(c.names[t.Topic], l.Name)
			}
		}
	}
}

// finish forgets a cleanup that is done.
func (c *cleaner) finish(ctx context.Context, f *fleet, done reload.Cleanup) {
	if f.units.Stop(ctx, cleanupKey(done)) != nil {
		return
	}
	if !done.Session {
		delete(c.names, done.Topic.Topic)
	}
	c.running = slices.DeleteFunc(c.running, func(r reload.Cleanup) bool { return r == done })
	c.remember(f)
}

// cleanupKey is different from every device ID.
func cleanupKey(r reload.Cleanup) string {
	if r.Session {
		return "end of the session of " + r.ClientID
	}
	return "cleanup of " + r.Topic.Topic
}

// remember writes the file if the topics at the broker have changed.
func (c *cleaner) remember(f *fleet) {
	known := reload.Known(f.state.Config, c.running)
	if slices.Equal(known, c.known) {
		return
	}
	c.known = known
	c.file.SaveJSON(known)
}
