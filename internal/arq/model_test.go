package arq

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/protocol"
	"arduino-gateway/simulator/firmware"

	"pgregory.net/rapid"
)

// trouble is how often a world harms its board, its wire and its gateway.
type trouble struct {
	faults   int // bytes harmed in ten thousand
	resets   int // of the board, in a thousand steps
	kills    int // of the gateway
	unplugs  int // of the port, with the board kept alive
	busy     time.Duration
	commands int
}

const step = 5 * time.Millisecond

// world is one gateway, one wire and one board, with its own clock.
type world struct {
	trouble
	random  *rand.Rand
	now     time.Time
	x       *Machine
	board   *firmware.Board
	awake   time.Time   // until then its loop does something else
	ran     map[int]int // how often it ran each command
	order   []int       // in which
	down    wire
	up      wire
	closed  int // steps until the port is back
	half    []byte
	queue   []Command
	journal []entry // what a killed gateway leaves
	results map[uint64][]string
	given   int
}

type entry struct {
	Command
	session uint16
}

func newWorld(seed uint64, t trouble) *world {
	w := &world{trouble: t, random: rand.New(rand.NewPCG(seed, 1)), now: dawn, ran: map[int]int{}, results: map[uint64][]string{}}
	w.down = wire{perByte: 87 * time.Microsecond, faults: t.faults, chance: w.random.IntN}
	w.up = w.down
	run := device.Command{Name: "run", Type: device.Text, MaxLength: 45}
	w.board = firmware.New(firmware.Sketch{ID: "model", Commands: []device.Command{run}, Run: w.run},
		func(line string) { w.up.send(w.now, []byte(line+"\r\n")) })
	w.start()
	w.board.Reset(w.age())
	return w
}

var dawn = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func (w *world) age() time.Duration { return w.now.Sub(dawn) }

// run is the sketch's: it refuses each multiple of seven.
func (w *world) run(_, value string) (words string, ok bool) {
	n, _ := strconv.Atoi(strings.TrimRight(value, "x"))
	if n%7 == 0 {
		return "no sevens", false
	}
	w.ran[n]++
	w.order = append(w.order, n)
	return "", true
}

func (w *world) loop() {
	if !w.now.Before(w.awake) {
		w.board.Loop(w.age())
	}
}

// start starts the gateway again with what the last one left in the journal.
func (w *world) start() {
	w.x, w.half = New(func() uint16 { return uint16(w.random.Uint32()) }), nil
	var sent []Command
	session := uint16(0)
	for _, e := range w.journal {
		if e.Expires.Before(w.now.Add(10 * time.Second)) {
			e.Expires = w.now.Add(10 * time.Second)
		}
		sent, session = append(sent, e.Command), e.session
	}
	for id := uint64(1); id <= uint64(w.given); id++ {
		remembered := slices.ContainsFunc(w.journal, func(e entry) bool { return e.ID == id })
		if len(w.results[id]) == 0 && !remembered {
			w.result(id, "expired") // it waited
		}
	}
	w.queue = nil
	w.x.Resume(session, sent)
	w.x.Opened()
}

func (w *world) result(id uint64, what string) {
	w.results[id] = append(w.results[id], what)
}

// turn is one step of time.
func (w *world) turn() {
	w.now = w.now.Add(step)
	w.misfortunes()
	for _, c := range w.down.arrived(w.now) {
		w.board.Receive(c)
		w.loop()
	}
	w.loop()
	w.hear(w.up.arrived(w.now))
	w.drive()
}

func (w *world) misfortunes() {
	if w.now.Sub(w.expiry(0)) > 10*time.Minute {
		w.trouble = trouble{faults: w.faults, commands: w.commands} // else some commands never get their time
	}
	switch n := w.random.IntN(1000); {
	case n < w.resets:
		w.board.Reset(w.age())
	case n < w.resets+w.kills:
		if w.random.IntN(2) == 0 {
			w.down.cut()
		}
		w.start()
	case n < w.resets+w.kills+w.unplugs && w.closed == 0:
		w.closed = 1 + w.random.IntN(600)
		w.x.Closed()
		w.down.cut()
	}
	if w.closed > 0 {
		if w.closed--; w.closed == 0 {
			w.half = nil
			w.x.Opened()
		}
	}
	if w.busy > 0 && !w.now.Before(w.awake.Add(100*time.Millisecond)) {
		w.awake = w.now.Add(w.busy)
	}
	if w.now.UnixMilli()%1000 < 5 {
		w.board.Println(w.age(), "n=1")
	}
}

func (w *world) hear(data []byte) {
	for _, c := range data {
		if w.closed > 0 {
			continue
		}
		if c != '\n' {
			w.half = append(w.half, c)
			continue
		}
		if l := protocol.Parse(bytes.TrimSuffix(w.half, []byte("\r"))); l.Check == protocol.Right {
			_ = w.x.Heard(w.now, l)
		}
		w.half = nil
	}
}

// drive does what internal/gateway does.
func (w *world) drive() {
	for {
		w.ended()
		for len(w.queue) > 0 && !w.now.Before(w.queue[0].Expires) {
			w.result(w.queue[0].ID, "expired")
			w.queue = w.queue[1:]
		}
		for len(w.queue) > 0 && w.x.Room() {
			w.x.Put(w.queue[0])
			w.queue = w.queue[1:]
		}
		s := w.x.Next(w.now)
		if s.Write == nil {
			if w.ended(); s.Until.IsZero() || s.Until.After(w.now) {
				return
			}
			continue
		}
		if s.First != nil {
			w.journal = append(w.journal, entry{*s.First, w.x.Session()})
		}
		if w.closed == 0 {
			w.down.send(w.now, s.Write)
		}
	}
}

func (w *world) ended() {
	var back []Command
	for _, o := range w.x.Outcomes() {
		i := slices.IndexFunc(w.journal, func(e entry) bool { return e.ID == o.ID })
		if o.Fate == Back {
			c := Command{ID: o.ID, Text: text(o.ID), Expires: w.expiry(o.ID)}
			back = append(back, c)
		} else {
			w.result(o.ID, [...]string{"done", "refused", "unknown"}[o.Fate])
		}
		if i >= 0 {
			w.journal = slices.Delete(w.journal, i, i+1)
		}
	}
	w.queue = append(back, w.queue...)
}

const every = 30 * time.Millisecond

func (w *world) expiry(id uint64) time.Time {
	return dawn.Add(time.Duration(id) * every).Add(10 * time.Second)
}

func text(id uint64) string {
	return fmt.Sprintf("run=%d%s", id, strings.Repeat("x", int(id*7%40)))
}

// live runs the world until each command has its result.
func (w *world) live(t interface{ Fatalf(string, ...any) }) {
	for steps := 0; len(w.results) < w.commands; steps++ {
		if w.given < w.commands && steps%6 == 0 && len(w.queue) < 16 {
			w.given++
			id := uint64(w.given)
			w.queue = append(w.queue, Command{ID: id, Text: text(id), Expires: w.now.Add(10 * time.Second)})
		}
		w.turn()
		if w.now.Sub(w.expiry(0)) > time.Hour {
			t.Fatalf("after an hour %d of %d commands have a result", len(w.results), w.commands)
		}
	}
}

// judge compares the results with what the board ran, and returns how many there were of each.
func (w *world) judge(t interface{ Errorf(string, ...any) }) (counts map[string]int) {
	counts = map[string]int{}
	for id := range w.commands {
		results, ran := w.results[uint64(id+1)], w.ran[id+1]
		if len(results) != 1 {
			t.Errorf("command %d has the results %v", id+1, results)
			continue
		}
		counts[results[0]]++
		most := map[string]int{"done": 1, "refused": 0, "expired": 0, "unknown": 1}[results[0]]
		if ran > most || results[0] == "done" && ran != 1 {
			t.Errorf("command %d has the result %s and ran %d times", id+1, results[0], ran)
		}
	}
	if !slices.IsSorted(w.order) {
		t.Errorf("they ran in the order %v", w.order)
	}
	return counts
}

// A board that is busy for 400 ms at a time still runs each command once.
func TestMachine_BusyBoardRunsEachCommand(t *testing.T) {
	w := newWorld(1, trouble{busy: 400 * time.Millisecond, commands: 300})
	w.live(t)
	if counts := w.judge(t); counts["done"]+counts["refused"] != 300 {
		t.Errorf("%v", counts)
	}
}

// The machine sends no more than the board remembers, so a lost answer can still be
// fetched, however often it is lost.
func TestMachine_FetchesALostAnswer(t *testing.T) {
	now := dawn
	x := New(func() uint16 { return 0x7f3a })
	board := firmware.New(firmware.Sketch{ID: "model", Commands: []device.Command{{Name: "run", Type: device.Int}}}, func(line string) {
		if !strings.HasPrefix(line, "!ok 1 ") || now.After(dawn.Add(3*time.Second)) {
			_ = x.Heard(now, protocol.Parse([]byte(line)))
		}
	})
	x.Opened()
	board.Reset(0)
	const commands = 20
	put := uint64(0)
	for range 10 * commands {
		if put < commands && x.Room() {
			put++
			x.Put(Command{ID: put, Text: "run=1", Expires: dawn.Add(10 * time.Second)})
		}
		s := x.Next(now)
		for _, c := range s.Write {
			board.Receive(c)
			board.Loop(0)
		}
		if s.Write == nil && s.Until.After(now) {
			now = s.Until
		}
	}
	counts := map[Fate]int{}
	for _, o := range x.Outcomes() {
		counts[o.Fate]++
	}
	if counts[Done] != commands {
		t.Errorf("of %d commands %d are done: %v", commands, counts[Done], counts)
	}
}

// Whatever happens, each command has one result, and the result is true.
func TestMachine_ReportsWhatTheBoardRan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"), trouble{
			faults:   rapid.SampledFrom([]int{0, 10, 100, 300}).Draw(t, "faults"),
			resets:   rapid.IntRange(0, 3).Draw(t, "resets"),
			kills:    rapid.IntRange(0, 3).Draw(t, "kills"),
			unplugs:  rapid.IntRange(0, 3).Draw(t, "unplugs"),
			busy:     rapid.SampledFrom([]time.Duration{0, 400 * time.Millisecond, 3 * time.Second}).Draw(t, "busy"),
			commands: 60,
		})
		w.live(t)
		w.judge(t)
	})
}

// Damage on the wire delays commands and loses few.
func TestMachine_DamageCostsOnlyTime(t *testing.T) {
	all := map[string]int{}
	for seed := range uint64(10) {
		w := newWorld(seed, trouble{faults: 100, busy: 400 * time.Millisecond, commands: 100})
		w.live(t)
		for what, n := range w.judge(t) {
			all[what] += n
		}
	}
	t.Log(all)
	if all["done"] < 500 {
		t.Errorf("of 1000 commands over a wire that harms one byte in a hundred: %v", all)
	}
}
