package avr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// Firmware is a compiled sketch.
type Firmware struct {
	Hex      string // path of the Intel HEX file, in the user's cache
	ELF      string // path of the file with its symbols
	Flash    int    // bytes of program
	RAM      int    // bytes of global variables
	Warnings string // the warnings of the compiler about the sketch and its libraries, all enabled
}

// Compile compiles a sketch (NAME/NAME.ino) for an Arduino Uno and returns the
// path of its Intel HEX file. Each library is a folder with a library.properties
// in it. It does not compile the same files again. Many processes may compile at
// the same time.
func Compile(ctx context.Context, sketch string, libraries ...string) (hex string, err error) {
	firmware, err := CompileReport(ctx, UnoBoard, sketch, libraries...)
	return firmware.Hex, err
}

// Board is the board that a sketch is compiled for, as arduino-builder names it.
// Only the Uno can be simulated.
type Board string

const (
	UnoBoard Board = "arduino:avr:uno"
	Mega2560 Board = "arduino:avr:mega:cpu=atmega2560"
	Leonardo Board = "arduino:avr:leonardo"
)

// CompileReport is [Compile] for any Board. It also returns what the compiler
// reported.
func CompileReport(ctx context.Context, board Board, sketch string, libraries ...string) (f Firmware, err error) {
	defer wrap(&err, "compile %s", filepath.Base(sketch))
	c, err := newCompiler(board, sketch, libraries)
	if err != nil {
		return Firmware{}, err
	}
	if f, ok := c.cached(); ok {
		return f, nil
	}
	if err := c.warmCore(ctx); err != nil {
		return Firmware{}, err
	}
	return c.compile(ctx)
}

// compiler compiles one sketch.
type compiler struct {
	board     Board
	sketch    string // absolute
	libraries []string
	core      string // folder of the compiled core, shared by all sketches
	result    string // folder of the firmware of this sketch
}

func newCompiler(board Board, sketch string, libraries []string) (*compiler, error) {
	if err := supported(); err != nil {
		return nil, err
	}
	tools, err := toolsDigest(board)
	if err != nil {
		return nil, err
	}
	c := &compiler{board: board}
	if c.sketch, err = filepath.Abs(sketch); err != nil {
		return nil, err
	}
	for _, library := range libraries {
		dir, err := filepath.Abs(library)
		if err != nil {
			return nil, err
		}
		c.libraries = append(c.libraries, dir)
	}
	if c.core, err = cacheDir("core-" + tools); err != nil {
		return nil, err
	}
	key, err := c.digest(tools)
	if err != nil {
		return nil, err
	}
	c.result, err = cacheDir(filepath.Join("sketches", key))
	return c, err
}

// toolsDigest changes with the compiler and the core.
func toolsDigest(board Board) (string, error) {
	return hashed(func(d digest) error {
		d.text(string(board))
		for _, name := range []string{"arduino-builder", "avr-g++", "avr-objcopy"} {
			path, err := exec.LookPath(name)
			if err != nil {
				return fmt.Errorf("%w (%s)", err, aptHint)
			}
			if err := d.tool(path); err != nil {
				return err
			}
		}
		if err := d.tool(filepath.Join(hardware, "arduino/avr/platform.txt")); err != nil {
			return fmt.Errorf("the Arduino core for AVR is missing: %w (%s)", err, aptHint)
		}
		return nil
	})
}

// digest names all files that go into the firmware. The examples and extras of a
// library do not: arduino-builder leaves them out.
func (c *compiler) digest(tools string) (string, error) {
	return hashed(func(d digest) error {
		d.text(tools)
		d.text(filepath.Base(c.sketch))
		errs := []error{d.tree(os.DirFS(filepath.Dir(c.sketch)))}
		for _, library := range c.libraries {
			errs = append(errs, d.tree(os.DirFS(library), "examples", "extras"))
		}
		return errors.Join(errs...)
	})
}

// reportName is the file next to the hex in the folder of the result; it is
// written last.
const reportName = "firmware.json"

func (c *compiler) cached() (f Firmware, ok bool) {
	data, err := os.ReadFile(filepath.Join(c.result, reportName))
	if err != nil || json.Unmarshal(data, &f) != nil {
		return Firmware{}, false
	}
	return f, exists(f.Hex) && exists(f.ELF)
}

// emptySketch fills the cache of the core.
const emptySketch = "void setup() {}\nvoid loop() {}\n"

// warmCore compiles the core, once for all processes. After that they only read
// it: arduino-builder writes it in place, where another process would find half
// of it.
func (c *compiler) warmCore(ctx context.Context) error {
	ready := filepath.Join(c.core, "ready")
	if exists(ready) {
		return nil
	}
	return locked(ctx, filepath.Join(c.core, "lock"), func() error {
		if exists(ready) {
			return nil
		}
		return inTemp(func(work string) error {
			sketch := filepath.Join(work, "core.ino")
			if err := os.WriteFile(sketch, []byte(emptySketch), 0o600); err != nil {
				return err
			}
			if _, _, err := c.build(ctx, work, sketch); err != nil {
				return err
			}
			return writeWhole(ready, nil)
		})
	})
}

func (c *compiler) compile(ctx context.Context) (f Firmware, err error) {
	err = inTemp(func(work string) error {
		stdout, stderr, err := c.build(ctx, work, c.sketch)
		if err != nil {
			return err
		}
		f = Firmware{Warnings: ownWarnings(stderr), Flash: number(flashUsed, stdout), RAM: number(ramUsed, stdout)}
		f.Hex = filepath.Join(c.result, filepath.Base(c.sketch)+".hex")
		f.ELF = elfOf(f.Hex)
		return c.keep(filepath.Join(work, "build"), f)
	})
	return f, err
}

// keep copies the files of the firmware (the cache may be on another file system
// than the build), and then the report, whose presence shows that all are whole.
func (c *compiler) keep(build string, f Firmware) error {
	for _, file := range []string{f.Hex, f.ELF} {
		data, err := os.ReadFile(filepath.Join(build, filepath.Base(file)))
		if err != nil {
			return err
		}
		if err := writeWhole(file, data); err != nil {
			return err
		}
	}
	report, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(c.result, reportName), report)
}

// inTemp runs do with a temporary folder.
func inTemp(do func(dir string) error) error {
	dir, err := os.MkdirTemp("", "arduino-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return do(dir)
}

// The lines of arduino-builder with the sizes:
//
//	Sketch uses 2622 bytes (8%) of program storage space. Maximum is 32256 bytes.
//	Global variables use 214 bytes (10%) of dynamic memory, leaving 1834 bytes …
var (
	flashUsed = regexp.MustCompile(`Sketch uses (\d+) bytes`)
	ramUsed   = regexp.MustCompile(`Global variables use (\d+) bytes`)
)

func number(pattern *regexp.Regexp, text string) int {
	match := pattern.FindStringSubmatch(text)
	if match == nil {
		return 0
	}
	n, _ := strconv.Atoi(match[1]) // the pattern matches digits only
	return n
}
