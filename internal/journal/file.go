package journal

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"arduino-gateway/device"
	"arduino-gateway/internal/rawio"
)

// Devices gives the IDs of the devices that have a journal in a folder; there may
// be none.
func Devices(dir string) (ids []string, err error) {
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range files {
		if device.ValidID(f.Name()) && f.Type().IsRegular() {
			ids = append(ids, f.Name())
		}
	}
	return ids, nil
}

// append writes a record.
func (j *Journal) append(e *Entry) {
	if j.path == "" {
		return
	}
	if j.file == nil || j.size > mostBytes {
		j.rewrite() // this entry among the others
		return
	}
	j.record = appendEntry(j.record[:0], e)
	j.size += len(j.record)
	if _, err := j.file.Write(j.record); err != nil {
		j.fails(err)
		j.size = mostBytes + 1 // half a record may stand there
	}
}

// rewrite makes a file of what is known now, and puts it in the place of the old one.
func (j *Journal) rewrite() {
	if j.path == "" {
		return
	}
	data := appendHead(nil, head{boot(), j.speaks})
	for _, e := range j.entries {
		data = appendEntry(data, e)
	}
	if j.file != nil {
		_ = j.file.Close()
		j.file = nil
	}
	file, err := replace(j.path, data)
	if err != nil {
		j.fails(err)
		return
	}
	j.file, j.size, j.told = rawio.NewFile(file), 0, false
}

// replace gives the new file, open to be appended to.
func replace(path string, data []byte) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	fresh := path + ".new"
	if err := os.WriteFile(fresh, data, 0o600); err != nil {
		return nil, err
	}
	if err := os.Rename(fresh, path); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o600)
}

func (j *Journal) fails(err error) {
	if !j.told {
		j.told = true
		j.log.Warn("commands in hand are not remembered over a kill", "error", err)
	}
}

// boot names this start of the machine; "" where that is not known.
var boot = sync.OnceValue(func() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // Linux alone has it
	return string(bytes.TrimSpace(id))
})
