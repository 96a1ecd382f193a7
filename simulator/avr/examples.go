package avr

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// examplesInside is their folder in Debian's package arduino.
const examplesInside = "usr/share/doc/arduino/examples"

// Examples returns a folder with the examples of the Arduino IDE, such as
// 03.Analog/Graphing. They are data in Debian's package arduino, which is
// fetched once with apt-get into the user's cache, and not installed.
func Examples(ctx context.Context) (dir string, err error) {
	defer wrap(&err, "fetch the Arduino examples")
	if err := supported(); err != nil {
		return "", err
	}
	cache, err := cacheDir("examples")
	if err != nil {
		return "", err
	}
	whole := filepath.Join(cache, "arduino")
	dir = filepath.Join(whole, examplesInside)
	if exists(dir) {
		return dir, nil
	}
	return dir, locked(ctx, filepath.Join(cache, "lock"), func() error {
		if exists(dir) {
			return nil
		}
		return fetchExamples(ctx, cache, whole)
	})
}

// fetchExamples renames them into place, so that they exist whole or not at all.
func fetchExamples(ctx context.Context, cache, whole string) error {
	work, err := os.MkdirTemp(cache, ".fetch-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if _, _, err := runTool(ctx, work, "apt-get", "download", "arduino"); err != nil {
		return fmt.Errorf("%w (hint: apt-get update, and a Debian with the package arduino)", err)
	}
	packages, err := filepath.Glob(filepath.Join(work, "arduino_*.deb"))
	if err != nil || len(packages) == 0 {
		return errors.Join(err, errors.New("apt-get download left no arduino_*.deb"))
	}
	fresh := filepath.Join(work, "x")
	if _, _, err := runTool(ctx, work, "dpkg-deb", "-x", packages[0], fresh); err != nil {
		return err
	}
	return os.Rename(fresh, whole)
}
