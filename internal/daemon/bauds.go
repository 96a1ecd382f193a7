package daemon

import (
	"encoding/json"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"arduino-gateway/device"
	"arduino-gateway/internal/atomicfile"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/wake"
	"arduino-gateway/serialbridge"
)

// foundBaud is the rate at which the board of a device was found to send text.
type foundBaud struct {
	Port string `json:"port"` // as in devices.yaml; another port has another board
	Baud int    `json:"baud"`
}

// foundBauds keeps the rates that were found for devices with baud: auto, in a file,
// so that a restart costs no line. Devices note them in goroutines of their own; the
// fleet's goroutine writes the file.
type foundBauds struct {
	file  *atomicfile.State
	noted wake.Signal // there are new ones

	mu  sync.Mutex
	all map[string]foundBaud // by device ID
}

// openBauds reads bauds.json in the gateway's folder of state. A file that cannot be
// read costs a search.
func openBauds(dir string, log *slog.Logger) *foundBauds {
	b := &foundBauds{noted: wake.NewSignal(), all: map[string]foundBaud{}}
	b.file = &atomicfile.State{Name: filepath.Join(dir, "bauds.json"), Log: log,
		Unread:  "baud rates are searched again",
		Unsaved: "baud rates are searched again after a restart"}
	b.file.Load(func(data []byte) error {
		var all map[string]foundBaud
		err := json.Unmarshal(data, &all)
		if err == nil && all != nil {
			b.all = all
		}
		return err
	})
	return b
}

// of returns the rate at which to try a device first: the one found at its port, or
// else the one at which its board was detected; 0 is none.
func (b *foundBauds) of(d device.Device, detected device.Detected) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := b.all[d.ID]
	if found.Port == d.Port && validBaud(found.Baud) {
		return found.Baud
	}
	return detected.LastBaud
}

func validBaud(baud int) bool {
	return serialbridge.Options{Port: "any", LastBaud: baud}.Validate() == nil
}

// note keeps a rate that was found.
func (b *foundBauds) note(d device.Device, baud int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if found := (foundBaud{d.Port, baud}); b.all[d.ID] != found {
		b.all[d.ID] = found
		b.noted.Set()
	}
}

// save writes the file, without the devices that the configuration does not have.
func (b *foundBauds) save(c *config.Config) {
	b.mu.Lock()
	maps.DeleteFunc(b.all, func(id string, _ foundBaud) bool {
		return !slices.ContainsFunc(c.Devices, func(d device.Device) bool { return d.ID == id })
	})
	all := maps.Clone(b.all)
	b.mu.Unlock()
	b.file.SaveJSON(all)
}
