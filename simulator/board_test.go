//go:build linux || darwin

package simulator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds each wait of a test, which is much shorter.
const patience = 10 * time.Second

func waiting(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// program is the other end: it uses the board.
type program struct {
	t     *testing.T
	file  *os.File
	lines *bufio.Reader
}

func open(t *testing.T, path string) *program {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	_ = file.SetDeadline(time.Now().Add(patience))
	return &program{t, file, bufio.NewReader(file)}
}

func (p *program) line() string {
	p.t.Helper()
	line, err := p.lines.ReadString('\n')
	if err != nil {
		p.t.Fatalf("read %q: %v", line, err)
	}
	return line
}

func (p *program) want(lines ...string) {
	p.t.Helper()
	for _, want := range lines {
		if got := p.line(); got != want+"\n" {
			p.t.Fatalf("got %q, want %q", got, want+"\n")
		}
	}
}

func (p *program) write(text string) {
	p.t.Helper()
	if _, err := p.file.WriteString(text); err != nil {
		p.t.Fatal(err)
	}
}

func received(t *testing.T, b *Board, want string) {
	t.Helper()
	if got, err := b.Received(waiting(t)); err != nil || got != want {
		t.Fatalf("received %q, %v, want %q", got, err, want)
	}
}

// Each byte value passes in both directions.
func TestBoard_PassesBytesUnchanged(t *testing.T) {
	board := New(t, Spec{Name: "uno"})
	if filepath.Base(board.Path()) != "uno" || board.Name() != "uno" {
		t.Errorf("name %q, path %q", board.Name(), board.Path())
	}
	p := open(t, board.Path())
	board.Println("temperature=23.5")
	p.want("temperature=23.5")

	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	_, _ = board.Write(all)
	got := make([]byte, len(all))
	if _, err := io.ReadFull(p.lines, got); err != nil || string(got) != string(all) {
		t.Errorf("got % x, %v", got, err)
	}

	p.write("led=on\r\n\nled=\xff\x00\rL1\n")
	received(t, board, "led=on")
	received(t, board, "led=\xff\x00")
	received(t, board, "L1")
	if s := board.Stats(); s.ReceivedLines != 3 || s.Printed != 17+256 || s.Dropped != 0 || s.Opens > 1 {
		t.Errorf("%+v", s)
	}
}

// What is printed while the port is not open is lost and counted.
func TestBoard_LosesPrintsWithoutAReader(t *testing.T) {
	board := New(t, Spec{})
	board.Println("nobody")
	p := open(t, board.Path())
	board.Println("somebody")
	p.want("somebody")
	if s := board.Stats(); s.Dropped != 7 {
		t.Errorf("%+v", s)
	}
}

// The next program does not get what the last one left unread.
func TestBoard_DropsUnreadBytesAtTheNextOpen(t *testing.T) {
	board := New(t, Spec{})
	p := open(t, board.Path())
	if err := board.WaitOpen(waiting(t)); err != nil {
		t.Fatal(err)
	}
	board.Println("stale")
	_ = p.file.Close()
	if err := board.WaitClosed(waiting(t)); err != nil {
		t.Fatal(err)
	}
	p = open(t, board.Path())
	board.Println("fresh")
	p.want("fresh")
}

// A board whose port is open but not read loses bytes and goes on.
func TestBoard_LosesBytesOfASlowReader(t *testing.T) {
	board := New(t, Spec{})
	open(t, board.Path())
	line := strings.Repeat("x", 1023)
	for range 1024 {
		board.Println(line)
	}
	s := board.Stats()
	if s.Printed < 4000 || s.Printed+s.Dropped != 1<<20 || s.Dropped == 0 {
		t.Errorf("%+v", s)
	}
}

// A lossless board waits for its reader.
func TestBoard_LosslessWaitsForTheReader(t *testing.T) {
	const lines = 100_000
	board := New(t, Spec{FlatOut: true, Lines: lines, Line: "n={tick},t={t}", Signals: []Signal{{Name: "t", Wave: Walk, Step: 1, Max: 9}}})
	spec := board.spec
	p := open(t, board.Path())
	printer := newPrinter(&spec)
	for i := range int64(lines) {
		want := string(printer.append(nil, i, nil))
		if got := p.line(); got != want+"\n" {
			t.Fatalf("line %d is %q, want %q", i, got, want)
		}
	}
	if s := board.Stats(); s.Dropped != 0 || s.Lines != lines {
		t.Errorf("%+v", s)
	}
}

// Close ends a print that waits for a reader.
func TestBoard_CloseEndsALosslessPrint(t *testing.T) {
	for name, end := range map[string]func(*Board){
		"unplugged": (*Board).Unplug,
		"closed":    func(b *Board) { _ = b.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			board := New(t, Spec{Lossless: true})
			open(t, board.Path())
			printed := make(chan struct{})
			go func() { board.Println(strings.Repeat("x", 1<<20)); close(printed) }()
			if err := board.WaitOpen(waiting(t)); err != nil {
				t.Fatal(err)
			}
			end(board)
			select {
			case <-printed:
			case <-waiting(t).Done():
				t.Fatal("the print goes on")
			}
			if s := board.Stats(); s.Dropped == 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// A program sees a hang-up, and finds the board again under the same link.
func TestBoard_IsUnpluggedAndReplugged(t *testing.T) {
	board := New(t, Spec{Banner: []string{"ready"}, Lossless: true})
	p := open(t, board.Path())
	p.want("ready")
	port, _ := os.Readlink(board.Path())
	board.Unplug()
	if _, err := os.Lstat(board.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the link is still there: %v", err)
	}
	if _, err := p.lines.ReadByte(); err == nil {
		t.Error("the program did not see the hang-up")
	}
	board.Println("no power")
	board.Replug()
	q := open(t, board.Path())
	q.want("ready")
	if again, err := os.Readlink(board.Path()); err != nil || again == port {
		t.Errorf("port %s again, %v: the program still had it open", again, err)
	}
}

// A board that is unplugged for a duration comes back by itself.
func TestBoard_ComesBackAfterAWhile(t *testing.T) {
	board := New(t, Spec{})
	board.Do(Unplug, time.Millisecond)
	for ctx := waiting(t); ; {
		if _, err := os.Stat(board.Path()); err == nil {
			return
		}
		if ctx.Err() != nil {
			t.Fatal("it did not come back")
		}
	}
}

// With ResetOnOpen each open resets the board.
func TestBoard_ResetsOnOpen(t *testing.T) {
	board := New(t, Spec{ResetOnOpen: true, Banner: []string{"hello"}, Lossless: true})
	for range 3 {
		p := open(t, board.Path())
		if err := board.WaitOpen(waiting(t)); err != nil {
			t.Fatal(err)
		}
		// The first banner may have waited for this open; then comes that of the
		// reset.
		p.want("hello")
		_ = p.file.Close()
		if err := board.WaitClosed(waiting(t)); err != nil {
			t.Fatal(err)
		}
	}
	if s := board.Stats(); s.Opens != 3 || s.Resets != 3 {
		t.Errorf("%+v", s)
	}
}

// The board receives what a program wrote that has closed the port again.
func TestBoard_ReceivesFromAShortOpen(t *testing.T) {
	board := New(t, Spec{})
	for i := range 20 {
		text := fmt.Sprintf("n=%d", i)
		if err := os.WriteFile(board.Path(), []byte(text+"\n"), 0); err != nil {
			t.Fatal(err)
		}
		received(t, board, text)
	}
}

// Nothing reads the port of a board that hangs.
func TestBoard_HangBlocksItsWriter(t *testing.T) {
	board := New(t, Spec{})
	p := open(t, board.Path())
	if err := board.WaitOpen(waiting(t)); err != nil {
		t.Fatal(err)
	}
	board.Hang()
	_ = p.file.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	n, err := p.file.Write(make([]byte, 1<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("wrote %d, %v", n, err)
	}
	board.Reset()
	_ = p.file.SetWriteDeadline(time.Now().Add(patience))
	p.write(strings.Repeat("\n", 1<<17) + "awake\n")
	for {
		line, err := board.Received(waiting(t))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(line, "awake") {
			return
		}
	}
}

// A busy board keeps 63 bytes of its input.
func TestBoard_BusyKeeps63Bytes(t *testing.T) {
	board := New(t, Spec{})
	p := open(t, board.Path())
	board.Do(Busy, 0)
	p.write(strings.Repeat("x", 100) + "\n")
	for ctx := waiting(t); board.Stats().Lost != 38; {
		if ctx.Err() != nil {
			t.Fatalf("%+v", board.Stats())
		}
	}
	board.End(Busy)
	p.write("\n")
	received(t, board, strings.Repeat("x", 63))
}

// Equal seeds print equal garbage.
func TestBoard_GarbageDependsOnTheSeed(t *testing.T) {
	var first []byte
	for range 2 {
		board := New(t, Spec{Seed: 5})
		p := open(t, board.Path())
		board.Garbage(64)
		got := make([]byte, 64)
		if _, err := io.ReadFull(p.lines, got); err != nil {
			t.Fatal(err)
		}
		if first != nil && string(got) != string(first) {
			t.Errorf("% x and % x", first, got)
		}
		first = got
	}
}

// The next line has the state that a command has set.
func TestBoard_ShowsCommandsInTheNextLine(t *testing.T) {
	board := New(t, Spec{
		Every: 10 * time.Millisecond, State: []Variable{{"led", "off"}}, Unknown: "?{value}",
		Commands: []Command{{On: "led={value}", Set: "led", Reply: "ok {value}"}},
	})
	p := open(t, board.Path())
	p.want("led=off")
	p.write("led=on\nnonsense\n")
	var seen []string
	for len(seen) < 3 {
		line := strings.TrimSpace(p.line())
		if line == "led=off" || len(seen) > 0 && seen[len(seen)-1] == line {
			continue
		}
		seen = append(seen, line)
	}
	if got := strings.Join(seen, " "); got != "ok on ?nonsense led=on" {
		t.Errorf("got %q", got)
	}
}

// A paced board prints no faster than its rate.
func TestBoard_PacesItsLines(t *testing.T) {
	board := New(t, Spec{Baud: 300, Pace: true})
	p := open(t, board.Path())
	began := time.Now()
	board.Println(strings.Repeat("x", 29)) // bytes for one second
	p.line()
	if took := time.Since(began); took < 900*time.Millisecond {
		t.Errorf("30 bytes at 300 baud took %v", took)
	}
}

// Close removes the link, and a second call does nothing.
func TestBoard_ClosesTwice(t *testing.T) {
	board, err := Plug(Spec{Every: time.Millisecond, Line: "x"})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(board.Path())
	for range 2 {
		if err := board.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", dir)
	}
	board.Replug()
	board.Println("x")
	if _, err := board.Received(t.Context()); !errors.Is(err, errClosed) {
		t.Errorf("received: %v", err)
	}
	if err := board.WaitOpen(t.Context()); !errors.Is(err, errClosed) {
		t.Errorf("wait: %v", err)
	}
}

// Each wait returns the error of its context.
func TestBoard_WaitsEndWithTheirContext(t *testing.T) {
	board := New(t, Spec{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := board.Received(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := board.WaitOpen(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// BytesRead counts what a program has read, and leaves the rest in the port.
func TestBoard_BytesReadCountsWhatWasRead(t *testing.T) {
	board := New(t, Spec{Lossless: true, Ending: device.LF})
	taken := func(want uint64) {
		t.Helper()
		if got, err := board.BytesRead(); err != nil || got != want {
			t.Errorf("%d bytes taken, %v; want %d", got, err, want)
		}
	}
	board.Println("nobody listens")
	taken(0)
	p := open(t, board.Path())
	p.want("nobody listens")
	board.Println("twelve bytes")
	taken(15)
	p.want("twelve bytes")
	taken(28)
	board.Unplug()
	if _, err := board.BytesRead(); err == nil {
		t.Error("a board without a port returns a count")
	}
}

// The runtime interrupts its own threads with SIGURG. A print must not mistake
// that for a closed port.
func TestBoard_SignalsCostNoBytes(t *testing.T) {
	board := New(t, Spec{})
	p := open(t, board.Path())
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_ = syscall.Kill(os.Getpid(), syscall.SIGURG)
			}
		}
	}()
	for i := range 5000 {
		text := fmt.Sprint(i)
		board.Println(text)
		p.want(text)
	}
	close(stop)
	<-stopped
	if s := board.Stats(); s.Dropped != 0 {
		t.Errorf("%+v", s)
	}
}
