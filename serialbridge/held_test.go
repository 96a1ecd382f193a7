package serialbridge

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// The lines that come at the rate that wins are read, each with its own time,
// although the search needs several of them to be sure.
func TestPort_KeepsTheLinesOfTheRateThatWins(t *testing.T) {
	for _, board := range []int{FirstBaud, 9600, 38400} {
		synctest.Test(t, func(t *testing.T) {
			seen := newRecorder(t)
			p, raw, _ := tunedTo(seen, board, 0)
			found := make(chan int, 10)
			p.options.FoundBaud = func(baud int) { found <- baud }
			running := start(t, p)
			seen.expect("opened", "ready")
			began := time.Now()
			first := -1
			for n := 0; first < 0; n++ {
				raw.input <- fmt.Appendf(nil, "n=%d\r\n", n)
				time.Sleep(10 * time.Second)
				select {
				case e := <-seen.events:
					if _, err := fmt.Sscanf(e.text, "n=%d", &first); err != nil || !e.at.Equal(began.Add(time.Duration(first)*10*time.Second)) {
						t.Fatalf("%+v, opened %v", e, began)
					}
					for i := first + 1; i <= n; i++ {
						if e := seen.expect(fmt.Sprint("line n=", i)); !e.at.Equal(began.Add(time.Duration(i) * 10 * time.Second)) {
							t.Errorf("line %d has the time %v", i, e.at.Sub(began))
						}
					}
					if n == first {
						t.Errorf("board at %d: nothing was kept", board)
					}
				default:
				}
				if n > 100 {
					t.Fatal("no rate was found")
				}
			}
			if got := <-found; got != board || len(found) > 0 {
				t.Errorf("found %d, then %d more", got, len(found))
			}
			if board == FirstBaud && first != 0 {
				t.Errorf("the first line is %d", first)
			}
			running.stop()
			seen.expect("closed")
		})
	}
}

// Lines of a rate that only looks right for a moment are dropped, and so are those
// of another rate than the one that is wanted.
func TestPort_DropsTheLinesOfOtherRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := newRecorder(t)
		p, raw, log := tunedTo(seen, FirstBaud, 0) // what is sent is what is read at first
		running := start(t, p)
		seen.expect("opened", "ready")
		raw.input <- []byte("n=1\r\n")
		time.Sleep(time.Second)
		synctest.Wait()
		raw.board = 9600
		for range 20 {
			raw.input <- []byte("temperature=23.5,humidity=40\r\n")
			time.Sleep(time.Second)
		}
		for log.Count("board sends text at 9600 baud") == 0 {
			time.Sleep(time.Second)
		}
		seen.expect("line temperature=23.5,humidity=40")
		running.stop()
	})
	synctest.Test(t, func(t *testing.T) {
		seen := newRecorder(t)
		p, raw, log := tunedTo(seen, 9600, FirstBaud)
		p.options.FoundBaud = func(int) { t.Error("a rate that is not wanted is reported as found") }
		running := start(t, p)
		for log.Count("text found at 9600 baud, not 115200") == 0 {
			raw.input <- []byte("n=1\r\n")
			time.Sleep(time.Second)
		}
		running.stop()
		seen.expect("opened", "ready", "closed")
	})
}

// A rate from a file that the port refuses begins a search, and does not end the
// device.
func TestPort_SearchesAfterARefusedLastBaud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := newRecorder(t)
		p, raw, _ := tunedTo(seen, 9600, 0)
		p.search.known = 2_000_000 // as New does with LastBaud
		inner := p.open
		p.open = func(ctx context.Context, port string, baud int) (rawPort, error) {
			if baud == 2_000_000 {
				return nil, fmt.Errorf("%w: %d", errBaud, baud)
			}
			return inner(ctx, port, baud)
		}
		running := start(t, p)
		seen.expect("opened", "ready")
		for p.Stats().Baud == 0 {
			raw.input <- []byte("temperature=23.5,humidity=40\r\n")
			time.Sleep(time.Second)
		}
		running.stop()
	})
}
