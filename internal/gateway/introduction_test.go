package gateway

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// found is a device that is known by the hello of the model alone.
func found(t *testing.T, id string) (f *talking, strangers *[]string) {
	t.Helper()
	f, strangers = newTalking(newBoard(), ""), &[]string{}
	f.ID, f.RequireHello, f.Describe = id, true, new(true)
	f.Mismatch = func(does string) { *strangers = append(*strangers, does) }
	stop := f.start(t)
	t.Cleanup(stop)
	return f, strangers
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

func TestABoardThatWasFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, strangers := found(t, "model")
		f.print("a plain line")
		f.do((*board).reset)
		f.say("n=1")
		f.ask("run", "1")
		synctest.Wait()
		if got := f.told(); fmt.Sprint(got) != "[done 1 ran 1]" || len(*strangers) > 0 || fmt.Sprint(f.queued()) != "[n=1]" {
			t.Errorf("told %q, strangers %q, queued %q", got, *strangers, f.queued())
		}
	})
}

// A board that was up already may be any. What it prints waits until it has said
// who it is; so does the device with being online.
func TestABoardInTheMidstOfItsReadings(t *testing.T) {
	for id, want := range map[string]struct {
		queued    string
		online    bool
		strangers string
	}{
		"model":      {"[n=1 n=2 n=3]", true, "[]"},
		"greenhouse": {"[]", false, `[says that it is "model"]`},
	} {
		synctest.Test(t, func(t *testing.T) {
			f, strangers := found(t, id)
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
			if got := fmt.Sprint(f.queued()); got != want.queued || f.State().Online != want.online || fmt.Sprint(*strangers) != want.strangers {
				t.Errorf("%s: queued %s, strangers %q, %+v", id, got, *strangers, f.State())
			}
			if want.online && !f.queue.lines[0].Time.Equal(read) {
				t.Errorf("a line of %v has the time %v", read, f.queue.lines[0].Time)
			}
		})
	}
}

// What another board says at its port is not published under its name, and no
// command goes there.
func TestAnotherBoardIsAStranger(t *testing.T) {
	for what, say := range map[string]func(f *talking){
		`says that it is "model"`: func(f *talking) { f.do((*board).reset) },
		`says that it is "GREENHOUSE"`: func(f *talking) {
			f.say("!hello GREENHOUSE protocol=1 library=0.2.0 parts=0")
		},
		"the board speaks version 9 of the protocol, the gateway version 1 (hint: bring the library on the board and the gateway together)": func(f *talking) {
			f.do(func(*board) { f.dead = true })
			f.say("!state session=0000 last=0 input=63 taken=0")
			f.say("!hello greenhouse protocol=9 library=9 parts=0")
		},
		"prints lines without a checksum": func(f *talking) {
			for range doubts {
				f.print("t=23.5")
			}
			time.Sleep(nameless)
			f.print("t=23.5")
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			f, strangers := found(t, "greenhouse")
			f.say("!hello greenhouse protocol=1 library=0.2.0 parts=1") // once it was here
			f.say("!command 1/1 run int")
			f.print(replugged)
			say(f)
			f.ask("run", "1")
			f.print(booted)
			f.say("n=1")
			f.print("n=2")
			time.Sleep(3 * time.Second)
			if fmt.Sprint(*strangers) != "["+what+"]" || len(f.queued()) > 0 || len(f.board.ran) > 0 || f.State().Online {
				t.Errorf("%s: strangers %q, queued %q, ran %v", what, *strangers, f.queued(), f.board.ran)
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

// A sketch may print much before it comes to its library.
func TestALongBootMakesNoStranger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, strangers := found(t, "model")
		for range 3 * doubts {
			f.print("waiting for the network")
			time.Sleep(time.Second)
		}
		f.do((*board).reset)
		f.say("n=1")
		if len(*strangers) > 0 || fmt.Sprint(f.queued()) != "[n=1]" {
			t.Errorf("strangers %q, queued %q", *strangers, f.queued())
		}
	})
}

// What went while the board was nobody's counts where it has come to.
func TestWhatWasMissedIsCounted(t *testing.T) {
	f := newFixture()
	f.Missed(0)
	if f.Missed(3); f.Stats().Damaged != 3 || strings.Count(f.log.String(), "lines were dropped") != 1 || !strings.Contains(f.log.String(), "lines=3") {
		t.Errorf("%+v, log %s", f.Stats(), f.log)
	}
}

// A board that speaks and hears nothing may be any; the log says so, and what is
// held of it has a bound. An opening later it may be another.
func TestABoardWithoutAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, strangers := found(t, "model")
		f.do(func(*board) { f.dead = true })
		const many = 10_000
		for range many - 1 {
			f.say("n=1")
		}
		time.Sleep(nameless)
		f.say("n=2")
		if dropped, held := f.Stats().Damaged, len(f.spoken.held.Lines); dropped == 0 || dropped+uint64(held) != many {
			t.Errorf("%d lines dropped, %d held", dropped, held)
		}
		if got := f.log.String(); strings.Count(got, "does not say who it is") != 1 || len(*strangers) > 0 {
			t.Errorf("strangers %q, log %s", *strangers, got)
		}
		f.print(replugged)
		f.do((*board).reset)
		f.say("n=3")
		if got := fmt.Sprint(f.queued()); got != "[n=3]" {
			t.Errorf("queued %s", got)
		}
	})
}
