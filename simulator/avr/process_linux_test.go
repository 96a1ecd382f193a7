package avr

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const patience = 20 * time.Second

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// startEmpty runs an Uno with a sketch that does nothing.
func startEmpty(t *testing.T, link string) *Uno {
	t.Helper()
	sketch := filepath.Join(t.TempDir(), "empty.ino")
	if err := os.WriteFile(sketch, []byte(emptySketch), 0o600); err != nil {
		t.Fatal(err)
	}
	hex, err := Compile(testContext(t), sketch)
	if err != nil {
		t.Fatal(err)
	}
	u, err := Start(testContext(t), Options{Hex: hex, Link: link})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A process that does not listen is asked only so often, and killed in the end.
func TestUno_IsKilledWhenStuck(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "uno")
	u := startEmpty(t, link)
	if err := u.command.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	for range maxPending {
		if err := u.Reset(hurried); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	if err := u.Unplug(testContext(t)); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("got %v", err)
	}
	if err := u.Close(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Lstat(link); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the link is still there: %v", err)
	}
}

func TestUno_IsGoneWhenKilled(t *testing.T) {
	t.Parallel()
	u := startEmpty(t, "")
	if err := u.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-u.Done()
	if _, err := u.Stats(testContext(t)); !errors.Is(err, ErrGone) {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(u.Close(), u.Close()); err != nil {
		t.Error(err)
	}
}

// orphanLink, if set, makes this test binary the parent of an Uno.
const orphanLink = "AVR_TEST_ORPHAN_LINK"

// TestParent is not a test: it is the parent that TestUno_DiesWithItsParent
// kills.
func TestParent(t *testing.T) {
	link := os.Getenv(orphanLink)
	if link == "" {
		return
	}
	u := startEmpty(t, link)
	fmt.Println("up", u.command.Process.Pid)
	<-u.Done()
}

func TestUno_DiesWithItsParent(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	parent := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestParent$")
	parent.Env = append(os.Environ(), orphanLink+"="+filepath.Join(t.TempDir(), "uno"))
	out, err := parent.StdoutPipe()
	if err := errors.Join(err, parent.Start()); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "up ") {
		t.Fatalf("the parent printed %q", lines.Text())
	}
	pid := strings.TrimPrefix(lines.Text(), "up ")
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil {
		t.Error("the parent was not killed")
	}
	awaitGone(t, ctx, pid)
}

// awaitGone waits until a process has ended. In a container without an init it
// stays a zombie (Z). Its pty would show nothing: another process soon gets its
// number.
func awaitGone(t *testing.T, ctx context.Context, pid string) {
	t.Helper()
	tick := time.NewTicker(lockRetry)
	defer tick.Stop()
	for {
		status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
		if err != nil || strings.Contains(string(status), "State:\tZ") {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("process %s outlives its parent", pid)
		}
	}
}

func TestLocked_WaitsForTheLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	err := locked(t.Context(), path, func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 3*lockRetry)
		defer cancel()
		return locked(ctx, path, func() error { return errors.New("two have the lock") })
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := locked(t.Context(), path, func() error { return nil }); err != nil {
		t.Errorf("it was not given back: %v", err)
	}
}

func TestLevel_String(t *testing.T) {
	for level, want := range map[Level]string{Input: "input", Low: "low", High: "high"} {
		if level.String() != want {
			t.Errorf("%d is %v", level, level)
		}
	}
}

func TestTail_KeepsTheEnd(t *testing.T) {
	if got := tail(" short\n"); got != "short" {
		t.Errorf("got %q", got)
	}
	if got := tail(strings.Repeat("x", 2*maxToolOutput) + "end"); len(got) > maxToolOutput+len("…") || !strings.HasSuffix(got, "end") {
		t.Errorf("got %d bytes", len(got))
	}
}
