package serialbridge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// booted starts a Port on a new board that has printed its first line.
func booted(t *testing.T, change func(*Port)) (*running, *board, *recorder) {
	t.Helper()
	link := linkIn(t)
	board, seen := plug(t, link), newRecorder(t)
	port := portOn(t, link, seen)
	if change != nil {
		change(port)
	}
	p := start(t, port)
	seen.expect("opened")
	board.print("\nhello\n")
	seen.expect("ready", "line hello")
	return p, board, seen
}

// Each byte value arrives as it was written.
func TestWrite_ReachesTheBoardUnchanged(t *testing.T) {
	p, board, _ := booted(t, nil)
	line := make([]byte, 0, 256)
	for b := range 256 {
		line = append(line, byte(b)) // ^C, ^S, DEL and CR among them
	}
	must(t, p.send(t.Context(), line))
	if got := board.receives(len(line)); !bytes.Equal(got, line) {
		t.Errorf("the board got %q", got)
	}
	if got := p.Stats().Written; got != 256 {
		t.Errorf("%d bytes counted", got)
	}
}

// Lines of many goroutines stay whole, and those of each in order.
func TestWrite_KeepsConcurrentLinesWhole(t *testing.T) {
	p, board, _ := booted(t, nil)
	const writers, each = 8, 25
	var wg sync.WaitGroup
	size := 0
	for w := range writers {
		for i := range each {
			size += len(lineOf(w, i))
		}
		wg.Go(func() {
			for i := range each {
				if err := p.send(t.Context(), []byte(lineOf(w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	got := string(board.receives(size))
	wg.Wait()
	next := make([]int, writers)
	for line := range strings.Lines(got) {
		var w, i int
		if _, err := fmt.Sscanf(line, "%d %d", &w, &i); err != nil || line != lineOf(w, i) {
			t.Fatalf("torn line %q", line)
		}
		if i != next[w] {
			t.Fatalf("writer %d: line %d, want %d", w, i, next[w])
		}
		next[w]++
	}
}

// lineOf returns a line that is sometimes longer than a piece.
func lineOf(w, i int) string {
	return fmt.Sprintf("%d %d %s\n", w, i, strings.Repeat("x", i*7%130))
}

// Calls are served in the order in which they came, and wait for the boot.
func TestWrite_QueuesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := newFakePort()
		p := start(t, fakes(newRecorder(t), func() (rawPort, error) { return raw, nil }))
		var wg sync.WaitGroup
		want := ""
		for i := range 50 {
			line := fmt.Sprintf("n=%d\n", i)
			want += line
			wg.Go(func() {
				if err := p.send(t.Context(), []byte(line)); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		raw.mu.Lock()
		if raw.written.Len() > 0 {
			t.Errorf("%q written during the boot", raw.written.String())
		}
		raw.mu.Unlock()
		wg.Wait()
		if got := raw.written.String(); got != want {
			t.Errorf("order %q", got)
		}
		p.stop()
	})
}

// Measured from before the first byte, the board never has more than 60 bytes
// above what the wire could carry. A slow test machine only helps.
func TestWrite_PacesOnAPty(t *testing.T) {
	p, board, _ := booted(t, func(p *Port) { p.options.Baud = 9600 })
	const size = 600
	done := make(chan error, 1)
	began := time.Now()
	go func() { done <- p.send(context.Background(), bytes.Repeat([]byte("x"), size)) }()
	chunk := make([]byte, 64)
	for got := 0; got < size; {
		must(t, board.master.SetReadDeadline(time.Now().Add(patience)))
		n, err := board.master.Read(chunk)
		must(t, err)
		got += n
		carried := time.Since(began).Seconds() * 960
		if ahead := float64(got) - carried; ahead > 61 {
			t.Fatalf("after %d bytes the board holds %.1f", got, ahead)
		}
	}
	must(t, <-done)
}

// A line arrives whole even if the port accepts one byte at a time.
func TestWrite_CompletesShortWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := newFakePort()
		interrupted := false
		raw.onWrite = func(p []byte) (int, error) {
			if interrupted = !interrupted; interrupted {
				return 0, syscall.EINTR
			}
			return raw.written.Write(p[:1])
		}
		p := start(t, fakes(newRecorder(t), func() (rawPort, error) { return raw, nil }))
		line := strings.Repeat("0123456789", 20) + "\n"
		must(t, p.send(t.Context(), []byte(line)))
		if raw.written.String() != line {
			t.Errorf("written %q", raw.written.String())
		}
		p.stop()
	})
}

// A write of no bytes without an error counts as a lost port.
func TestWrite_FailsIfThePortTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		raw.onWrite = func([]byte) (int, error) { return 0, nil }
		p := start(t, fakes(seen, func() (rawPort, error) { return raw, nil }))
		wantError(t, p.send(t.Context(), []byte("led=on\n")), ErrBroken)
		seen.expect("opened", "ready", "closed", "opened")
		p.stop()
	})
}

// Without a board Write waits for its context, and for the end of Run.
func TestWrite_ReturnsErrAwayWithoutABoard(t *testing.T) {
	p := start(t, portOn(t, filepath.Join(t.TempDir(), "nowhere"), newRecorder(t)))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	err := p.send(ctx, []byte("led=on\n"))
	wantError(t, err, ErrAway)
	wantError(t, err, context.DeadlineExceeded)

	waiting := make(chan error, 2)
	for range 2 { // one has the turn, one waits behind it
		go func() { waiting <- p.send(context.Background(), []byte("led=on\n")) }()
	}
	p.stop()
	wantError(t, <-waiting, ErrAway)
	wantError(t, <-waiting, ErrAway)
	wantError(t, p.send(t.Context(), []byte("led=on\n")), ErrAway)
}

// A writer that waits behind a long line may give up; the line itself is
// finished.
func TestWrite_StopsWaitingForTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := newFakePort()
		p := start(t, fakes(newRecorder(t), func() (rawPort, error) { return raw, nil }))
		long, cancelLong := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.send(long, bytes.Repeat([]byte("x"), 200)) }()
		time.Sleep(BootTime + 50*time.Millisecond) // 60 went at once
		cancelLong()

		short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		wantError(t, p.send(short, []byte("late\n")), ErrAway) // the turn is taken
		must(t, <-done)

		short, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		wantError(t, p.send(short, bytes.Repeat([]byte("y"), 60)), ErrAway) // the board is full
		if got := raw.written.String(); got != strings.Repeat("x", 200) {
			t.Errorf("written %q", got)
		}
		p.stop()
	})
}

// A line that is not begun is not lost with the port.
func TestWrite_GoesToTheNextOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newFakePort(), newFakePort()
		next := []rawPort{first, second}
		seen := newRecorder(t)
		p := start(t, fakes(seen, func() (rawPort, error) {
			raw := next[0]
			next = next[1:]
			return raw, nil
		}))
		must(t, p.send(t.Context(), bytes.Repeat([]byte("x"), 60))) // the board is full now
		done := make(chan error, 1)
		go func() { done <- p.send(t.Context(), []byte("led=on\n")) }()
		synctest.Wait() // it waits for the board to take some
		close(first.input)
		must(t, <-done)
		if got := second.written.String(); got != "led=on\n" {
			t.Errorf("the second opening got %q", got)
		}
		p.stop()
	})
}

// The error says how many bytes of the line went out.
func TestWrite_ReportsALossInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := newFakePort()
		p := start(t, fakes(newRecorder(t), func() (rawPort, error) { return raw, nil }))
		done := make(chan error, 1)
		go func() { done <- p.send(t.Context(), bytes.Repeat([]byte("x"), 200)) }()
		time.Sleep(BootTime + 50*time.Millisecond)
		close(raw.input)
		err := <-done
		wantError(t, err, ErrBroken)
		if want := "the write broke off after 60 of 200 bytes"; !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want %q", err, want)
		}
	})
}

// hang writes until the board, which reads nothing, blocks the kernel too.
func hang(p *running) error {
	for {
		if err := p.send(context.Background(), bytes.Repeat([]byte("x"), 600)); err != nil {
			return err
		}
	}
}

// The port of a board that reads nothing is closed and opened again.
func TestWrite_AbandonsAHungBoard(t *testing.T) {
	p, board, seen := booted(t, nil)
	began := time.Now()
	err := hang(p)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("given up after %v", took)
	}
	wantError(t, err, ErrBroken)
	wantError(t, err, errStuck)
	wantError(t, seen.expect("closed").err, errStuck)
	seen.expect("opened")
	if got := p.Stats(); got.Abandoned != 1 || got.Opens != 2 {
		t.Errorf("stats %+v", got)
	}
	board.print("\nback\n")
	seen.expect("ready", "line back")
	p.stop()
}

// A hung board does not delay the shutdown.
func TestPort_StopsWithAHungBoard(t *testing.T) {
	p, _, seen := booted(t, func(p *Port) { p.times = defaultTiming })
	done := make(chan error, 1)
	go func() { done <- hang(p) }()
	written := uint64(1)
	waitFor(t, "the board to hang", func() bool { // no progress for a while
		before := written
		time.Sleep(200 * time.Millisecond)
		written = p.Stats().Written
		return written > 0 && written == before
	})
	p.stop()
	if err := seen.expect("closed").err; err != nil {
		t.Errorf("closed with %v", err)
	}
	if err := <-done; !errors.Is(err, ErrBroken) && !errors.Is(err, ErrAway) {
		t.Errorf("the write gave %v", err)
	}
}

// If nothing frees the stuck write, the port stays closed until it returns.
func TestPort_WaitsForAStuckWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		seen := newRecorder(t)
		opens := 0
		p := start(t, fakes(seen, func() (rawPort, error) {
			opens++
			return stuckPort{newFakePort(), free}, nil
		}))
		wantError(t, p.send(t.Context(), []byte("led=on\n")), ErrBroken)
		wantError(t, seen.expect("opened", "ready", "closed").err, errStuck)
		time.Sleep(time.Hour)
		if opens != 1 {
			t.Fatalf("%d opens beside a stuck write", opens)
		}
		wantAway, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantError(t, p.send(wantAway, []byte("led=on\n")), ErrAway)
		close(free)
		seen.expect("opened")
		p.stop()
	})
}

// A write that never returns does not delay the shutdown.
func TestPort_StopsWithAStuckWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		seen := newRecorder(t)
		p := start(t, fakes(seen, func() (rawPort, error) { return stuckPort{newFakePort(), free}, nil }))
		done := make(chan error, 1)
		go func() { done <- p.send(t.Context(), []byte("led=on\n")) }()
		seen.expect("opened", "ready")
		synctest.Wait()
		p.stop()
		wantError(t, <-done, ErrBroken)
		close(free)
	})
}

// stuckPort accepts no byte until it is freed, not even when it is closed.
type stuckPort struct {
	*fakePort
	free chan struct{}
}

func (s stuckPort) Write([]byte) (int, error) {
	<-s.free
	return 0, errors.New("freed")
}

// While the port waits for its last command to leave, it accepts no new one.
func TestPort_LetsTheLastCommandLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := newFakePort()
		port := fakes(newRecorder(t), func() (rawPort, error) { return raw, nil })
		port.options.Baud = 300 // 35 ms a byte
		p := start(t, port)
		must(t, p.send(t.Context(), []byte("led=off\r\n\n")))
		written := time.Now()
		p.cancel()
		time.Sleep(300 * time.Millisecond) // its last read has ended, the command has not
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantError(t, p.send(late, []byte("late\n")), ErrAway)
		p.stop()
		if left := time.Since(written); left < 350*time.Millisecond {
			t.Errorf("closed after %v, with the command on the wire", left)
		}
		if got := raw.written.String(); got != "led=off\r\n\n" {
			t.Errorf("written %q", got)
		}
	})
}

// A port is not closed under a write that is about to return.
func TestLink_WaitsForTheWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := &slowPort{fakePort: newFakePort(), discarded: make(chan struct{})}
		p := start(t, fakes(newRecorder(t), func() (rawPort, error) { return raw, nil }))
		wantError(t, p.send(t.Context(), []byte("led=on\n")), ErrBroken)
		p.stop()
		if raw.closedUnderWrite {
			t.Error("the port was closed under a write")
		}
	})
}

// slowPort returns a stuck write a moment after the discard.
type slowPort struct {
	*fakePort
	discarded        chan struct{}
	closedUnderWrite bool
}

func (s *slowPort) Discard() { close(s.discarded) }

func (s *slowPort) Write(p []byte) (int, error) {
	<-s.discarded
	time.Sleep(100 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closedUnderWrite = s.closed
	return len(p), nil
}

// A write must never reach a file that got the descriptor number of the port.
func TestLink_NeverWritesIntoAReusedDescriptor(t *testing.T) {
	link, folder := linkIn(t), t.TempDir()
	board, seen := plug(t, link), newRecorder(t)
	p := start(t, portOn(t, link, seen))
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				p.send(ctx, []byte("this belongs to the board alone\n"))
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				checkStaysEmpty(t, folder)
			}
		})
	}
	for range 100 {
		seen.expect("opened")
		board.print("\nhello\n")
		seen.expect("ready", "line hello")
		board.receives(64)
		board.unplug()
		seen.expect("closed")
		board = plug(t, link)
	}
	cancel()
	wg.Wait()
	p.stop()
}

// checkStaysEmpty opens files that a stray write could hit.
func checkStaysEmpty(t *testing.T, folder string) {
	for range 10 {
		file, err := os.CreateTemp(folder, "")
		if err != nil {
			t.Error(err)
			return
		}
		defer file.Close()
		defer func() {
			if info, err := file.Stat(); err != nil || info.Size() > 0 {
				t.Errorf("a write fell into a file: %v, %v", info, err)
			}
			os.Remove(file.Name())
		}()
	}
	time.Sleep(100 * time.Microsecond)
}

// A line that the board answers is announced once, before its last piece goes out, and
// never if the port is lost before that.
func TestAsk_AnnouncesTheLastPiece(t *testing.T) {
	p, board, _ := booted(t, nil)
	line := []byte(strings.Repeat("x", 2*window) + "y\n")
	calls, early := 0, 0
	begin := time.Now()
	begun, err := p.Ask(t.Context(), line, func(at time.Time, leaving func() bool) {
		calls++
		early = len(board.receives(2 * window)) // without the last piece it would wait for ever
		if at.Before(begin) || leaving() {
			t.Errorf("asked at %v after %v, leaving %v", at, begin, leaving())
		}
	})
	if !begun || err != nil || calls != 1 || early != 2*window {
		t.Errorf("begun %v, %d calls, the first after %d bytes: %v", begun, calls, early, err)
	}
	if got := string(board.receives(2)); got != "y\n" {
		t.Errorf("the rest is %q", got)
	}
}

// A port that is lost between two pieces has no last one.
func TestAsk_IsSilentOnALostPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := newFakePort()
		raw.onWrite = func([]byte) (int, error) { return 0, syscall.EIO }
		p := start(t, fakes(newRecorder(t), func() (rawPort, error) { return raw, nil }))
		_, err := p.Ask(t.Context(), make([]byte, 2*window), func(time.Time, func() bool) { t.Error("asked") })
		if !errors.Is(err, ErrBroken) {
			t.Errorf("error %v", err)
		}
		p.stop()
	})
}
