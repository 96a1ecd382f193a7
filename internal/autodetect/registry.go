package autodetect

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"arduino-gateway/internal/atomicfile"
)

// maxBoards bounds a Registry: no machine has more ports.
const maxBoards = 256

// Registry is the list of detected boards, in a file. It is not for concurrent use.
type Registry struct {
	file   string
	log    *slog.Logger
	boards []Board
}

// OpenRegistry reads boards.json in the gateway's folder of state. If it cannot be
// read, OpenRegistry logs that and returns an empty registry.
func OpenRegistry(dir string, log *slog.Logger) *Registry {
	r := &Registry{file: filepath.Join(dir, "boards.json"), log: log}
	data, err := os.ReadFile(r.file)
	if err == nil {
		err = json.Unmarshal(data, &r.boards)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		log.Warn("cannot read boards.json: detected boards are unknown until they are plugged in", "error", err)
		r.boards = nil
	}
	return r
}

// Boards returns the boards in the order in which they were detected.
func (r *Registry) Boards() []Board { return r.boards }

// Put adds a board, in place of one with the same ID. It returns an error if there
// are too many.
func (r *Registry) Put(board Board) error {
	boards := slices.DeleteFunc(slices.Clone(r.boards), func(b Board) bool { return b.ID == board.ID })
	if len(boards) >= maxBoards {
		return errors.New("too many boards are detected (hint: gateway forget)")
	}
	r.replace(append(boards, board))
	return nil
}

// Remove removes the boards with these IDs.
func (r *Registry) Remove(ids ...string) {
	r.replace(slices.DeleteFunc(slices.Clone(r.boards), func(b Board) bool { return slices.Contains(ids, b.ID) }))
}

// replace writes the file if the boards have changed.
func (r *Registry) replace(boards []Board) {
	if slices.Equal(boards, r.boards) {
		return
	}
	r.boards = boards
	if err := atomicfile.ReplaceJSON(r.file, boards); err != nil {
		r.log.Warn("cannot save boards.json: detected boards will be unknown after a restart until plugged in", "error", err)
	}
}
