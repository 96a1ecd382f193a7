package avr

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed unosim/*.c unosim/*.h
var source embed.FS

// simavrHeaders is the folder of the headers of libsimavr-dev.
const simavrHeaders = "/usr/include/simavr"

// Build compiles the simulator into dir, or into the user's cache if dir is "",
// and returns the path of the program. It does not build the same source again.
// It needs gcc and libsimavr-dev.
func Build(ctx context.Context, dir string) (path string, err error) {
	defer wrap(&err, "build unosim")
	if err := supported(); err != nil {
		return "", err
	}
	if dir == "" {
		if dir, err = cacheDir("unosim"); err != nil {
			return "", err
		}
	}
	gcc, err := simulatorTools()
	if err != nil {
		return "", err
	}
	name, err := hashed(func(d digest) error {
		d.text(gcc)
		return d.tree(source)
	})
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "unosim-"+name)
	if exists(path) {
		return path, nil
	}
	return path, buildSimulator(ctx, gcc, path)
}

// simulatorTools finds the compiler. It checks for the library first, since gcc
// reports that in fifty lines.
func simulatorTools() (gcc string, err error) {
	if gcc, err = exec.LookPath("gcc"); err != nil {
		return "", fmt.Errorf("%w (%s)", err, aptHint)
	}
	if !exists(filepath.Join(simavrHeaders, "sim_avr.h")) {
		return "", fmt.Errorf("libsimavr is missing: %s does not exist (%s)", simavrHeaders, aptHint)
	}
	return gcc, nil
}

// buildSimulator renames the finished program into place, so that no other
// process ever runs half of it.
func buildSimulator(ctx context.Context, gcc, path string) error {
	work, err := os.MkdirTemp(filepath.Dir(path), ".build-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.CopyFS(work, source); err != nil {
		return err
	}
	units, err := fs.Glob(source, "unosim/*.c")
	if err != nil {
		return err
	}
	args := []string{"-O2", "-I" + simavrHeaders, "-o", "program"}
	args = append(append(args, units...), "-lsimavr")
	if _, _, err := runTool(ctx, work, gcc, args...); err != nil {
		return err
	}
	return os.Rename(filepath.Join(work, "program"), path)
}

// wrap puts the name of what failed before the error.
func wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", strings.TrimSpace(fmt.Sprintf(format, args...)), *err)
	}
}
