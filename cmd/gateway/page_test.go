//go:build linux

package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/browsertest"
	"arduino-gateway/internal/programtest"
	"arduino-gateway/simulator"
)

// go test ./cmd/gateway -run Page_Shows32Boards -v -page 1m
var pageTime = flag.Duration("page", 3*time.Second, "how long TestPage_Shows32Boards looks at it")

// withPage sets the rig up with a dashboard, and returns its address.
func (r *rig) withPage() string {
	r.t.Helper()
	r.http = fmt.Sprintf("127.0.0.1:%d", programtest.FreePort(r.t))
	return "http://" + r.http + "/"
}

// plant returns a board with a reading and a command of each kind.
func plant(t *testing.T) *simulator.Board {
	return simulator.New(t, simulator.Spec{
		Name: "plant", Every: 50 * time.Millisecond, Seed: 7,
		Signals: []simulator.Signal{{Name: "moisture", Wave: simulator.Sine, Mean: 40, Amplitude: 10, Period: 5 * time.Second}},
		State:   []simulator.Variable{{Name: "lamp", Value: "off"}, {Name: "fan", Value: "0"}, {Name: "mode", Value: "auto"}},
		Commands: []simulator.Command{
			{On: "lamp={value}", Set: "lamp"}, {On: "fan={value}", Set: "fan"}, {On: "mode={value}", Set: "mode"},
		},
	})
}

const plantCommands = `
    commands:
      lamp: {type: bool}
      fan: {type: int, min: 0, max: 255}
      mode: {type: enum, values: [auto, manual]}
      say: {type: text}
`

func plantDevice(b *simulator.Board) string {
	return fmt.Sprintf("  plant:\n    port: %q", b.Path()) + plantCommands
}

// TestPage_ShowsAndSwitchesABoard looks at a board, and turns it on and off, as a
// person does.
func TestPage_ShowsAndSwitchesABoard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	url := r.withPage()
	board := plant(t)
	other := simulator.New(t, simulator.Spec{Name: "other", Every: 100 * time.Millisecond, Line: "n={tick}"})
	r.start(plantDevice(board) + devicesFor(other))
	r.await("devices/plant/lamp", some(1))
	p := browsertest.Open(t, url, browsertest.Desktop)

	// At a glance.
	p.Await("document.querySelectorAll('.tile').length === 2")
	p.Await("[...document.querySelectorAll('.tile .value')].length === 5 && document.querySelector('.tile .value').textContent > ''")
	p.Await("[...document.querySelectorAll('.chip')].map(c => c.innerText).join() === 'Broker\\nconnected,Spool\\nempty,This page\\nlive'")
	p.Await("document.getElementById('count').textContent === '2 of 2 boards online'")
	p.Await("/lines\\/s/.test(document.querySelector('.tile footer').innerText) && document.querySelector('.tile footer').innerText.includes('0 errors')")
	p.Await(browsertest.Drawn(".tile canvas"))

	// A switch, from there: the board's own reading follows.
	p.Click(".tile .switch")
	r.await("devices/plant/lamp", ending("on"))
	p.Await("document.querySelector('.tile .result').textContent === 'sent'")
	p.Await("document.querySelector('.tile .switch').getAttribute('aria-checked') === 'true'")
	if got := obeyed(t, board); got != "lamp=on" {
		t.Errorf("the board got %q", got)
	}
	r.await("devices/plant/result/lamp", some(1)) // as if it had come from the broker

	// All of one board.
	p.Click(".tile h2 a")
	p.Await("document.querySelector('h1').textContent === 'plant' && document.title.startsWith('plant')")
	p.Await("document.querySelectorAll('.chart').length === 4")
	p.Await(browsertest.Drawn(".chart canvas"))
	p.Await("document.querySelectorAll('.log .in').length > 10")
	p.Await("[...document.querySelectorAll('.log .in')].at(-1).innerText.includes('moisture\\u00a0=')")
	for _, fact := range []string{board.Path(), "open, 115,200 baud", "rig-plant", "connected", "devices/plant"} {
		p.Await(fmt.Sprintf("document.querySelector('.facts').innerText.includes(%q)", fact))
	}

	// Each kind of command.
	p.Type(".command input[type=number]", "200\r")
	r.await("devices/plant/fan", ending("200"))
	p.Await("document.querySelector('.command input[type=range]').value === '200'")
	p.Click(".command .segments button:nth-child(2)")
	r.await("devices/plant/mode", ending("manual"))
	p.Await("document.querySelector('.command .segments button:nth-child(2)').getAttribute('aria-checked') === 'true'")
	p.Type(".command input[type=text]", "hello\r")
	p.Await("[...document.querySelectorAll('.command .result')].every(r => r === document.querySelector('.command .result') || !r.textContent || r.textContent.startsWith('sent'))")
	p.Await("[...document.querySelectorAll('.log .out')].at(-1).innerText.includes('say=hello')")

	// What the gateway refuses is shown with its reason.
	p.Type(".command input[type=text]", strings.Repeat("ü", 16)+"\r")
	p.Await("[...document.querySelectorAll('.result.bad')].some(r => r.textContent === 'rejected: 37 bytes are more than max_length 32')")

	// Hovering over a chart shows a value and its time.
	p.Await(`(() => { const c = document.querySelector('.chart canvas'), b = c.getBoundingClientRect();
		c.dispatchEvent(new PointerEvent('pointermove', {clientX: b.right - 12, clientY: b.top + 40, bubbles: true}));
		const tip = document.querySelector('.tip'); return !tip.hidden && /\d\d:\d\d:\d\d$/.test(tip.textContent) })()`)

	// So do the arrow keys, and the space bar operates a switch.
	p.Await("(document.querySelector('.chart canvas').focus(), document.activeElement.tagName === 'CANVAS')")
	p.Press(browsertest.Escape)
	p.Await("document.querySelector('.tip').hidden")
	p.Press(browsertest.Left + browsertest.Left)
	p.Await("!document.querySelector('.tip').hidden")
	p.Await("(document.querySelector('.switch').focus(), document.activeElement.className === 'switch')")
	p.Press(" ")
	r.await("devices/plant/lamp", ending("off"))

	// The plug is pulled.
	board.Unplug()
	if took := p.Await("document.querySelector('.state').innerText === 'offline'"); took > 2*time.Second {
		t.Errorf("offline is shown after %v", took)
	} else {
		t.Logf("offline is shown after %v", took.Round(time.Millisecond))
	}
	p.Await("document.querySelector('.warnings').innerText.includes('Port missing: ')")
	board.Replug()
	p.Await("document.querySelector('.state').innerText === 'online'")
	p.Await("!document.querySelector('.warnings').innerText")
	p.Shot("page")
}

// obeyed returns the next line that a board received.
func obeyed(t *testing.T, b *simulator.Board) string {
	t.Helper()
	line, err := b.Received(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// TestPage_ShowsMarkupAsText has a board send markup everywhere, and the page shows it
// as text.
func TestPage_ShowsMarkupAsText(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	url := r.withPage()
	const evil = `<script>document.title="taken"</script><img src=x onerror='document.title="taken"'>`
	board := simulator.New(t, simulator.Spec{Name: "rogue", Every: 100 * time.Millisecond, Line: evil})
	r.start(fmt.Sprintf("  rogue: {port: %q, format: text}\n", board.Path()))
	r.await("devices/rogue/line", ending(evil))
	p := browsertest.Open(t, url, browsertest.Desktop)
	p.Await(fmt.Sprintf("document.querySelector('.tile .value').textContent === %q", evil))
	p.Go(url + "#/rogue")
	p.Await(fmt.Sprintf("document.querySelector('.log .in .what')?.textContent === %q", evil))
	p.Go(url + "#/<img src=x onerror='document.title=1'>")
	p.Await("document.querySelector('h1').textContent.includes('<img')")
	if n := browsertest.Value[int](p, "document.querySelectorAll('main script, main img').length"); n != 0 {
		t.Errorf("%d elements were made of text", n)
	}
	if title := browsertest.Value[string](p, "document.title"); title == "taken" || title == "1" {
		t.Error("a script of the board's ran")
	}
}

// TestPage_Shows32Boards watches 32 boards with 50 lines a second.
func TestPage_Shows32Boards(t *testing.T) {
	r := newRig(t)
	url := r.withPage()
	var boards []*simulator.Board
	for i := range 32 {
		boards = append(boards, simulator.New(t, simulator.Spec{Name: fmt.Sprintf("board%02d", i), Every: 20 * time.Millisecond, Seed: uint64(i),
			Line: "temp={temp},hum={hum},n={tick}", Signals: []simulator.Signal{
				{Name: "temp", Wave: simulator.Sine, Mean: 20, Amplitude: 5, Period: 7 * time.Second}, {Name: "hum", Wave: simulator.Walk, Start: 50, Step: 1, Min: 0, Max: 100}}}))
	}
	stop := r.start(devicesFor(boards...))
	p := browsertest.Open(t, url, browsertest.Desktop)
	p.Await("document.getElementById('count').textContent === '32 of 32 boards online'")
	p.Await("document.querySelectorAll('.tile .value').length === 96")
	before := p.Memory()
	for _, address := range []string{"#/", "#/board07"} {
		p.Go(url + address)
		p.Await("document.querySelector('main .value')")
		tasks := p.Tasks(func() { time.Sleep(*pageTime) }) // a time to look at, of no matter to the result
		t.Logf("%s: %d tasks in %v, the longest %v of CPU, all %.1f %% of a core", address, tasks.Count, *pageTime,
			tasks.Worst.Round(time.Microsecond), 100*tasks.Total.Seconds()/pageTime.Seconds())
		if tasks.Count == 0 || tasks.Worst > 200*time.Millisecond {
			t.Errorf("%s: a task of %v", address, tasks.Worst)
		}
	}
	p.Go(url + "#/")
	p.Await("document.querySelectorAll('.tile .value').length === 96")
	const most = 8 << 20 // the hour's buckets are there from the beginning
	after := p.Memory()
	t.Logf("the page has %.1f MB, at first %.1f", float64(after)/1e6, float64(before)/1e6)
	if after > before+most {
		t.Errorf("the page has grown by %d bytes", after-before)
	}
	stop()
	p.Await("document.body.dataset.link === 'lost' && document.getElementById('banner').innerText.startsWith('Reconnecting')")
	p.Shot("gone")
}

// The page of a quiet board begins with its last lines.
func TestPage_BeginsWithTheLastLines(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	url := r.withPage()
	board := simulator.New(t, simulator.Spec{Name: "board"})
	r.start(devicesFor(board))
	r.awaitLine(board, "ready=1", "devices/board/ready", "1")
	for i := range 60 {
		board.Println(fmt.Sprint("t=", i))
	}
	r.await("devices/board/t", ending("59"))
	p := browsertest.Open(t, url+"#/board", browsertest.Phone)
	p.Await("document.querySelectorAll('.log .in').length === 50")
	p.Await("[...document.querySelectorAll('.log .in')].at(-1).innerText.includes('t\u00a0=\u00a059')")
	p.Go(url + "#/")
	p.Await("document.querySelector('.tile')")
	p.Go(url + "#/board")
	p.Await("document.querySelectorAll('.log .in').length === 50")
}

// TestPage_Reconnects restarts the gateway under an open page.
func TestPage_Reconnects(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	url := r.withPage()
	board := plant(t)
	stop := r.start(plantDevice(board))
	p := browsertest.Open(t, url+"#/plant", browsertest.Phone)
	p.Await("document.querySelectorAll('.log .in').length > 0")
	stop()
	p.Await("document.body.dataset.link === 'lost'")
	p.Await("document.getElementById('main').inert")
	r.start(plantDevice(board))
	p.Await("document.body.dataset.link === 'live' && !document.getElementById('main').inert")
	n := browsertest.Value[int](p, "document.querySelectorAll('.log .in').length")
	p.Await(fmt.Sprintf("document.querySelectorAll('.log .in').length > %d", n))
}

// If another program uses the dashboard's port, readings are not affected, and the
// gateway takes the port when it is free.
func TestPage_WaitsForABusyPort(t *testing.T) {
	r := newRig(t)
	r.http = "127.0.0.1:" + fmt.Sprint(r.broker.Port)
	board := simulator.New(t, simulator.Spec{Name: "board"})
	r.start(devicesFor(board))
	r.awaitLine(board, "t=1", "devices/board/t", "1")
	r.log.Await(t, `dashboard cannot listen, retrying`)
	r.log.Await(t, `another program uses this port: set http.listen to another port, or to`)
}

// The gateway creates a token if other machines can reach the dashboard.
func TestPage_NeedsATokenOnTheNetwork(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	url := r.withPage()
	r.http = strings.Replace(r.http, "127.0.0.1", "0.0.0.0", 1)
	board := simulator.New(t, simulator.Spec{Name: "board"})
	stop := r.start(devicesFor(board))
	r.log.Await(t, "dashboard needs a token")
	p := browsertest.Open(t, url, browsertest.Phone)
	p.Await("document.querySelector('.login')")
	p.Type(".login input", "a wrong one\r")
	p.Await("document.querySelector('.wrong').textContent === 'wrong token'")
	p.Shot("login")
	token := r.state("http.token")
	if code, _ := get(t, url+"api/v1/devices", "Authorization", "Bearer "+token); code != http.StatusOK {
		t.Errorf("a script with the token: %d", code)
	}
	if code, _ := get(t, url+"api/v1/devices", "Authorization", ""); code != http.StatusUnauthorized {
		t.Errorf("a script without a token: %d", code)
	}
	browsertest.Value[any](p, "document.querySelector('.login input').value = ''")
	p.Type(".login input", token+"\r")
	p.Await("document.querySelector('.tile')")
	stop()
	r.start(devicesFor(board))
	if again := r.state("http.token"); again != token {
		t.Error("the token changed over a restart")
	}
	p.Await("document.body.dataset.link === 'live'")
	if strings.Contains(r.log.String(), token) {
		t.Error("the token is in the log")
	}
}

// state returns the contents of a file of the gateway's state.
func (r *rig) state(name string) string {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, "state", name))
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

// get requests a page, with a header unless it is "", and returns the status code and
// the text.
func get(t *testing.T, url, header, value string) (code int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(testContext(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != "" {
		request.Header.Set(header, value)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}
