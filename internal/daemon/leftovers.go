package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"arduino-gateway/internal/atomicfile"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/supervisor"
)

// leftovers are what earlier configurations have left at the broker, in the spool
// and of commands, and the memory of it: a file in the spool's folder with every
// topic at which this gateway has retained something, so that a device that was
// removed while the gateway was stopped is cleared, too. All of it belongs to the
// fleet's goroutine.
type leftovers struct {
	file  string
	log   *slog.Logger
	known []reload.Topic      // as in the file
	left  []reload.Cleanup    // under way
	done  chan reload.Cleanup // from those that are
}

func openLeftovers(dir string, log *slog.Logger) *leftovers {
	l := &leftovers{file: filepath.Join(dir, "retained.json"), log: log, done: make(chan reload.Cleanup)}
	data, err := os.ReadFile(l.file)
	if err == nil {
		l.known, err = parseKnown(data)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("what earlier configurations retained at the broker is not known, and stays there", "error", err)
	}
	return l
}

// parseKnown takes nothing that is no topic: it would be subscribed to.
func parseKnown(data []byte) (known []reload.Topic, err error) {
	if err := json.Unmarshal(data, &known); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(known, func(t reload.Topic) bool {
		return t.Topic == "" || strings.ContainsAny(t.Topic, "+#\x00")
	}), nil
}

// units are those under way.
func (l *leftovers) units() (keys []string) {
	for _, r := range l.left {
		keys = append(keys, unitOf(r))
	}
	return keys
}

// tidy begins anew with what is left, seen from the configuration of now. Nothing
// is under way any more: a device that has come back has its queue and its
// commands for itself.
func (l *leftovers) tidy(f *fleet) {
	commands, err := journal.Devices(f.commandsDir())
	if err != nil {
		l.log.Warn("whether removed devices have commands in hand is not known", "error", err)
	}
	l.left = reload.Cleanups(l.known, append(f.backlogs(), commands...), f.state.Config)
	l.remember(f)
	for _, r := range l.left {
		f.units.Start(unitOf(r), supervisor.PartOf(f.retirement(r, l.done)))
	}
}

// settle forgets what has been delivered and cleared.
func (l *leftovers) settle(ctx context.Context, f *fleet, r reload.Cleanup) {
	if f.units.Stop(ctx, unitOf(r)) != nil {
		return
	}
	l.left = slices.DeleteFunc(l.left, func(other reload.Cleanup) bool { return other == r })
	l.remember(f)
}

// unitOf is no device's ID.
func unitOf(r reload.Cleanup) string { return "left on " + r.Topic.Topic }

// remember writes down what is at the broker, if that has changed.
func (l *leftovers) remember(f *fleet) {
	known := reload.Known(f.state.Config, l.left)
	if slices.Equal(known, l.known) {
		return
	}
	l.known = known
	if err := atomicfile.ReplaceJSON(l.file, known); err != nil {
		l.log.Warn("not noted what is retained at the broker: a device that is removed while the gateway is stopped will leave its status there", "error", err)
	}
}
