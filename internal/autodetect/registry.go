package autodetect

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"arduino-gateway/internal/atomicfile"
)

const fileName = "boards.json"

// maxBoards bounds a Registry: no machine has more ports.
const maxBoards = 256

// Registry is the list of detected boards, in a file. It is not for concurrent use.
type Registry struct {
	file   *atomicfile.State
	boards []Board
}

// SavedBoards returns the boards in the gateway's folder of state, for a program that only
// looks.
func SavedBoards(dir string) []Board {
	data, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		return nil
	}
	boards, err := parseBoards(data)
	if err != nil {
		return nil
	}
	return boards
}

func parseBoards(data []byte) (boards []Board, err error) {
	err = json.Unmarshal(data, &boards)
	return boards, err
}

// OpenRegistry reads boards.json in the gateway's folder of state. If it cannot be
// read, OpenRegistry logs that, sets it aside, and returns an empty registry.
func OpenRegistry(dir string, log *slog.Logger) *Registry {
	r := &Registry{file: &atomicfile.State{Name: filepath.Join(dir, fileName), Log: log,
		Unread:  "detected boards are unknown until they are plugged in",
		Unsaved: "detected boards will be unknown after a restart until plugged in"}}
	r.file.Load(func(data []byte) (err error) {
		boards, err := parseBoards(data)
		if err == nil {
			r.boards = boards
		}
		return err
	})
	return r
}

// SaveAgain saves what could not be saved before.
func (r *Registry) SaveAgain() { r.file.Retry() }

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
	r.file.SaveJSON(boards)
}
