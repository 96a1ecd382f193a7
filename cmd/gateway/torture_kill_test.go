//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// TestTorture_Kills kills the gateway at random instants. The boards count what each life
// of the gateway read from the port, so the test knows which complete lines each one read.
// Two kinds of these may be missing:
//
//   - the first line after a start: the gateway cannot know that it is complete, and
//     drops it as it would a partial line;
//   - lines in memory: read(2) had returned, and write(2) not yet. Lines are written in
//     order, so nothing of that life arrives after them.
//
// Any other missing line is lost.
func TestTorture_Kills(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.mqtt = ", payload: both"
	boards := streams(t, 4, 5*time.Millisecond)
	file := r.configure(devicesFor(boards...))
	kills, marks := often(5, 200), make([][]uint64, len(boards))
	for range kills {
		p := launch(t, file)
		r.awaitEach(boards, 10)
		time.Sleep(rand.N(100 * time.Millisecond)) // when it strikes is left to chance
		p.kill()
		for i, b := range boards {
			taken, err := b.BytesRead()
			if err != nil {
				t.Fatal(err)
			}
			marks[i] = append(marks[i], taken)
		}
	}
	launch(t, file)
	r.silence(boards)
	var c tally
	first, inHand := 0, 0
	for i, b := range boards {
		seen := c.numbersOf(t, r.heard.on("devices/"+b.Name()+"/n"))
		c.addSeqs(t, r.heard.on("devices/"+b.Name()))
		whole, dropped := lives(b.Stats().Lines, marks[i])
		first += dropped
		for _, numbers := range whole {
			c.read += len(numbers)
			for k, n := range numbers {
				switch {
				case seen[n]:
				case anyOf(seen, numbers[k+1:]):
					c.lost++
				default:
					inHand++
				}
			}
		}
	}
	c.row(fmt.Sprintf("gateway killed %d times, 4 boards", kills),
		fmt.Sprintf("read but not yet written: %d; first line after a start: %d", inHand, first))
	c.sound(t)
}

// lives returns the numbers of the lines that each life of the gateway read completely,
// and how many others were the first after a start, complete or not. The boards print
// n=0, n=1, … and LF. At each mark, a count of bytes, one life ends and the next
// begins.
func lives(lines uint64, marks []uint64) (whole [][]int64, first int) {
	whole = make([][]int64, len(marks)+1)
	life, begun, from := 0, uint64(0), uint64(0)
	for n := range lines {
		to := from + uint64(len(numberedLine(int64(n))))
		for life < len(marks) && marks[life] <= from {
			begun = marks[life]
			life++
		}
		if from == begun || life < len(marks) && to > marks[life] {
			first++
		} else {
			whole[life] = append(whole[life], int64(n))
		}
		from = to
	}
	return whole, first
}

func anyOf(seen map[int64]bool, numbers []int64) bool {
	for _, n := range numbers {
		if seen[n] {
			return true
		}
	}
	return false
}

func TestLives_SplitsAtEachStart(t *testing.T) {
	// n=0 is 4 bytes long: the first and the fifth begin a life, the third is cut in two.
	whole, first := lives(6, []uint64{10, 16})
	if got, want := fmt.Sprint(whole, first), "[[1] [3] [5]] 3"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestTorture_KilledWhileTheBrokerIsAway is the case in which other programs lose all
// that they had in memory.
func TestTorture_KilledWhileTheBrokerIsAway(t *testing.T) {
	t.Parallel()
	r := newKeptRig(t)
	board := simulator.New(t, simulator.Spec{Lossless: true})
	file := r.configure(devicesFor(board))
	p := launch(t, file)
	r.awaitLine(board, "ready=1", "devices/board/ready", "1")
	r.broker.Stop()
	lines := often(500, 20_000)
	for i := range lines {
		board.Println(fmt.Sprintf("n=%d", i))
	}
	awaitBacklog(t, filepath.Join(r.dir, "state"), fmt.Sprint(lines-1))
	p.kill()
	launch(t, file)
	r.broker.Restart()
	r.await("devices/board/n", some(lines))
	var c tally
	c.add(t, r.heard.on("devices/board/n"), int64(lines-1))
	c.row("gateway killed while the broker is away", "")
	c.sound(t)
}

// awaitBacklog waits until a text is in the spool's files: write(2) returned.
func awaitBacklog(t *testing.T, dir, text string) {
	t.Helper()
	ctx := testContext(t)
	for {
		out, _ := exec.CommandContext(ctx, "grep", "-rlaF", text, dir).Output()
		if len(out) > 0 {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%q is not in the spool", text)
		}
	}
}
