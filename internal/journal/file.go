package journal

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"arduino-gateway/internal/deviceid"
	"arduino-gateway/internal/stagedfs"
)

// disk is shared by all journals, which are on one disk: while it hangs, only the first
// command waits for it.
var disk = stagedfs.Guard(stagedfs.Disk{Private: true})

// Devices returns the IDs of the devices that have a journal in dir. It is not an error
// if dir does not exist.
func Devices(dir string) (ids []string, err error) {
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range files {
		if deviceid.Valid(f.Name()) && f.Type().IsRegular() {
			ids = append(ids, f.Name())
		}
	}
	return ids, nil
}

// append writes a record. A file that is rewritten has grown by as much since it was
// rewritten last, so that all rewriting together is no more than what is appended.
func (j *Journal) append(c *Command) {
	if j.path == "" {
		return
	}
	j.record = appendCommand(j.record[:0], c)
	j.live += len(j.record) - c.size
	c.size = len(j.record)
	if j.file == nil || j.size > maxBytes && j.live < j.size/2 {
		j.rewrite() // c is among the commands
		return
	}
	_, err := j.file.WriteAt(j.record, int64(j.size))
	j.size += len(j.record)
	if err != nil {
		j.warn(err)
		_ = j.file.Close()
		j.file = nil // it may end in half a record
	}
}

// rewrite replaces the file with one that holds only what is known now.
func (j *Journal) rewrite() {
	if j.path == "" {
		return
	}
	data := appendHead(nil, head{boot(), j.speaks})
	for _, c := range j.commands {
		data = appendCommand(data, c)
	}
	if j.file != nil {
		_ = j.file.Close()
		j.file = nil
	}
	err := j.setAside()
	var file stagedfs.File
	if err == nil {
		file, err = replace(j.path, data)
	}
	if err != nil {
		j.warn(err)
		return
	}
	j.file, j.size, j.warned = file, len(data), false
}

// setAside keeps a file that could not be read.
func (j *Journal) setAside() error {
	if !j.unread {
		return nil
	}
	if err := disk.Rename(j.path, j.path+".unread"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	j.unread = false
	return nil
}

// replace returns the new file, which is open.
func replace(path string, data []byte) (stagedfs.File, error) {
	if err := disk.MkdirAll(filepath.Dir(path)); err != nil {
		return nil, err
	}
	fresh := path + ".new"
	f, err := disk.Create(fresh)
	if err != nil {
		return nil, err
	}
	if _, err = f.WriteAt(data, 0); err == nil {
		err = disk.Rename(fresh, path)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func (j *Journal) warn(err error) {
	if !j.warned {
		j.warned = true
		j.log.Warn("cannot write the command journal: a kill loses the results of unfinished commands", "error", err)
	}
}

// boot identifies this start of the machine; it is "" if the system has no such ID.
var boot = sync.OnceValue(func() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // only on Linux
	return string(bytes.TrimSpace(id))
})
