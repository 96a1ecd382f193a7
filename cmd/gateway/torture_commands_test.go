//go:build linux

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.bug.st/serial"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/simulator/avr"
)

// maxInFlight is less than the gateway's queue of commands holds.
const maxInFlight = 12

// busyUno returns a board with the library that reads nothing for 400 ms of every 500.
func (r *rig) busyUno() *avr.Uno {
	r.t.Helper()
	return r.uno(filepath.Join(repository(r.t), "cmd", "gateway", "testdata", "sketches", "Busy", "Busy.ino"),
		filepath.Join(repository(r.t), "firmware", "arduino"))
}

// Every command is done, once and in order, and no reading is lost.
func TestTorture_CommandsToABusyBoard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start(fmt.Sprintf("  busy: {port: %q, describe: true}\n", r.busyUno().Port()))
	r.await("devices/busy/n", some(1))
	o, n := newOrders(r, "busy"), often(60, 10_000)
	begin := time.Now()
	o.until(n, maxInFlight, time.Duration(n)*time.Second+patience)
	took := time.Since(begin)
	v := verdict{given: n}
	for i := range n {
		if results := o.results[i+1]; len(results) == 1 && results[0].Status == "done" {
			v.done++
		} else {
			t.Errorf("command %d has the results %+v", i+1, results)
		}
	}
	ran := o.total(t)
	v.unrun = n - ran
	if ran != n {
		t.Errorf("%d of %d ran", ran, n)
	}
	var c tally
	readings := r.heard.on("devices/busy/n")
	last, _ := strconv.ParseInt(readings[len(readings)-1], 10, 64)
	c.add(t, readings, last)
	c.sound(t)
	v.row("a sketch that is busy 400 ms of every 500", fmt.Sprintf("%.1f per second; of %d readings %d lost", float64(n)/took.Seconds(), c.read, c.lost))
}

// TestTorture_CommandsThroughNoise damages one byte in a hundred both ways, resets the
// board and kills the gateway. Each command has one result, and it is true.
func TestTorture_CommandsThroughNoise(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.mqtt = ", clean_session: false"
	uno := r.busyUno()
	line := newNoisyLine(t, uno)
	file := r.configure(fmt.Sprintf("  busy: {port: %q, describe: true}\n", line.url()))
	p := launch(t, file)
	r.await("devices/busy/n", some(1))
	o := newOrders(r, "busy")
	kill := func() {
		p.kill()
		p = launch(t, file)
	}
	reset := func() {
		if err := uno.Reset(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
	rounds := often(2, 50)
	line.faults.Store(100)
	for range rounds {
		for _, strike := range []func(){kill, reset} {
			o.until(o.given+often(5, 8), maxInFlight, 5*time.Minute)
			for range 6 {
				o.give() // so that it strikes amid commands
			}
			time.Sleep(rand.N(500 * time.Millisecond)) // when is left to chance
			strike()
		}
	}
	line.faults.Store(0)
	o.until(o.given+10, maxInFlight, 5*time.Minute)
	v := o.judge()
	o.total(t)
	v.row(fmt.Sprintf("the same, 1 %% of the bytes damaged, %d resets and kills", rounds), fmt.Sprint(line))
	t.Logf("%+v, %v", v, line)
	if v.twice > 0 || v.done == 0 {
		t.Errorf("%+v", v)
	}
}

// TestTorture_NaiveCommands is the comparison: each value goes to the port when it
// arrives.
func TestTorture_NaiveCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	port, err := serial.Open(r.busyUno().Port(), &serial.Mode{BaudRate: 115200})
	if err != nil {
		t.Fatal(err)
	}
	var printed logtest.Log
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(&printed, port)
	}()
	t.Cleanup(func() {
		_ = port.Close()
		<-ended
	})
	printed.Await(t, "n=")
	n := often(60, 2_000)
	for i := range n {
		fmt.Fprintf(port, "put=%d %s\n", i+1, strings.Repeat("x", rand.IntN(33)))
		time.Sleep(50 * time.Millisecond)
	}
	printed.AwaitTimes(t, printed.Count("n=")+20, "n=") // half a line may lie there
	fmt.Fprint(port, "\ntell=32\n")
	printed.Await(t, "total=", ",")
	_, total, _ := strings.Cut(printed.String(), "total=")
	total, _, _ = strings.Cut(total, ",")
	ran, err := strconv.Atoi(total)
	if err != nil {
		t.Fatal(err)
	}
	v := verdict{given: n, unrun: n - ran}
	v.row("the naive way, written on arrival, 20 per second", "there are no results")
	if ran >= n {
		t.Error("none is lost: the other cases show nothing")
	}
}

// TestTorture_CommandsToAPlainSketch sends bursts to the IDE's own ReadASCIIString,
// once with a gap, and once with what it prints as confirmation.
func TestTorture_CommandsToAPlainSketch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	examples, err := avr.Examples(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	sketch := filepath.Join(examples, "04.Communication", "ReadASCIIString", "ReadASCIIString.ino")
	plain, confirming := r.uno(sketch), r.unoAt(sketch, "confirming")
	r.start(fmt.Sprintf(`  plain: {port: %q, baud: 9600, format: text, gap: 20ms, commands: {colour: {type: text, write: "{value}"}}}
  confirming: {port: %q, baud: 9600, format: text, commands: {colour: {type: text, write: "{value}", confirm: '^[0-9A-F]{6}$'}}}
`, plain.Port(), confirming.Port()))
	for device, status := range map[string]string{"plain": "sent", "confirming": "done"} {
		r.await("devices/"+device+"/status", ending("online"))
		r.publish("devices/"+device+"/set/colour", "0,100,50") // its answer may follow what the open found on the wire
		r.await("devices/"+device+"/result/colour", some(1))
		bursts, v := often(2, 20), verdict{}
		want := []string{}
		for burst := range bursts {
			values := []string{}
			for i := range 16 {
				n := (burst*16 + i) % 200
				values = append(values, fmt.Sprintf("%d,100,50", n))
				want = append(want, fmt.Sprintf("%X9BCD", 255-n))
			}
			r.burst("devices/"+device+"/set/colour", values)
			r.await("devices/"+device+"/result/colour", some(2+burst*16+15))
		}
		v.given = len(want)
		for _, payload := range r.heard.on("devices/" + device + "/result/colour")[1:] {
			if !strings.HasPrefix(payload, `{"status":"`+status) {
				t.Errorf("%s: %s", device, payload)
			}
		}
		got := r.await("devices/"+device+"/line", ending(want[len(want)-1]))
		if got = got[max(0, len(got)-len(want)):]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s answered %v\nwant %v", device, got, want)
		}
		if status == "done" {
			v.done = v.given
		}
		v.row("ReadASCIIString, bursts of 16, "+map[string]string{"sent": "a gap of 20 ms", "done": "confirm"}[status], status)
	}
}

// TestTorture_CommandsToPhysicalPixel sends bursts to the IDE's own PhysicalPixel. Each
// command changes the lamp, and the chip counts the changes.
func TestTorture_CommandsToPhysicalPixel(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	examples, err := avr.Examples(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	uno := r.uno(filepath.Join(examples, "04.Communication", "PhysicalPixel", "PhysicalPixel.ino"))
	r.start(fmt.Sprintf(`  pixel: {port: %q, baud: 9600, line_ending: none, gap: 5ms, commands: {led: {type: bool, write: "{value}", "on": "H", "off": "L"}}}
`, uno.Port()))
	r.await("devices/pixel/status", ending("online"))
	const lamp = "D13"
	before, err := uno.Changes(testContext(t), lamp)
	if err != nil {
		t.Fatal(err)
	}
	bursts, values := often(2, 60), []string{}
	for range 8 {
		values = append(values, "on", "off")
	}
	for burst := range bursts {
		r.burst("devices/pixel/set/led", values)
		r.await("devices/pixel/result/led", some((burst+1)*len(values)))
	}
	v := verdict{given: bursts * len(values)}
	for _, payload := range r.heard.on("devices/pixel/result/led") {
		if !strings.HasPrefix(payload, `{"status":"sent"`) {
			t.Error(payload)
		}
	}
	if err := uno.WaitChanges(testContext(t), lamp, before+v.given); err != nil {
		t.Error(err)
	}
	after, err := uno.Changes(testContext(t), lamp)
	if err != nil || after-before != v.given {
		t.Errorf("%d commands changed the lamp %d times, %v", v.given, after-before, err)
	}
	v.unrun = v.given - (after - before)
	v.row("PhysicalPixel, bursts of 16, a gap of 5 ms", "sent")
}

// burst publishes one value after the other over one connection.
func (r *rig) burst(topic string, values []string) {
	r.t.Helper()
	pub := exec.CommandContext(testContext(r.t), "mosquitto_pub", "-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port), "-q", "1", "-l", "-t", topic)
	pub.Stdin = strings.NewReader(strings.Join(values, "\n") + "\n")
	if out, err := pub.CombinedOutput(); err != nil {
		r.t.Fatalf("mosquitto_pub: %v: %s", err, out)
	}
}
