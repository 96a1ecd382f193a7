//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"arduino-gateway/device"
)

// orders are numbered commands to a board with the sketch Busy, and their results.
type orders struct {
	r       *rig
	topic   string
	pub     io.WriteCloser // of a mosquitto_pub that publishes each line
	given   int            // the number of the last
	sum     int            // of the bytes of all values
	results map[int][]result
	read    int // messages so far
}

type result struct {
	Status device.Status
	Value  string
	Error  string
}

func newOrders(r *rig, board string) *orders {
	r.t.Helper()
	o := &orders{r: r, topic: "devices/" + board, results: map[int][]result{}}
	pub := exec.Command("mosquitto_pub", "-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port), "-q", "1", "-l", "-t", o.topic+"/set/put")
	in, err := pub.StdinPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := pub.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		_ = in.Close()
		_ = pub.Wait()
	})
	o.pub = in
	return o
}

// give publishes the next command.
func (o *orders) give() {
	o.given++
	value := fmt.Sprintf("%d %s", o.given, strings.Repeat("x", rand.IntN(33)))
	value = strings.TrimSpace(value)
	for _, b := range []byte(value) {
		o.sum += int(b)
	}
	if _, err := fmt.Fprintln(o.pub, value); err != nil {
		o.r.t.Fatal(err)
	}
}

// hear reads the results that have arrived. A result that comes twice was delivered
// twice, which QoS 1 allows.
func (o *orders) hear() {
	o.r.t.Helper()
	all := o.r.heard.on(o.topic + "/result/put")
	for _, payload := range all[o.read:] {
		var t result
		if err := json.Unmarshal([]byte(payload), &t); err != nil {
			o.r.t.Fatalf("%s: %v", payload, err)
		}
		digits, _, _ := strings.Cut(t.Value, " ")
		n, err := strconv.Atoi(digits)
		if err != nil {
			o.r.t.Fatalf("a result of nothing that was sent: %s", payload)
		}
		if before := o.results[n]; len(before) == 0 || before[len(before)-1] != t {
			o.results[n] = append(before, t)
		}
	}
	o.read = len(all)
}

// until keeps a number of commands in flight until n were given and have their results.
// It calls after for each.
func (o *orders) until(n, underWay int, patience time.Duration) {
	o.r.t.Helper()
	deadline := time.After(patience)
	for len(o.results) < n {
		changed := o.r.heard.next()
		o.hear()
		for o.given < n && o.given-len(o.results) < underWay {
			o.give()
		}
		if len(o.results) >= n {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			o.r.t.Fatalf("%d of %d commands have a result", len(o.results), n)
		}
	}
}

// ask asks the board for its counts, and returns the answer.
func (o *orders) ask(part int, reading string) string {
	o.r.t.Helper()
	topic := o.topic + "/" + reading
	before := o.r.heard.count(topic)
	o.r.publish(o.topic+"/set/tell", strconv.Itoa(part))
	return o.r.await(topic, some(before+1))[before]
}

// verdict counts the commands of a case by their result.
type verdict struct{ given, done, failed, expired, unrun, twice, untrue int }

// judge compares the results with what the board ran.
func (o *orders) judge() (v verdict) {
	o.r.t.Helper()
	v.given = o.given
	times := ""
	for part := 0; part*64 <= o.given; part++ {
		times += o.ask(part, "times")
	}
	for n := 1; n <= o.given; n++ {
		o.weigh(&v, n, int(times[n]-'0'))
	}
	return v
}

func (o *orders) weigh(v *verdict, n, ran int) {
	o.r.t.Helper()
	if ran > 1 {
		v.twice++
	}
	if ran == 0 {
		v.unrun++
	}
	results := o.results[n]
	if len(results) != 1 {
		v.untrue++
		o.r.t.Errorf("command %d has the results %+v", n, results)
		return
	}
	t := results[0]
	holds := false
	switch t.Status {
	case device.Done:
		v.done++
		holds = ran == 1
	case device.Failed:
		v.failed++
		holds = ran <= 1 && strings.HasPrefix(t.Error, "may have run")
	case device.Expired:
		v.expired++
		holds = ran == 0
	}
	if !holds {
		v.untrue++
		o.r.t.Errorf("command %d ran %d times, with the results %+v", n, ran, t)
	}
}

var ordersHead sync.Once

// row adds a line to the table of commands.
func (v verdict) row(what, remark string) {
	if !*torture {
		return
	}
	ordersHead.Do(func() {
		fmt.Printf("| %-52s | %8s | %6s | %6s | %7s | %7s | %9s | %6s |\n", "commands", "sent", "done", "failed", "expired", "not run", "run twice", "untrue")
	})
	fmt.Printf("| %-52s | %8d | %6d | %6d | %7d | %7d | %9d | %6d | %s\n", what, v.given, v.done, v.failed, v.expired, v.unrun, v.twice, v.untrue, remark)
}

// total checks the board's sums: each command ran once, in order, unchanged.
func (o *orders) total(t *testing.T) (ran int) {
	t.Helper()
	total := o.ask(32, "total")
	sum := o.r.await(o.topic+"/sum", some(1))
	disordered := o.r.await(o.topic+"/disordered", some(1))
	ran, _ = strconv.Atoi(total)
	if got := sum[len(sum)-1]; ran == o.given && got != strconv.Itoa(o.sum) {
		t.Errorf("the commands that ran have the sum %s, those sent %d", got, o.sum)
	}
	if got := disordered[len(disordered)-1]; got != "0" {
		t.Errorf("%s ran out of order", got)
	}
	return ran
}
