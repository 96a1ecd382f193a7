package avr

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Where Debian's packages keep the core, and arduino-builder its recipes:
// without the latter it knows no ctags pattern.
const (
	hardware        = "/usr/share/arduino/hardware"
	builderHardware = "/usr/share/arduino-builder"
	compilerTools   = "/usr/bin"
)

// avr-gcc 5.4 defines no DECIMAL_DIG in C++, which WString.cpp needs.
const coreFix = "compiler.cpp.extra_flags=-DDECIMAL_DIG=__DECIMAL_DIG__"

// build runs arduino-builder in work, which is nobody else's.
func (c *compiler) build(ctx context.Context, work, sketch string) (stdout, stderr string, err error) {
	out := filepath.Join(work, "build")
	libraries := filepath.Join(work, "libraries")
	if err := c.gatherLibraries(libraries); err != nil {
		return "", "", err
	}
	if err := os.Mkdir(out, 0o700); err != nil {
		return "", "", err
	}
	return runTool(ctx, work, "arduino-builder", "-compile", "-warnings", "all",
		"-hardware", builderHardware, "-hardware", hardware, "-tools", compilerTools,
		"-libraries", libraries, "-fqbn", string(c.board), "-ide-version", "10819",
		"-prefs", coreFix, "-build-cache", c.core, "-build-path", out, sketch)
}

// gatherLibraries links the libraries into one folder: arduino-builder wants
// a folder of libraries, and theirs may hold others that are not meant.
func (c *compiler) gatherLibraries(into string) error {
	if err := os.Mkdir(into, 0o700); err != nil {
		return err
	}
	for i, dir := range c.libraries {
		if !exists(filepath.Join(dir, "library.properties")) {
			return fmt.Errorf("%s is no Arduino library: it has no library.properties", dir)
		}
		name := fmt.Sprintf("%d-%s", i, filepath.Base(dir))
		if err := os.Symlink(dir, filepath.Join(into, name)); err != nil {
			return err
		}
	}
	return nil
}
