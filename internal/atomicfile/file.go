// Package atomicfile replaces small state files. A crash or a full disk never leaves
// half a file. It does not know what they contain.
package atomicfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// Replace writes the file so that it always has either the old contents or the new.
// It does nothing if they are equal. Only the owner can read the file.
func Replace(name string, contents []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, contents) {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(contents)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

// ReplaceJSON replaces the file with value as indented JSON, which a person can read.
func ReplaceJSON(name string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return Replace(name, append(text, '\n'))
}
