package avr

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// The folders of the core and of the recipes of arduino-builder in Debian's
// packages. Without the recipes arduino-builder reports that the ctags pattern
// is missing.
const (
	hardware        = "/usr/share/arduino/hardware"
	builderHardware = "/usr/share/arduino-builder"
	compilerTools   = "/usr/bin"
)

// coreFix defines DECIMAL_DIG for WString.cpp: avr-gcc 5.4 does not define it in
// C++.
const coreFix = "compiler.cpp.extra_flags=-DDECIMAL_DIG=__DECIMAL_DIG__"

// build runs arduino-builder in work, a folder for this build alone.
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

// gatherLibraries links the libraries into one folder. arduino-builder reads a
// whole folder of libraries, and theirs may hold others.
func (c *compiler) gatherLibraries(into string) error {
	if err := os.Mkdir(into, 0o700); err != nil {
		return err
	}
	for i, dir := range c.libraries {
		if !exists(filepath.Join(dir, "library.properties")) {
			return fmt.Errorf("%s is not an Arduino library: library.properties is missing", dir)
		}
		name := fmt.Sprintf("%d-%s", i, filepath.Base(dir))
		if err := os.Symlink(dir, filepath.Join(into, name)); err != nil {
			return err
		}
	}
	return nil
}
