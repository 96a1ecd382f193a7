package programtest

import (
	"bufio"
	"os/exec"
	"testing"
)

// Hold makes another program, a sh, open a file, and lock it if asked, until
// release or the end of the test.
func Hold(tb testing.TB, file string, lock bool) (pid int, release func()) {
	tb.Helper()
	script := `exec 3<"$0"; echo held; read end`
	if lock {
		script = `exec flock -n -F "$0" sh -c 'echo held; read end'`
	}
	other := exec.Command("sh", "-c", script, file)
	in, err := other.StdinPipe()
	must(tb, err)
	out, err := other.StdoutPipe()
	must(tb, err)
	must(tb, other.Start())
	release = func() {
		in.Close()
		_ = other.Wait() // a second call finds it ended
	}
	tb.Cleanup(release)
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		tb.Fatalf("the other program printed %q: %v", line, err)
	}
	return other.Process.Pid, release
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
