package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/mosquittotest"
)

// patience bounds what may take long on a busy machine. No test waits that long if all
// is well.
const patience = 60 * time.Second

// stopLimit bounds a clean stop.
const stopLimit = 5 * time.Second

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// rig is a real mosquitto, the gateway in this process, and a mosquitto_sub that
// receives everything.
type rig struct {
	t      *testing.T
	broker *mosquittotest.Broker
	mqtt   string   // more under mqtt, such as ", qos: 0"
	via    *url.URL // how the gateway reaches the broker; nil is directly
	dir    string
	heard  *listener
	env    map[string]string // of the gateway
	log    logtest.Log       // of the gateway
	http   string            // where the dashboard listens; "" is nowhere
}

func newRig(t *testing.T) *rig {
	t.Helper()
	// Each message must reach the listener, however long its queue gets.
	broker := mosquittotest.Start(t, "max_queued_messages 0", "max_inflight_messages 0")
	r := &rig{t: t, broker: broker, dir: t.TempDir()}
	r.heard = r.listen("#")
	return r
}

// newKeptRig returns a rig whose broker keeps the listener's messages over its own
// restarts.
func newKeptRig(t *testing.T) *rig {
	t.Helper()
	broker := mosquittotest.Start(t, "max_queued_messages 0", "persistence true", "log_type all")
	r := &rig{t: t, broker: broker, dir: t.TempDir()}
	r.heard = r.listen("#", "-c", "-i", "listener")
	return r
}

// configure writes a devices.yaml with these devices, and returns its name.
func (r *rig) configure(devices string) (file string) {
	r.t.Helper()
	file = filepath.Join(r.dir, "devices.yaml")
	settings := fmt.Sprintf("gateway: {id: rig}\nmqtt: {broker: %q%s}\nspool: {dir: %q}\nhttp: {listen: %q}\ndevices:\n%s",
		cmp.Or(r.via, r.broker.URL()), r.mqtt, filepath.Join(r.dir, "state"), cmp.Or(r.http, "off"), devices)
	if err := writeFile(file, settings); err != nil {
		r.t.Fatal(err)
	}
	return file
}

// start runs the gateway with these devices. stop stops it, waits, and returns how long
// that took.
func (r *rig) start(devices string) (stop func() time.Duration) {
	r.t.Helper()
	return r.run(r.configure(devices))
}

// run is start with a devices.yaml.
func (r *rig) run(file string) (stop func() time.Duration) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	s := testShell(io.Discard, &r.log, r.env)
	go func() { ended <- s.run(ctx, []string{"run", "-c", file}) }()
	stop = sync.OnceValue(func() time.Duration {
		begin := time.Now()
		cancel()
		if code := <-ended; code != exitDone {
			r.t.Errorf("the gateway ended with code %d:\n%s", code, r.log.String())
		}
		if r.t.Failed() {
			r.t.Logf("log of the gateway:\n%s", r.log.String())
		}
		return time.Since(begin)
	})
	r.t.Cleanup(func() { stop() })
	return stop
}

// publish sends a message as any user would.
func (r *rig) publish(topic, payload string) {
	r.t.Helper()
	r.mosquittoPub("-t", topic, "-m", payload)
}

// mosquittoPub publishes at QoS 1 with these options.
func (r *rig) mosquittoPub(options ...string) {
	r.t.Helper()
	pub := exec.CommandContext(testContext(r.t), "mosquitto_pub", append([]string{"-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port), "-q", "1"}, options...)...)
	if out, err := pub.CombinedOutput(); err != nil {
		r.t.Fatalf("mosquitto_pub: %v: %s", err, out)
	}
}

// listener keeps, for each topic, the payloads that mosquitto_sub printed.
type listener struct {
	mu      sync.Mutex
	topics  map[string][]string
	changed chan struct{} // closed and renewed with each message
}

// listen starts a mosquitto_sub, and returns when it is subscribed.
func (r *rig) listen(filter string, options ...string) *listener {
	r.t.Helper()
	sub := exec.Command("mosquitto_sub", append(options, "-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port),
		"-q", "1", "-F", "%t\t%p", "-t", filter)...)
	out, err := sub.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := sub.Start(); err != nil {
		r.t.Fatalf("%v (hint: run make test, which installs it)", err)
	}
	l := &listener{topics: map[string][]string{}, changed: make(chan struct{})}
	read := make(chan struct{})
	go func() {
		defer close(read)
		l.read(out)
	}()
	r.t.Cleanup(func() {
		_ = sub.Process.Kill()
		<-read
		_ = sub.Wait()
	})
	r.untilHeard(l)
	return l
}

// untilHeard publishes until the listener receives it, and so is subscribed.
func (r *rig) untilHeard(l *listener) {
	r.t.Helper()
	for ctx := testContext(r.t); l.count("listening") == 0; {
		r.publish("listening", "yes")
		changed := l.next()
		if l.count("listening") > 0 {
			return
		}
		select {
		case <-changed:
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatal("mosquitto_sub hears nothing")
		}
	}
}

func (l *listener) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		topic, payload, _ := strings.Cut(lines.Text(), "\t")
		l.mu.Lock()
		l.topics[topic] = append(l.topics[topic], payload)
		close(l.changed)
		l.changed = make(chan struct{})
		l.mu.Unlock()
	}
}

func (l *listener) next() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

// on returns the payloads of a topic so far.
func (l *listener) on(topic string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.topics[topic]
}

func (l *listener) count(topic string) int { return len(l.on(topic)) }

// await returns the payloads of a topic when they satisfy enough.
func (r *rig) await(topic string, enough func([]string) bool) []string {
	r.t.Helper()
	return r.awaitWithin(patience, topic, enough)
}

func (r *rig) awaitWithin(limit time.Duration, topic string, enough func([]string) bool) []string {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), limit)
	defer cancel()
	for {
		changed := r.heard.next()
		got := r.heard.on(topic)
		if enough(got) {
			return got
		}
		select {
		case <-changed:
		case <-ctx.Done():
			r.t.Fatalf("%s: not in time: %d messages came, last %q", topic, len(got), got[max(0, len(got)-5):])
		}
	}
}

// some returns a condition: there are n messages.
func some(n int) func([]string) bool {
	return func(got []string) bool { return len(got) >= n }
}

// ending returns a condition: the last message is this one.
func ending(payload string) func([]string) bool {
	return func(got []string) bool { return len(got) > 0 && got[len(got)-1] == payload }
}
