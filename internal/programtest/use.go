package programtest

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The ways in which a program that uses a serial port keeps others out.
const (
	NoLock    = "none"
	Exclusive = "exclusive" // TIOCEXCL
	Flock     = "flock"
	LockFile  = "lock file" // LCK.. in /run/lock
)

// useScript sets up descriptor 3, a terminal, and copies what it reads there.
const useScript = `exec 3<>"$0"; stty raw -echo 115200 <&3 || exit 1
exec perl -e 'open(P, "+<&=", 3) or die;
ioctl(P, 0x540C, 0) or die if $ARGV[0] eq "exclusive";
flock(P, 6) or die if $ARGV[0] eq "flock";
if ($ARGV[0] eq "lock file") { open(L, ">", $ARGV[1]) or die; printf L "%10d\n", $$; close(L) }
$| = 1; print "held\n"; while (sysread(P, my $b, 4096)) { print $b }' "$1" "$2"`

// Use makes another program use a terminal as a serial port at 115200 baud, locked
// in one of the ways, until the end of the test. It returns what the program reads.
func Use(tb testing.TB, terminal, lock string) io.Reader {
	tb.Helper()
	device, err := filepath.EvalSymlinks(terminal)
	must(tb, err)
	name := "LCK.." + strings.ReplaceAll(strings.TrimPrefix(device, "/dev/"), "/", "_")
	file := filepath.Join("/run/lock", name)
	other := exec.Command("sh", "-c", useScript, terminal, lock, file)
	out, err := other.StdoutPipe()
	must(tb, err)
	var problems strings.Builder
	other.Stderr = &problems
	must(tb, other.Start())
	tb.Cleanup(func() {
		_ = other.Process.Kill()
		_ = other.Wait()
		if lock == LockFile {
			_ = os.Remove(file)
		}
	})
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "held\n" {
		tb.Fatalf("the other program printed %q: %v", line, err)
	}
	return lines
}
