// Package atomicfile replaces small files of state so that neither a crash nor a
// full disk leaves half of one.
package atomicfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// Replace leaves the old contents or the new, whatever happens, and does
// nothing where they are the same. The file is its owner's alone to read.
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

// ReplaceJSON is Replace with a value as indented JSON, for a person to read.
func ReplaceJSON(name string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return Replace(name, append(text, '\n'))
}
