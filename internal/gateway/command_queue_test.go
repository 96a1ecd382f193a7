package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
	"arduino-gateway/simulator/firmware"
)

// board runs commands and refuses the value 7. Its time stands still, so that it sends
// nothing unasked.
type board struct {
	*firmware.Board
	ran map[string]int
}

func newBoard() *board {
	b := &board{ran: map[string]int{}}
	b.Board = firmware.New(firmware.Sketch{
		ID: "model", Readings: []firmware.Reading{{Name: "n"}},
		Commands: []device.Command{{Name: "run", Type: device.Int}},
		Run: func(_, value string) (words string, ok bool) {
			if value == "7" {
				return "no sevens", false
			}
			b.ran[value]++
			return "ran " + value, true
		},
	}, nil)
	return b
}

func (b *board) reset()          { b.Reset(0) }
func (b *board) say(text string) { b.Println(0, text) }

// talking is a fixture with a board that confirms commands.
type talking struct {
	*fixture
	board *board
	mu    sync.Mutex // of the board, and all below
	wrote []string
	dead  bool // it does not receive what is written
}

func (f *talking) do(what func(b *board)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what(f.board)
}

// A board that prints one of these is unplugged and plugged in again, or has booted.
const (
	replugged = "\x00"
	booted    = "\x01"
)

// newTalking returns a fixture without commands of its own; file is its journal.
func newTalking(board *board, file string, changes ...func(*device.Device, *Parts)) *talking {
	talks := func(d *device.Device, p *Parts) {
		d.Commands = nil
		p.Journal = journal.Open(file, slog.New(slog.DiscardHandler))
	}
	f := &talking{fixture: newFixture(append([]func(*device.Device, *Parts){talks}, changes...)...), board: board}
	printed := make(chan string, 100)
	board.Print = func(line string) { printed <- line }
	f.port.write = func(ctx context.Context, line []byte) (bool, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.wrote = append(f.wrote, strings.TrimSpace(string(line)))
		if f.dead {
			return true, nil
		}
		for _, c := range line {
			board.Receive(c)
			board.Loop(0)
		}
		return true, nil
	}
	f.port.run = func(ctx context.Context) error {
		f.Opened(time.Now())
		for {
			select {
			case line := <-printed:
				switch line {
				case replugged:
					f.Closed(time.Now(), nil)
					f.Opened(time.Now())
				case booted:
					f.Ready(time.Now())
				default:
					f.Line(time.Now(), []byte(line))
				}
			case <-ctx.Done():
				f.Closed(time.Now(), nil)
				return nil
			}
		}
	}
	return f
}

func (f *talking) ended() (results []string) {
	f.session.mu.Lock()
	defer f.session.mu.Unlock()
	for _, r := range f.session.results {
		results = append(results, strings.TrimSpace(fmt.Sprintf("%s %s %s%s", r.Status, r.Value, r.Reply, r.Error)))
	}
	return results
}

// description returns how the board described itself, and whether it did.
func (f *fixture) description() (device.Description, bool) {
	f.commands.mu.Lock()
	defer f.commands.mu.Unlock()
	if d := f.commands.commands.description; d != nil {
		return *d, true
	}
	return device.Description{}, false
}

// A board describes its commands, and confirms them.
func TestCommandQueue_LearnsCommandsFromTheHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newTalking(newBoard(), "")
		stop := f.start(t)
		defer stop()
		f.ask("run", "1")
		f.do(func(b *board) { b.say("n=1") })
		synctest.Wait()
		time.Sleep(5 * time.Second)
		for _, ask := range []struct{ command, value string }{{"run", "2"}, {"run", "x"}, {"walk", "1"}, {"run", "7"}} {
			f.ask(ask.command, ask.value)
			synctest.Wait()
		}
		want := []string{`rejected 1 unknown command "run": this device has none`, "done 2 ran 2", `rejected x "x" is not a whole number`,
			`rejected 1 unknown command "walk": this device has run`, "failed 7 no sevens"}
		if got := f.ended(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %q\nwant %q", got, want)
		}
		if d, ok := f.description(); !ok || d.ID != "model" {
			t.Errorf("described as %v, %v", d, ok)
		}
	})
}

// With describe: true a command waits until the board has described itself.
func TestCommandQueue_CommandWaitsForTheHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newTalking(newBoard(), "", func(d *device.Device, _ *Parts) { d.Describe = new(true) })
		stop := f.start(t)
		defer stop()
		f.ask("run", "1")
		f.ask("walk", "1")
		time.Sleep(3 * time.Second)
		if len(f.wrote) > 0 {
			t.Errorf("a silent board was sent %q", f.wrote)
		}
		f.do((*board).reset)
		synctest.Wait()
		time.Sleep(3 * time.Second)
		want := []string{"done 1 ran 1", `rejected 1 unknown command "walk": this device has run`}
		got := f.ended()
		if len(got) == 2 && got[0] > got[1] {
			got[0], got[1] = got[1], got[0]
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %q\nwant %q", got, want)
		}
	})
}

// A board that spoke the protocol has another sketch now, which never prints: it gets plain
// lines.
func TestCommandQueue_SilentBoardBecomesPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.parts.Journal.SetSpeaks(true)
		f.port.run = func(ctx context.Context) error {
			f.Opened(time.Now())
			<-ctx.Done()
			f.Closed(time.Now(), nil)
			return nil
		}
		stop := f.start(t)
		defer stop()
		f.ask("led", "on")
		time.Sleep(device.DefaultExpires)
		f.ask("led", "off")
		time.Sleep(device.DefaultExpires)
		synctest.Wait()
		if got := f.session.results; len(got) != 2 || got[0].Status != device.Expired || got[1].Status != device.Sent {
			t.Errorf("results %+v", got)
		}
	})
}

// After the first valid checksum, a line without one is dropped.
func TestDevice_DropsLinesWithoutAChecksum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newTalking(newBoard(), "")
		at := time.Now()
		f.Opened(at)
		f.Line(at, []byte("a")) // no checksum so far
		f.Line(at, []byte("b ~FFFF"))
		f.Line(at, []byte("n=1 ~0000"))
		f.board.Print = func(line string) { f.Line(at, []byte(line)) }
		f.board.say("c")
		f.Line(at, []byte("d"))
		f.Line(at, []byte("e ~0000"))
		if got := fmt.Sprint(f.queued()); got != "[a b ~FFFF n=1 ~0000 c]" {
			t.Errorf("queued %s", got)
		}
		if s := f.Stats(); s.Damaged != 2 {
			t.Errorf("stats %+v", s)
		}
		if got := strings.Join(f.observer.seen, "\n"); !strings.Contains(got, "dropped: no checksum") || !strings.Contains(got, "damaged on the wire") {
			t.Errorf("the monitor saw\n%s", got)
		}
	})
}

// After a kill, the next process asks the board about the commands in flight.
func TestCommandQueue_ResumesAfterAKill(t *testing.T) {
	for _, c := range []struct {
		name  string
		after func(b *board)
		want  string
	}{
		{"the board is as it was", func(*board) {}, "done 1 ran 1"},
		{"it was reset", func(b *board) { b.reset() }, "failed 1 may have run: the board was reset"},
	} {
		synctest.Test(t, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "uno")
			first := newTalking(newBoard(), file)
			stop := first.start(t)
			first.do((*board).reset)
			synctest.Wait()
			time.Sleep(2 * time.Second)
			first.do(func(b *board) { b.Print = func(string) {} }) // the answer is lost
			first.ask("run", "1")
			synctest.Wait()
			first.parts.Journal.Close() // as if killed: nothing is recorded any more
			first.do(func(*board) { first.dead = true })

			second := newTalking(first.board, file)
			stopSecond := second.start(t)
			second.do(c.after)
			second.do(func(b *board) { b.say("n=1") })
			synctest.Wait()
			time.Sleep(5 * time.Second)
			if got := second.ended(); fmt.Sprint(got) != fmt.Sprint([]string{c.want}) || first.board.ran["1"] != 1 {
				t.Errorf("%s: got %q, ran %d times", c.name, got, first.board.ran["1"])
			}
			stopSecond()
			stop()
			if left := journal.Open(file, nil).Unfinished(); len(left) > 0 {
				t.Errorf("%s: unfinished: %+v", c.name, left)
			}
		})
	}
}

// A command that the broker delivers twice runs once, unless the broker lost the session.
func TestDevice_DuplicatesRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		stop := f.start(t)
		defer stop()
		r := device.Message{Command: "led", Payload: []byte("on"), PacketID: 5, At: time.Now()}
		f.Message(r)
		r.Duplicate = true
		f.Message(r)
		synctest.Wait()
		if len(f.port.written) != 1 || len(f.session.results) != 1 {
			t.Errorf("written %q, results %v", f.port.written, f.session.results)
		}
		f.Connected(time.Now(), false) // the broker knows nothing of it
		f.Message(r)
		synctest.Wait()
		if len(f.port.written) != 2 {
			t.Errorf("written %q", f.port.written)
		}
	})
}
