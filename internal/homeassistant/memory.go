package homeassistant

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"arduino-gateway/device"
	"arduino-gateway/internal/atomicfile"
)

// memory is what a restart keeps, in the form of the file.
type memory struct {
	Version   int                           `json:"version"`
	Readings  map[string]map[string]traits  `json:"readings"`         // learned, by device ID and name
	Boards    map[string]device.Description `json:"boards,omitempty"` // descriptions that boards sent, by device ID
	Announced map[string]map[string]string  `json:"announced"`        // entities that Home Assistant may know: platforms by topic and key
}

const memoryVersion = 1

func emptyMemory() memory {
	return memory{
		Version:   memoryVersion,
		Readings:  map[string]map[string]traits{},
		Boards:    map[string]device.Description{},
		Announced: map[string]map[string]string{},
	}
}

// openFile returns the file, and what is in it. The memory is empty if the file is missing
// or unreadable.
func openFile(name string, log *slog.Logger) (*atomicfile.State, memory) {
	file := &atomicfile.State{Name: name, Log: log,
		Unread:  "entities of removed devices stay in Home Assistant",
		Unsaved: "entities removed while the gateway is stopped stay in Home Assistant"}
	m := emptyMemory()
	file.Load(func(data []byte) error {
		read, err := parseMemory(data)
		if err == nil {
			m = read
		}
		return err
	})
	return file, m
}

// parseMemory accepts only a file that it understands as a whole.
func parseMemory(data []byte) (memory, error) {
	m := emptyMemory()
	if err := json.Unmarshal(data, &m); err != nil {
		return memory{}, err
	}
	if m.Version != memoryVersion {
		return memory{}, fmt.Errorf("version %d is not %d", m.Version, memoryVersion)
	}
	if m.Readings == nil || m.Boards == nil || m.Announced == nil {
		return memory{}, errors.New("a part is missing")
	}
	return m, nil
}

// encode returns the file's contents, nil if there is nothing to remember.
func (m memory) encode() ([]byte, error) {
	if len(m.Readings)+len(m.Boards)+len(m.Announced) == 0 {
		return nil, nil
	}
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}
