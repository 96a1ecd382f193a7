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

// toolPatience bounds the wait for the children of a killed tool.
const toolPatience = 2 * time.Second

// maxToolOutput bounds the output of a failed tool in an error, in bytes.
const maxToolOutput = 8 << 10

// runTool runs a program in dir and returns its output. The error ends with its
// output on stderr.
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

// tail returns the end of a long output, which has the reason.
func tail(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxToolOutput {
		s = "…" + s[len(s)-maxToolOutput:]
	}
	return s
}
