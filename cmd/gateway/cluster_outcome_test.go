//go:build linux

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"arduino-gateway/internal/natstest"
)

// outcome is what clients saw since begin.
type outcome struct {
	what        string
	begin       time.Time
	lines, lost int           // lines that no subscriber received are lost
	missed      int           // lines that a subscriber of a healthy node did not receive
	repeated    int           // for that subscriber
	gap         time.Duration // for that subscriber, the longest without a reading of a board
	commands    int
	unanswered  int
	slowest     time.Duration // from a command to its result
	status      time.Duration // until it was right for good
	wrong       string        // what is wrong with it at the end
}

var clusterHead sync.Once

// row adds a line to the table.
func (o *outcome) row() {
	if *clusterBoards == 0 {
		return
	}
	clusterHead.Do(func() {
		fmt.Printf("| %-46s | %5s | %4s | %6s | %8s | %5s | %8s | %10s | %7s | %6s |\n",
			"case", "lines", "lost", "missed", "repeated", "gap", "commands", "unanswered", "slowest", "status")
	})
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
	fmt.Printf("| %-46s | %5d | %4d | %6d | %8d | %5s | %8d | %10d | %7s | %6s |\n", o.what, o.lines, o.lost, o.missed, o.repeated,
		seconds(o.gap), o.commands, o.unanswered, seconds(o.slowest), seconds(o.status))
}

// countLines counts the lines that a witness should have received since begin.
func (o *outcome) countLines(r *clusterRig, witness *ear) {
	for _, device := range r.devices() {
		o.gap = max(o.gap, longestGap(witness.lines(device), o.begin, time.Now()))
		heard := map[int64]bool{}
		for _, e := range r.ears {
			for _, l := range e.lines(device) {
				heard[l.number] = true
			}
		}
		o.count(witness.lines(device), heard)
	}
}

// count counts the lines of one device. Heard has those that any subscriber has received.
func (o *outcome) count(lines []heardLine, heard map[int64]bool) {
	seen, before, last := map[int64]bool{}, lines[0].number-1, int64(0)
	for _, l := range lines {
		switch {
		case l.at.Before(o.begin):
			before = max(before, l.number)
		case seen[l.number]:
			o.repeated++
		}
		seen[l.number], last = true, max(last, l.number)
	}
	for n := before + 1; n <= last; n++ {
		o.lines++
		if !seen[n] {
			o.missed++
		}
		if !heard[n] {
			o.lost++
		}
	}
}

// longestGap returns the longest time without a line between begin and end.
func longestGap(lines []heardLine, begin, end time.Time) (longest time.Duration) {
	last := begin
	for _, l := range append(slices.Clone(lines), heardLine{at: end}) {
		if l.at.After(begin) {
			longest, last = max(longest, l.at.Sub(last)), l.at
		}
	}
	return longest
}

// countCommands counts the commands and their answers.
func (o *outcome) countCommands(r *clusterRig, sent []sentCommand) {
	o.commands, o.unanswered = len(sent), r.unanswered(sent)
	for _, c := range sent {
		if at := r.answer(c.value); !at.IsZero() {
			o.slowest = max(o.slowest, at.Sub(c.at))
		}
	}
}

// unanswered counts the commands without a result.
func (r *clusterRig) unanswered(sent []sentCommand) (n int) {
	for _, c := range sent {
		if r.answer(c.value).IsZero() {
			n++
		}
	}
	return n
}

// answer returns when the first subscriber received a result; the zero time is never.
func (r *clusterRig) answer(value string) (first time.Time) {
	for _, e := range r.ears {
		if at := e.answer(value); first.IsZero() || !at.IsZero() && at.Before(first) {
			first = at
		}
	}
	return first
}

// statusWatch asks every node but one for the retained status of all devices.
type statusWatch struct {
	r      *clusterRig
	away   int
	begin  time.Time
	lasted time.Duration // until it was right for good
	wrong  string        // what is wrong with it now
}

// run looks again and again until done is closed and the status is right, or it is too
// late for that.
func (s *statusWatch) run(done <-chan struct{}) {
	for {
		if s.wrong = s.r.wrongStatus(s.away); s.wrong != "" {
			s.lasted = time.Since(s.begin)
		}
		select {
		case <-done:
			if s.wrong == "" || s.lasted > statusLimit {
				return
			}
		case <-time.After(time.Second):
		}
	}
}

// wrongStatus returns what the nodes have wrong, except for node away.
func (r *clusterRig) wrongStatus(away int) string {
	var want []string
	for _, device := range r.devices() {
		want = append(want, "devices/"+device+"/status online")
	}
	for i := range natstest.Size {
		want = append(want, fmt.Sprintf("devices/gateway/g%d/status online", i+1))
	}
	var wrong [natstest.Size]string
	var wg sync.WaitGroup
	for i := range natstest.Size {
		if i != away {
			wg.Go(func() { wrong[i] = difference(retainedStatus(r.client(i), len(want)), want) })
		}
	}
	wg.Wait()
	return strings.Join(wrong[:], "")
}

// difference describes where what a node has differs from what is right.
func difference(got, want []string) (text string) {
	for _, s := range want {
		if !slices.Contains(got, s) {
			text += "not " + strconv.Quote(s) + "; "
		}
	}
	return text
}

// A line that no subscriber received is lost; one that only the witness did not receive
// is missed. What it received before begin does not count, unless it comes again.
func TestOutcome_CountsLines(t *testing.T) {
	begin := time.Unix(100, 0)
	at := func(second int64, number int64) heardLine { return heardLine{number, time.Unix(second, 0)} }
	lines := []heardLine{at(98, 3), at(99, 4), at(101, 5), at(102, 4), at(103, 8), at(104, 7)}
	o := outcome{begin: begin}
	o.count(lines, map[int64]bool{3: true, 4: true, 5: true, 6: true, 7: true, 8: true})
	if o.lines != 4 || o.lost != 0 || o.missed != 1 || o.repeated != 1 {
		t.Errorf("%+v", o)
	}
	o = outcome{begin: begin}
	o.count(lines, map[int64]bool{5: true, 7: true, 8: true})
	if o.lost != 1 {
		t.Errorf("%+v", o)
	}
	if gap := longestGap(lines, begin, time.Unix(110, 0)); gap != 6*time.Second {
		t.Errorf("gap %v", gap)
	}
}

// Only established connections count, by the port of the other end.
func TestConnections(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue
   0: 0100007F:4E20 00000000:0000 0A 00000000:00000000
   1: 0100007F:C7F4 0100007F:4E20 01 00000000:00000000
   2: 0100007F:4E20 0100007F:C7F4 01 00000000:00000000
   3: 0100007F:C7F5 0100007F:4E20 06 00000000:00000000
`
	if got := connections(table); got["20000"] != 1 {
		t.Errorf("%v", got)
	}
}
