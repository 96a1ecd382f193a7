// Package atomicfile replaces small state files. A crash or a full disk never leaves
// half a file, and a disk that hangs does not hold the caller up for long. It does not know what the
// files contain.
package atomicfile

import (
	"bytes"
	"encoding/json"
	"path/filepath"

	"arduino-gateway/internal/stagedfs"
)

var disk = stagedfs.Guard(stagedfs.Disk{Private: true})

// Replace writes the file so that it always has either the old contents or the new,
// also after a power cut. It does nothing if they are equal. Only the owner can read the
// file. A kill may leave NAME.new behind, which the next Replace overwrites.
func Replace(name string, contents []byte) error {
	if old, err := disk.ReadFile(name); err == nil && bytes.Equal(old, contents) {
		return nil
	}
	if err := stagedfs.WriteFile(disk, name+".new", name, contents); err != nil {
		return err
	}
	return disk.SyncDir(filepath.Dir(name))
}

// ReplaceJSON replaces the file with value as indented JSON, which a person can read.
func ReplaceJSON(name string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return Replace(name, append(text, '\n'))
}
