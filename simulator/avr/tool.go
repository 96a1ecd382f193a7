package avr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// toolPatience bounds the wait for a killed tool's own children.
const toolPatience = 2 * time.Second

// maxToolOutput bounds what a failed tool may add to an error, in bytes.
const maxToolOutput = 8 << 10

// runTool runs a program in dir and gives what it printed. The error ends with
// what it printed on stderr.
func runTool(ctx context.Context, dir, name string, args ...string) (stdout, stderr string, err error) {
	var out, diagnostics bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	cmd.WaitDelay = toolPatience
	err = cmd.Run()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if errors.Is(err, exec.ErrNotFound) {
		return "", "", fmt.Errorf("%w (%s)", err, aptHint)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", name, err, tail(diagnostics.String()))
	}
	return out.String(), diagnostics.String(), err
}

// tail keeps the end of a long output, where the reason stands.
func tail(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxToolOutput {
		s = "…" + s[len(s)-maxToolOutput:]
	}
	return s
}
