//go:build linux

package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// A longer run, or another one:
// go test ./cmd/gateway -run SwappedBoards -v -juggle 5m -seed 7
var (
	juggle     = flag.Duration("juggle", 3*time.Second, "how long TestRun_TellsSwappedBoardsApart plugs boards in and out")
	juggleSeed = flag.Uint64("seed", 1, "of what TestRun_TellsSwappedBoardsApart does")
)

// swapped are boards with the library that move from socket to socket. Each prints its
// own number, which shows whose reading it is.
type swapped struct {
	*rig
	random  *rand.Rand
	boards  []*simulator.Board
	kinds   []string
	sockets []int // by socket, the board in it; -1 is none
}

func newSwapped(r *rig, n int, seed uint64) *swapped {
	j := &swapped{rig: r, random: rand.New(rand.NewPCG(seed, 0))}
	for i := range n {
		spec := speaking(fmt.Sprint("board", i))
		spec.Name, spec.Boot, spec.Every = spec.Hello, 20*time.Millisecond, 20*time.Millisecond
		spec.Signals = []simulator.Signal{{Name: "number", Value: float64(i)}}
		kind := "nano-clone"
		if i%2 == 1 { // no open resets it: it is in the midst of its readings
			kind, spec.ResetOnOpen = "leonardo", false
		}
		board := simulator.New(r.t, spec)
		board.Unplug()
		j.boards, j.kinds, j.sockets = append(j.boards, board), append(j.kinds, kind), append(j.sockets, -1)
	}
	return j
}

func (j *swapped) plugIn(board, socket int) {
	j.boards[board].Replug()
	j.plug(fmt.Sprint("1-", socket+1), j.kinds[board], fmt.Sprint("ttyUSB", socket), j.boards[board])
	j.sockets[socket] = board
}

func (j *swapped) pullOut(socket int) (board int) {
	board = j.sockets[socket]
	j.unplug(fmt.Sprint("1-", socket+1), j.boards[board])
	j.sockets[socket] = -1
	return board
}

// some returns the sockets with a board, or those without, in a random order.
func (j *swapped) some(full bool) (sockets []int) {
	for _, i := range j.random.Perm(len(j.sockets)) {
		if (j.sockets[i] >= 0) == full {
			sockets = append(sockets, i)
		}
	}
	return sockets
}

// away returns the boards that are in no socket, in a random order.
func (j *swapped) away() []int {
	return slices.DeleteFunc(j.random.Perm(len(j.boards)), func(board int) bool { return slices.Contains(j.sockets, board) })
}

// step plugs a board in, pulls one out, moves one, or swaps two.
func (j *swapped) step() {
	full, empty, away := j.some(true), j.some(false), j.away()
	switch what := j.random.IntN(5); {
	case what < 2 && len(away) > 0:
		j.plugIn(away[0], empty[0])
	case what == 2 && len(full) > 0:
		j.pullOut(full[0])
	case what == 3 && len(full) > 0 && len(empty) > 0:
		j.plugIn(j.pullOut(full[0]), empty[0])
	case what == 4 && len(full) > 1:
		a, b := j.pullOut(full[0]), j.pullOut(full[1])
		j.plugIn(a, full[1])
		j.plugIn(b, full[0])
	}
}

// TestRun_TellsSwappedBoardsApart plugs boards in, out and into each other's sockets at
// random. In the end each board that is plugged in has its own device, and none was
// ever mistaken for another.
func TestRun_TellsSwappedBoardsApart(t *testing.T) {
	r := usbRig(t)
	j := newSwapped(r, 8, *juggleSeed)
	r.start("  auto\n")() // which begins what lasts, such as the process's one goroutine for signals
	goroutines, descriptors := census(t)
	stop := r.start("  auto\n")
	for begin := time.Now(); time.Since(begin) < *juggle; {
		j.step()
		time.Sleep(time.Duration(j.random.IntN(300)) * time.Millisecond)
	}
	for _, socket := range j.some(false)[:len(j.away())/2] {
		j.plugIn(j.away()[0], socket)
	}
	for _, socket := range j.some(true) {
		id := j.boards[j.sockets[socket]].Name()
		ran := j.boards[j.sockets[socket]].Stats().CommandsRun
		r.await("devices/"+id+"/status", ending("online"))
		r.does(id)
		if got := j.boards[j.sockets[socket]].Stats().CommandsRun; got != ran+1 {
			t.Errorf("%s ran its command %d times", id, got-ran)
		}
	}
	for _, board := range j.away() {
		r.await("devices/"+j.boards[board].Name()+"/status", func(got []string) bool {
			return len(got) == 0 || got[len(got)-1] != "online"
		})
	}
	for i, board := range j.boards {
		topic := "devices/" + board.Name() + "/number"
		for n, payload := range r.heard.on(topic) {
			if payload != fmt.Sprint(i) {
				t.Errorf("reading %d of %s is %s", n, board.Name(), payload)
			}
		}
	}
	for _, socket := range j.some(true) {
		j.pullOut(socket)
	}
	stop()
	if err := settled(goroutines, descriptors); err != nil {
		t.Error(err)
	}
}
