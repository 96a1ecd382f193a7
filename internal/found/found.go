// Package found remembers the boards that were found without an entry in
// devices.yaml, so that after a restart they are devices again before they are
// plugged in: what waits for the broker goes out under their names, and who looks
// sees that they are away.
//
// It knows configurations and one file, and no port.
package found

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"arduino-gateway/internal/atomicfile"
	"arduino-gateway/internal/config"
)

// Board is one of them.
type Board struct {
	ID    string `json:"id"`
	Port  string `json:"port"`            // as in devices.yaml
	Baud  int    `json:"baud"`            // at which it was heard
	Plain bool   `json:"plain,omitempty"` // it only prints lines; its ID was made for it
}

// most bounds them: no machine has more ports.
const most = 256

// Boards are all that are remembered. They are not for concurrent use.
type Boards struct {
	file string
	log  *slog.Logger
	all  []Board
}

// Open reads the file in the gateway's folder of state.
func Open(dir string, log *slog.Logger) *Boards {
	b := &Boards{file: filepath.Join(dir, "boards.json"), log: log}
	data, err := os.ReadFile(b.file)
	if err == nil {
		err = json.Unmarshal(data, &b.all)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("the boards that were found before are not known; they are found again when they are there", "error", err)
		b.all = nil
	}
	return b
}

// Join gives the configuration with the boards as devices, if it is to have any,
// but for those whose ID or port a device of devices.yaml has now, and why not;
// taken tells that of a port.
func (b *Boards) Join(c *config.Config, taken func(port string) bool) (joined *config.Config, left map[string]error) {
	joined, left = c, map[string]error{}
	if !c.Auto.On {
		return joined, left
	}
	for _, board := range b.all {
		adopt := joined.Adopt
		switch {
		case board.Plain && !c.Auto.Any:
			continue
		case board.Plain:
			adopt = joined.AdoptPlain
		}
		d, err := adopt(board.ID, board.Port, board.Baud)
		if err == nil && taken(board.Port) {
			err = errTaken
		}
		if err != nil {
			left[board.ID] = err
			continue
		}
		joined = joined.WithDevice(d)
	}
	return joined, left
}

var errTaken = errors.New("devices.yaml has its port")

// Put remembers a board, in place of one with its ID. The error is that there are
// too many.
func (b *Boards) Put(board Board) error {
	all := slices.DeleteFunc(slices.Clone(b.all), func(o Board) bool { return o.ID == board.ID })
	if len(all) >= most {
		return errors.New("too many boards were found already (hint: gateway forget)")
	}
	b.replace(append(all, board))
	return nil
}

// Drop forgets boards.
func (b *Boards) Drop(ids ...string) {
	b.replace(slices.DeleteFunc(slices.Clone(b.all), func(o Board) bool { return slices.Contains(ids, o.ID) }))
}

// replace writes them down, where they have changed.
func (b *Boards) replace(all []Board) {
	if slices.Equal(all, b.all) {
		return
	}
	b.all = all
	if err := atomicfile.ReplaceJSON(b.file, all); err != nil {
		b.log.Warn("not noted which boards were found: after a restart they are not known until they are there", "error", err)
	}
}
