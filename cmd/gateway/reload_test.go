//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/control"
	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/programtest"
	"arduino-gateway/simulator"
)

// connections counts a client's connections in the broker's log.
func (r *rig) connections(id string) int {
	return strings.Count(r.broker.Log(), " as "+id+" (p2,")
}

// retained returns the broker's retained messages, TOPIC PAYLOAD on each line.
func (r *rig) retained() string {
	r.t.Helper()
	out, err := exec.CommandContext(testContext(r.t), "mosquitto_sub", "-h", "127.0.0.1", "-p", strconv.Itoa(r.broker.Port),
		"-t", "#", "-v", "--retained-only", "-W", "1").Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 27) { // 27: the time is over
		r.t.Fatal(err)
	}
	return string(out)
}

// complete fails the test unless all numbered lines of a board have arrived, in order.
func (r *rig) complete(b *simulator.Board) {
	r.t.Helper()
	topic := "devices/" + b.Name() + "/n"
	before := r.heard.count(topic)
	got := r.await(topic, some(before+5))
	first, _ := strconv.ParseInt(got[0], 10, 64)
	if err := inOrder(got, first); err != nil {
		r.t.Errorf("%s: %v", topic, err)
	}
}

// TestReload_TouchesOnlyWhatChanged adds a device, changes one and removes one. The
// fourth is not affected.
func TestReload_TouchesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.mqtt = ", retain: true"
	stays := simulator.New(t, numbered("stays", 5*time.Millisecond, 0))
	changes := simulator.New(t, numbered("changes", 20*time.Millisecond, 0))
	goes := simulator.New(t, numbered("goes", 20*time.Millisecond, 0))
	comes := simulator.New(t, numbered("comes", 20*time.Millisecond, 0))
	r.start(devicesFor(stays, changes, goes))
	for _, b := range []*simulator.Board{stays, changes, goes} {
		r.await("devices/"+b.Name()+"/n", some(5))
	}

	r.configure(devicesFor(stays) + fmt.Sprintf("  changes: {port: %q, baud: 9600}\n", changes.Path()) + devicesFor(comes))
	r.await("devices/comes/n", some(5))
	r.await("devices/goes/status", ending(""))
	r.await("devices/goes/n", ending(""))
	r.log.Await(t, "retained topics cleared")
	r.await("devices/changes/status", func(got []string) bool { // again: its port was reopened
		first := slices.Index(got, "online")
		away := slices.Index(got[first+1:], "offline")
		return first >= 0 && away >= 0 && ending("online")(got)
	})
	r.complete(stays)

	for _, want := range []string{"changes: device changed: port reopens, session stays keys=baud", "goes: device removed", "comes: device added"} {
		r.log.Await(t, want)
	}
	if n := r.connections("rig-stays"); n != 1 || stays.Stats().Opens != 1 {
		t.Errorf("the device that did not change connected %d times, and its port was opened %d times", n, stays.Stats().Opens)
	}
	if n := r.connections("rig-changes"); n != 1 {
		t.Errorf("the device that changed connected %d times", n)
	}
	if n := r.connections("rig"); n != 1 {
		t.Errorf("the gateway itself connected %d times", n)
	}
	if kept := r.retained(); strings.Contains(kept, "goes") || !strings.Contains(kept, "devices/stays/status online") {
		t.Errorf("retained:\n%s", kept)
	}
	if err := goes.WaitClosed(testContext(t)); err != nil {
		t.Error(err)
	}
	r.awaitMemory("devices/gateway/rig", "devices/stays", "devices/changes", "devices/comes")
}

// awaitMemory waits until retained.json lists these topics and no others.
func (r *rig) awaitMemory(want ...string) {
	r.t.Helper()
	ctx := testContext(r.t)
	for {
		var got []string
		var known []struct{ Topic string }
		data, err := os.ReadFile(filepath.Join(r.dir, "state", "retained.json"))
		if err == nil {
			err = json.Unmarshal(data, &known)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.t.Fatal(err)
		}
		for _, topic := range known {
			got = append(got, topic.Topic)
		}
		if slices.Equal(got, want) {
			return
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatalf("it remembers %q, want %q", got, want)
		}
	}
}

// The gap and the silence of a device change, and then its baud rate, while it has commands.
// The session stays, and so do the commands: each has one result.
func TestReload_OfThePortKeepsSessionAndCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	link := filepath.Join(t.TempDir(), "port")
	device := func(more string) string {
		return fmt.Sprintf("  board: {port: %q, format: text, expires: 1m%s, commands: {say: {type: text, confirm: '^ready'}}}\n", link, more)
	}
	file := r.configure(device(""))
	r.run(file)
	r.await("devices/board/status", ending("offline"))
	r.publish("devices/board/set/say", "hello") // waits for a board
	r.configure(device(", gap: 20ms, silence: 1h"))
	r.log.Await(t, "board: device changed: port and session stay keys=\"gap, silence\"")
	board := simulator.New(t, greets(link))
	r.await("devices/board/result/say", some(1))

	r.await("devices/board/status", ending("online"))
	r.publish("devices/board/set/say", "nothing") // the board does not answer
	for range 2 {
		obeyed(t, board)
	}
	r.publish("devices/board/set/say", "hello") // waits behind it
	r.configure(device(", gap: 40ms"))
	r.log.AwaitTimes(t, 2, "board: device changed: port and session stay")
	if got := r.heard.on("devices/board/status"); !slices.Equal(got, []string{"offline", "online"}) || board.Stats().Opens != 1 {
		t.Errorf("status %q, opened %d times", got, board.Stats().Opens)
	}
	r.configure(device(", baud: 9600"))
	r.log.Await(t, "board: device changed: port reopens, session stays keys=\"baud, gap\"")
	got := r.await("devices/board/result/say", some(3))
	for i, want := range []string{
		`{"status":"done","value":"hello","line":"say=hello","reply":"ready hello"`,
		`{"status":"failed","value":"nothing","line":"say=nothing","error":"may have run: the port was closed before`,
		`{"status":"done","value":"hello","line":"say=hello","reply":"ready hello"`,
	} {
		if !strings.HasPrefix(got[i], want) {
			t.Errorf("result %d: %s, want %s", i, got[i], want)
		}
	}
	r.await("devices/board/status", ending("online"))
	// The result says that the port was closed. The board may miss a close so short.
	if n := r.connections("rig-board"); n != 1 || board.Stats().Opens > 2 {
		t.Errorf("the session connected %d times, the port was opened %d times", n, board.Stats().Opens)
	}
	if got := r.heard.count("devices/board/result/say"); got != 3 {
		t.Errorf("%d results", got)
	}
}

// Three devices pass their client IDs on in one reload, once with sessions that the broker
// keeps. No session ends another's, no port closes, no topic is cleared, and each device
// gets its own commands, once.
func TestReload_RotatesClientIDs(t *testing.T) {
	t.Parallel()
	for _, mqtt := range []string{"", ", clean_session: false"} {
		t.Run(mqtt, func(t *testing.T) {
			r := newRig(t)
			r.mqtt = mqtt
			names, ids := []string{"one", "two", "three"}, []string{"x", "y", "z"}
			var boards []*simulator.Board
			for _, name := range names {
				boards = append(boards, simulator.New(t, simulator.Spec{Name: name, Commands: []simulator.Command{{On: "led=on", Reply: "lit " + name}}}))
			}
			devices := func(turn int) (text string) {
				for i, b := range boards {
					text += fmt.Sprintf("  %s: {port: %q, client_id: %s, format: text, commands: {led: {type: bool, confirm: '^lit'}}}\n", b.Name(), b.Path(), ids[(i+turn)%3])
				}
				return text
			}
			r.start(devices(0))
			for turn := range 4 {
				if turn > 0 {
					r.configure(devices(turn))
					r.log.AwaitTimes(t, 3*turn, "device changed: session reconnects keys=client_id")
				}
				for i, name := range names {
					r.awaitLog(fmt.Sprintf(" as %s (p2,", ids[(i+turn)%3]), turn+1)
					r.await("devices/"+name+"/status", ending("online"))
					r.publish("devices/"+name+"/set/led", "on")
					if got := r.await("devices/"+name+"/result/led", some(turn+1))[turn]; !strings.Contains(got, `"status":"done"`) || !strings.Contains(got, "lit "+name) {
						t.Errorf("turn %d, %s: %s", turn, name, got)
					}
				}
			}
			for _, b := range boards {
				if s := b.Stats(); s.Opens != 1 || s.ReceivedLines != 4 {
					t.Errorf("%s: %+v", b.Name(), s)
				}
				if got := r.heard.on("devices/" + b.Name() + "/status"); slices.Contains(got, "") {
					t.Errorf("%s: status %q", b.Name(), got)
				}
			}
			if log := r.broker.Log(); strings.Contains(log, "already connected") {
				t.Errorf("a session was ended by another:\n%s", log)
			}
			if log := r.log.String(); strings.Contains(log, "connection lost") {
				t.Error(log)
			}
		})
	}
}

// Three devices pass their device IDs on in one reload, and each board takes its client ID
// along. Each topic then has the readings and the answers of its new board, and nothing is
// cleaned up.
func TestReload_RotatesDeviceIDs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	names := []string{"one", "two", "three"}
	var boards []*simulator.Board
	for i, name := range names {
		boards = append(boards, simulator.New(t, simulator.Spec{Name: name, Every: 20 * time.Millisecond, Line: fmt.Sprint("number=", i),
			Commands: []simulator.Command{{On: "led=on", Reply: fmt.Sprint("lit=", i)}}}))
	}
	devices := func(turn int) (text string) {
		for i, b := range boards {
			text += fmt.Sprintf("  %s: {port: %q, client_id: of-%s, commands: {led: {type: bool, confirm: '^lit'}}}\n", names[(i+turn)%3], b.Path(), b.Name())
		}
		return text
	}
	r.start(devices(0))
	for turn := range 3 {
		if turn > 0 {
			r.configure(devices(turn))
			r.log.AwaitTimes(t, 3*turn, "device changed: port and session restart")
		}
		for i := range boards {
			name := names[(i+turn)%3]
			r.await("devices/"+name+"/number", ending(fmt.Sprint(i)))
			r.publish("devices/"+name+"/set/led", "on")
			if got := r.await("devices/"+name+"/result/led", some(turn+1))[turn]; !strings.Contains(got, fmt.Sprintf(`"reply":"lit=%d"`, i)) {
				t.Errorf("turn %d, %s: %s", turn, name, got)
			}
		}
	}
	for _, name := range names {
		if got := r.heard.on("devices/" + name + "/status"); slices.Contains(got, "") {
			t.Errorf("%s: status %q", name, got)
		}
	}
	if log := r.broker.Log(); strings.Contains(log, "already connected") {
		t.Errorf("a session was ended by another:\n%s", log)
	}
	r.awaitMemory("devices/gateway/rig", "devices/three", "devices/one", "devices/two")
}

// awaitLog waits until the broker's log has a text so many times.
func (r *rig) awaitLog(text string, times int) {
	r.t.Helper()
	for ctx := testContext(r.t); strings.Count(r.broker.Log(), text) < times; {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatalf("the broker's log lacks %q:\n%s", text, r.broker.Log())
		}
	}
}

// TestReload_OfMQTTKeepsThePortsOpen moves everything to another base topic, and no
// line is lost.
func TestReload_OfMQTTKeepsThePortsOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := simulator.New(t, numbered("board", 5*time.Millisecond, 0))
	r.start(devicesFor(board))
	r.await("devices/board/n", some(20))
	r.mqtt = ", base_topic: home, keep_alive: 7s"
	r.configure(devicesFor(board))
	got := r.await("home/board/n", some(20))
	r.await("home/board/status", ending("online"))
	r.await("home/gateway/rig/status", ending("online"))
	r.await("devices/board/status", ending(""))
	r.await("devices/gateway/rig/status", ending(""))
	if err := inOrder(append(r.heard.on("devices/board/n"), got...), 1); err != nil {
		t.Error(err)
	}
	if n := board.Stats().Opens; n != 1 {
		t.Errorf("the port was opened %d times", n)
	}
	r.log.Await(t, "mqtt changed: all sessions reconnect keys=\"base_topic, keep_alive\"")
	if kept := r.retained(); strings.Contains(kept, "devices/") {
		t.Errorf("retained:\n%s", kept)
	}
	r.awaitMemory("home/gateway/rig", "home/board")
}

// A bad file changes nothing, and the log says where its errors are.
func TestReload_RefusesABadFile(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := simulator.New(t, numbered("board", 5*time.Millisecond, 0))
	r.start(devicesFor(board))
	r.await("devices/board/n", some(5))
	file := r.configure("  board: {port: /dev/null, boud: 9600}\n  Board: {}\n")
	r.log.Await(t, "reload refused: the gateway keeps its configuration")
	for _, want := range []string{
		file + `:6:28: devices.board.boud: unknown key (hint: did you mean "baud"?)`,
		file + `:7:3: devices.Board: a device ID can only have a-z, 0-9, _ and - (hint: such as board)`,
		file + ":7:3: devices.Board.port: is missing",
	} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, r.log.String())
		}
	}
	r.configure(devicesFor(board) + "  # a comment\n")
	r.log.Await(t, "reloaded: nothing has changed")
	r.complete(board)
	r.mqtt = ", username: pi, password_file: nowhere"
	r.configure(devicesFor(board))
	r.log.Await(t, "mqtt.password_file: open ")
	r.complete(board)
	if err := writeFile(filepath.Join(r.dir, "nowhere"), "secret\n"); err != nil { // it is waited for
		t.Fatal(err)
	}
	r.log.Await(t, "mqtt changed: all sessions reconnect keys=\"password, password_file, username\"")
	r.broker.WaitLog("as rig-board (p2, c1, k30, u'pi')")
	r.complete(board)
	if n := board.Stats().Opens; n != 1 {
		t.Errorf("the port was opened %d times", n)
	}
}

// A device is removed while the broker is away. Its lines are delivered and its topics
// cleared when the broker is back, also after a restart of the gateway.
func TestCleanup_DeliversWhenTheBrokerIsBack(t *testing.T) {
	t.Parallel()
	r := newKeptRig(t)
	goes := simulator.New(t, simulator.Spec{Name: "goes", Lossless: true})
	stays := simulator.New(t, numbered("stays", 20*time.Millisecond, 0))
	stop := r.start(devicesFor(goes, stays))
	r.awaitLine(goes, "ready=1", "devices/goes/ready", "1")
	r.broker.Stop()
	const lines = 100
	for i := range lines {
		goes.Println(fmt.Sprintf("n=%d", i))
	}
	awaitBacklog(t, filepath.Join(r.dir, "state"), fmt.Sprint(lines-1))
	r.configure(devicesFor(stays))
	r.log.Await(t, "goes: device removed")
	if err := goes.WaitClosed(testContext(t)); err != nil {
		t.Fatal(err)
	}
	stop()
	r.start(devicesFor(stays))
	r.broker.Restart()
	if err := inOrder(r.await("devices/goes/n", some(lines)), 0); err != nil {
		t.Error(err)
	}
	r.await("devices/goes/status", ending(""))
	r.log.Await(t, "retained topics cleared")
}

// A removed device comes back while its lines still wait for the broker.
func TestCleanup_EndsWhenTheDeviceIsBack(t *testing.T) {
	t.Parallel()
	r := newKeptRig(t)
	board := simulator.New(t, simulator.Spec{Name: "board", Lossless: true})
	other := simulator.New(t, simulator.Spec{Name: "other"})
	r.start(devicesFor(board, other))
	r.awaitLine(board, "ready=1", "devices/board/ready", "1")
	r.broker.Stop()
	board.Println("n=0")
	awaitBacklog(t, filepath.Join(r.dir, "state"), "\x01n\x010")
	r.configure(devicesFor(other))
	r.log.Await(t, "board: device removed")
	r.configure(devicesFor(other, board))
	r.log.Await(t, "board: device added")
	r.broker.Restart()
	r.await("devices/board/n", ending("0"))
	r.await("devices/board/status", ending("online"))
	if got := r.heard.on("devices/board/status"); strings.Contains(fmt.Sprintf("%q", got), `""`) {
		t.Errorf("cleared under its feet: %q", got)
	}
}

// The dashboard moves and the spool gets other bounds. The port and the sessions stay
// as they are.
func TestReload_OfTheDashboardAndTheSpool(t *testing.T) {
	r := newRig(t)
	board := simulator.New(t, numbered("board", 20*time.Millisecond, 0))
	port, other := programtest.FreePort(t), programtest.FreePort(t)
	local, moved := fmt.Sprintf("http://127.0.0.1:%d/", port), fmt.Sprintf("http://127.0.0.1:%d/", other)
	token := filepath.Join(r.dir, "token")
	file := filepath.Join(r.dir, "devices.yaml")
	configure := func(http, spool string) {
		t.Helper()
		if err := writeFile(file, fmt.Sprintf("gateway: {id: rig}\nmqtt: {broker: %q}\nspool: {dir: %q%s}\nhttp: {%s}\ndevices:\n%s",
			r.broker.URL(), filepath.Join(r.dir, "state"), spool, http, devicesFor(board))); err != nil {
			t.Fatal(err)
		}
	}
	listen := func(host string, port int) string { return fmt.Sprintf("listen: %q", fmt.Sprint(host, ":", port)) }
	configure("listen: off", "")
	r.run(file)
	r.await("devices/board/n", some(5))
	if got := answers(local, ""); got != 0 {
		t.Errorf("the dashboard is off and answers %d", got)
	}

	configure(listen("127.0.0.1", port), ", max_size: 20MB, sync: 2s")
	r.awaitAnswer(local, "", 200)
	r.log.Await(t, "spool changed", `keys="max_size, sync"`)
	if _, text := get(t, local+"api/v1/gateway", "", ""); !strings.Contains(text, `"max_bytes":20000000`) {
		t.Errorf("the spool's bound: %s", text)
	}
	r.await("devices/board/n", some(r.heard.count("devices/board/n")+1)) // a reading is kept from now on
	if _, text := get(t, local+"api/v1/devices/board/readings", "", ""); !strings.Contains(text, `"name":"n"`) {
		t.Errorf("readings: %s", text)
	}

	configure(listen("0.0.0.0", port), ", max_size: 20MB, sync: 2s") // the same port, for others, too
	r.awaitAnswer(local, "", 401)
	r.awaitAnswer(local, r.state("http.token"), 200)

	if err := writeFile(token, "a token of one's own\n"); err != nil {
		t.Fatal(err)
	}
	own := fmt.Sprintf("%s, token_file: %q", listen("127.0.0.1", other), token)
	configure(own, "")
	r.awaitAnswer(moved, "a token of one's own", 200)
	r.awaitAnswer(local, "", 0)
	if err := writeFile(token, "and another one of them\n"); err != nil {
		t.Fatal(err)
	}
	r.awaitAnswer(moved, "and another one of them", 200)
	if err := writeFile(token, "short\n"); err != nil {
		t.Fatal(err)
	}
	r.log.Await(t, "dashboard keeps its settings", "http.token_file", "has 5 characters")
	r.awaitAnswer(moved, "and another one of them", 200)
	if err := writeFile(token, "and another one of them\n"); err != nil {
		t.Fatal(err)
	}
	configure(fmt.Sprintf("%s, token_file: %q", listen("127.0.0.1", r.broker.Port), token), "")
	r.log.Await(t, "dashboard cannot move, the old address stays in use", moved, "another program uses this port")
	r.awaitAnswer(moved, "and another one of them", 200)

	r.complete(board)
	if n := r.connections("rig-board"); n != 1 || board.Stats().Opens != 1 {
		t.Errorf("the device connected %d times, and its port was opened %d times", n, board.Stats().Opens)
	}
}

// answers returns the status code of the dashboard, 0 if nothing answers.
func answers(url, token string) int {
	request, _ := http.NewRequest(http.MethodGet, url+"api/v1/gateway", nil)
	request.Header.Set("Authorization", "Bearer "+token)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	answer, err := client.Do(request)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// awaitAnswer waits until the dashboard answers with this code.
func (r *rig) awaitAnswer(url, token string, code int) {
	r.t.Helper()
	for ctx := testContext(r.t); answers(url, token) != code; {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatalf("%s answers %d, want %d", url, answers(url, token), code)
		}
	}
}

// A monitor shows devices that were added after it started.
func TestMonitor_ShowsNewDevices(t *testing.T) {
	r := newRig(t)
	one := simulator.New(t, numbered("one", 20*time.Millisecond, 0))
	two := simulator.New(t, numbered("two", 20*time.Millisecond, 0))
	r.start(devicesFor(one))
	r.await("devices/one/n", some(1))
	var shown logtest.Log
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	s := testShell(&shown, &r.log, nil)
	go func() { ended <- s.run(ctx, []string{"monitor", "-c", filepath.Join(r.dir, "devices.yaml")}) }()
	shown.AwaitTimes(t, 3, " one < n=")
	r.configure(devicesFor(one, two))
	shown.Await(t, " two - device added")
	shown.AwaitTimes(t, 3, " two < n=")
	r.configure(devicesFor(two))
	shown.Await(t, " one - device removed")
	stop()
	if code := <-ended; code != exitDone {
		t.Errorf("it ended with code %d", code)
	}
}

// A pause outlives a reload, also of the device itself: an upload may be running.
func TestPause_OutlivesAReload(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := simulator.New(t, numbered("board", 20*time.Millisecond, 0))
	other := simulator.New(t, numbered("other", 20*time.Millisecond, 0))
	r.start(devicesFor(board))
	r.await("devices/board/status", ending("online"))
	if err := board.WaitOpen(testContext(t)); err != nil { // it counts what it notices
		t.Fatal(err)
	}
	path, err := control.Path(filepath.Join(r.dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := control.Pause(testContext(t), path, "board", time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := board.WaitClosed(testContext(t)); err != nil {
		t.Error(err)
	}
	r.await("devices/board/status", ending("offline"))
	for i, change := range []string{"", ", baud: 9600"} {
		r.configure(fmt.Sprintf("  board: {port: %q%s}\n  other: {port: %q, baud: %d}\n", board.Path(), change, other.Path(), 9600*(i+1)))
		r.log.AwaitTimes(t, i+1, "other: device")
		r.await("devices/other/n", some(5*(i+1)))
	}
	r.log.Await(t, "board: device changed")
	if n := board.Stats().Opens; n != 1 {
		t.Errorf("opened %d times", n)
	}
	if paused, err := control.Resume(testContext(t), path, "board"); err != nil || !paused {
		t.Errorf("resumed %t, %v", paused, err)
	}
	r.await("devices/board/status", ending("online"))
}

// A stop comes while a removed device still waits for a broker that no longer answers.
// That broker has not acknowledged what Home Assistant needs either, from the gateway's
// own session, which stops after the devices.
func TestReload_DoesNotDelayAStop(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.mqtt = ", discovery: homeassistant"
	stays := simulator.New(t, numbered("stays", 5*time.Millisecond, 0))
	goes := simulator.New(t, numbered("goes", 5*time.Millisecond, 0))
	stop := r.start(devicesFor(stays, goes))
	r.await("devices/stays/n", some(5))
	r.await("devices/goes/n", some(5))
	r.broker.Freeze()
	defer r.broker.Thaw()
	r.configure(devicesFor(stays))
	r.log.Await(t, "goes: device removed")
	r.log.Await(t, "announced to Home Assistant")
	if took := stop(); took >= stopLimit {
		t.Errorf("the stop took %v", took)
	}
}

// After many reloads in a row the gateway runs what the last file says.
func TestReload_ManyInARow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	one := simulator.New(t, numbered("one", 20*time.Millisecond, 0))
	two := simulator.New(t, numbered("two", 20*time.Millisecond, 0))
	r.start(devicesFor(one))
	r.await("devices/one/n", some(5))
	for i := range 10 {
		r.configure(devicesFor(one) + fmt.Sprintf("  two: {port: %q, baud: %d}\n", two.Path(), 9600+i))
		time.Sleep(time.Duration(i) * 50 * time.Millisecond) // now within the last reload, now behind it
	}
	r.configure(devicesFor(one, two))
	r.await("devices/two/n", some(5))
	r.log.Await(t, "two: device ")
	r.complete(one)
	r.awaitMemory("devices/gateway/rig", "devices/one", "devices/two")
	if n := r.connections("rig-one"); n != 1 {
		t.Errorf("the other device connected %d times", n)
	}
}
