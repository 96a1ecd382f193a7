package daemon

import (
	"encoding/json"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"time"

	"arduino-gateway/internal/atomicfile"
)

// pauses keeps the pauses of devices in a file: a gateway that restarts during an upload
// must not open the port. It is for concurrent use.
type pauses struct {
	file *atomicfile.State
	log  *slog.Logger

	mu  sync.Mutex
	all map[string]pauseRecord // by device
}

// pauseRecord is a pause in the file. One that is over is dropped with the next change.
type pauseRecord struct {
	Begun time.Time `json:"begun"`
	Until time.Time `json:"until"`
}

// openPauses reads pauses.json in the gateway's folder of state.
func openPauses(dir string, log *slog.Logger) *pauses {
	p := &pauses{log: log, all: map[string]pauseRecord{}}
	p.file = &atomicfile.State{Name: filepath.Join(dir, "pauses.json"), Log: log,
		Unread:  "pauses from before the restart are over",
		Unsaved: "a restart of the gateway ends the pauses"}
	p.file.Load(func(data []byte) error {
		var all map[string]pauseRecord
		err := json.Unmarshal(data, &all)
		if err == nil && all != nil {
			p.all = all
		}
		return err
	})
	return p
}

// set keeps a pause. The caller sets it before the pause begins, so that a kill in
// between does not lose it.
func (p *pauses) set(device string, begun, until time.Time) {
	p.change(begun, func(all map[string]pauseRecord) { all[device] = pauseRecord{begun, until} })
}

// end forgets the pause of a device.
func (p *pauses) end(device string, now time.Time) {
	p.change(now, func(all map[string]pauseRecord) { delete(all, device) })
}

// retain forgets the pauses of all devices but these.
func (p *pauses) retain(stays func(device string) bool, now time.Time) {
	p.change(now, func(all map[string]pauseRecord) {
		maps.DeleteFunc(all, func(id string, _ pauseRecord) bool { return !stays(id) })
	})
}

// change changes the pauses, drops those that are over, and writes the file if they are
// others now.
func (p *pauses) change(now time.Time, how func(all map[string]pauseRecord)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next := maps.Clone(p.all)
	how(next)
	maps.DeleteFunc(next, func(_ string, r pauseRecord) bool { return r.rest(now) <= 0 })
	if maps.Equal(next, p.all) {
		return
	}
	p.all = next
	p.file.SaveJSON(next)
}

// rest returns how long the pause of a device still lasts, and 0 if there is none.
func (p *pauses) rest(device string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all[device].rest(now)
}

// rest returns how long the pause lasts. It is over if the clock was set back to before
// its beginning, as after a power cut: it would last too long.
func (r pauseRecord) rest(now time.Time) time.Duration {
	if now.Before(r.Begun) {
		return 0
	}
	return max(0, r.Until.Sub(now))
}
