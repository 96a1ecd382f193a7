package gateway

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
)

// found returns a running device that is known only by its hello, and the mismatches that
// it reports. Its board is called "model".
func found(t *testing.T, id string) (f *talking, mismatches *[]string) {
	t.Helper()
	mismatches = &[]string{}
	f = newTalking(newBoard(), "", func(d *device.Device, p *Parts) {
		d.ID, d.Describe, p.RequireHello = id, new(true), true
		p.Mismatch = func(does string) { *mismatches = append(*mismatches, does) }
	})
	stop := f.start(t)
	t.Cleanup(stop)
	return f, mismatches
}

func (f *talking) say(text string) {
	f.do(func(b *board) { b.say(text) })
	synctest.Wait()
}

func (f *talking) print(lines ...string) {
	for _, line := range lines {
		f.do(func(b *board) { b.Print(line) })
	}
	synctest.Wait()
}

// The hello of the right board brings its readings and commands.
func TestDevice_HelloIdentifiesTheBoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, mismatches := found(t, "model")
		f.print("a plain line")
		f.do((*board).reset)
		f.say("n=1")
		f.ask("run", "1")
		synctest.Wait()
		if got := f.ended(); fmt.Sprint(got) != "[done 1 ran 1]" || len(*mismatches) > 0 || fmt.Sprint(f.queued()) != "[n=1]" {
			t.Errorf("results %q, mismatches %q, queued %q", got, *mismatches, f.queued())
		}
		if got := fmt.Sprint(f.session.commands); got != "[false true]" {
			t.Errorf("accepts commands: %s", got)
		}
	})
}

// A board that has booted before may be any: its lines wait for its hello, and the device
// stays offline until then.
func TestDevice_LinesWaitForTheHello(t *testing.T) {
	for id, want := range map[string]struct {
		queued     string
		online     bool
		mismatches string
	}{
		"model":      {"[n=1 n=2 n=3]", true, "[]"},
		"greenhouse": {"[]", false, `[identifies itself as "model"]`},
	} {
		synctest.Test(t, func(t *testing.T) {
			f, mismatches := found(t, id)
			f.print(booted)
			f.do(func(*board) { f.dead = true })
			f.say("n=1")
			read := time.Now()
			time.Sleep(time.Second / 2)
			f.say("n=2")
			if got := f.queued(); len(got) > 0 || f.State().Online {
				t.Errorf("before the hello: queued %v, %+v", got, f.State())
			}
			f.do(func(*board) { f.dead = false })
			time.Sleep(2 * time.Second) // it is asked again
			f.say("n=3")
			if got := fmt.Sprint(f.queued()); got != want.queued || f.State().Online != want.online || fmt.Sprint(*mismatches) != want.mismatches {
				t.Errorf("%s: queued %s, mismatches %q, %+v", id, got, *mismatches, f.State())
			}
			if want.online && !f.queue.lines[0].Time.Equal(read) {
				t.Errorf("a line of %v has the time %v", read, f.queue.lines[0].Time)
			}
		})
	}
}

// The lines of a different board are not published, and it gets no command.
func TestDevice_DifferentBoardIsAMismatch(t *testing.T) {
	for what, say := range map[string]func(f *talking){
		`identifies itself as "model"`: func(f *talking) { f.do((*board).reset) },
		`identifies itself as "GREENHOUSE"`: func(f *talking) {
			f.say("!hello GREENHOUSE protocol=1 library=0.2.0 parts=0")
		},
		"the board speaks version 9 of the protocol, the gateway version 1 (hint: update the library on the board, or the gateway)": func(f *talking) {
			f.do(func(*board) { f.dead = true })
			f.say("!state session=0000 last=0 input=63 taken=0")
			f.say("!hello greenhouse protocol=9 library=9 parts=0")
		},
		"prints lines without a checksum": func(f *talking) {
			for range maxPlain {
				f.print("t=23.5")
			}
			time.Sleep(helloTime)
			f.print("t=23.5")
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			f, mismatches := found(t, "greenhouse")
			f.say("!hello greenhouse protocol=1 library=0.2.0 parts=1") // once it was here
			f.say("!command 1/1 run int")
			f.print(replugged)
			say(f)
			f.ask("run", "1")
			f.print(booted)
			f.say("n=1")
			f.print("n=2")
			time.Sleep(3 * time.Second)
			if fmt.Sprint(*mismatches) != "["+what+"]" || len(f.queued()) > 0 || len(f.board.ran) > 0 || f.State().Online {
				t.Errorf("%s: mismatches %q, queued %q, ran %v", what, *mismatches, f.queued(), f.board.ran)
			}
			if strings.Contains(strings.Join(f.wrote, " "), "run") {
				t.Errorf("%s: wrote %q", what, f.wrote)
			}
			if d, _ := f.description(); d.ID != "greenhouse" {
				t.Errorf("%s: it is described as %q", what, d.ID)
			}
		})
	}
}

// A sketch may print plain lines for some time before it calls the library.
func TestDevice_LongBootIsNotAMismatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, mismatches := found(t, "model")
		for range 3 * maxPlain {
			f.print("waiting for the network")
			time.Sleep(time.Second)
		}
		f.do((*board).reset)
		f.say("n=1")
		if len(*mismatches) > 0 || fmt.Sprint(f.queued()) != "[n=1]" {
			t.Errorf("mismatches %q, queued %q", *mismatches, f.queued())
		}
	})
}

// Lines that were dropped before the board became a device are counted.
func TestDevice_CountsMissedLines(t *testing.T) {
	f := newFixture()
	f.Missed(0)
	if f.Missed(3); f.Stats().Damaged != 3 || strings.Count(f.log.String(), "lines dropped") != 1 || !strings.Contains(f.log.String(), "lines=3") {
		t.Errorf("%+v, log %s", f.Stats(), f.log)
	}
}

// A board that prints but never sends its hello is logged, and its held lines are bounded.
// At the next opening it may be another board.
func TestDevice_BoardWithoutAHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, mismatches := found(t, "model")
		f.do(func(*board) { f.dead = true })
		const many = 10_000
		for range many - 1 {
			f.say("n=1")
		}
		time.Sleep(helloTime)
		f.say("n=2")
		if dropped, held := f.Stats().Damaged, len(f.protocol.held.Lines); dropped == 0 || dropped+uint64(held) != many {
			t.Errorf("%d lines dropped, %d held", dropped, held)
		}
		if got := f.log.String(); strings.Count(got, "does not send it") != 1 || len(*mismatches) > 0 {
			t.Errorf("mismatches %q, log %s", *mismatches, got)
		}
		f.print(replugged)
		f.do((*board).reset)
		f.say("n=3")
		if got := fmt.Sprint(f.queued()); got != "[n=3]" {
			t.Errorf("queued %s", got)
		}
	})
}
