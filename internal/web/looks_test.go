package web

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/browsertest"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/status"
)

func bound(n int64) *int64 { return &n }

// household returns a gateway with the boards of a greenhouse and its house.
func household() *fake {
	f := newFake()
	f.result = device.Result{Status: device.Sent, Line: "led=on", Took: 2 * time.Millisecond}
	f.add("greenhouse", "usb:2341:0043:75630313536351F0B1A1", map[string]device.Command{
		"led":  {Type: device.Bool},
		"fan":  {Type: device.Int, Min: bound(0), Max: bound(255)},
		"mode": {Type: device.Enum, Values: []string{"auto", "manual", "off"}},
		"say":  {Type: device.Text},
	})
	temperature, humidity, light := wave(22, 3.2, 1700, 0.25), wave(58, 9, 2600, 0.6), wave(410, 380, 3600, 25)
	f.hour("greenhouse", time.Second, func(s float64) []device.Reading {
		led := "off"
		if int(s/400)%2 == 1 {
			led = "on"
		}
		return []device.Reading{{Name: "temperature", Value: text(temperature(s), 2), Unit: "°C"}, {Name: "humidity", Value: text(humidity(s), 1), Unit: "%"},
			{Name: "light", Value: text(light(s), 0), Unit: "lx"}, {Name: "led", Value: led}, {Name: "mode", Value: "auto"}}
	})
	f.add("weather", "/dev/ttyUSB0", nil)
	wind, pressure := wave(4, 2.5, 240, 1.4), wave(1013, 4, 3000, 0.2)
	f.hour("weather", 500*time.Millisecond, func(s float64) []device.Reading {
		return []device.Reading{{Name: "wind", Value: text(max(0, wind(s)), 2), Unit: "m/s"}, {Name: "rain", Value: "0", Unit: "mm"}, {Name: "pressure", Value: text(pressure(s), 1), Unit: "hPa"}}
	})
	f.add("tank", "/dev/ttyUSB1", map[string]device.Command{"pump": {Type: device.Bool}, "alarm": {Type: device.Bool}})
	level := wave(61, 12, 5000, 0.3)
	f.hour("tank", 2*time.Second, func(s float64) []device.Reading {
		return []device.Reading{{Name: "level", Value: text(level(s), 1), Unit: "%"}, {Name: "pump", Value: "0"}}
	})
	f.add("door", "rfc2217://esp-hall:4001", nil)
	f.change("door", func(d *status.Device) { d.Port.Path, d.Port.Board, d.Rate, d.LastLine = "", "", 0, time.Time{} })
	f.add("cellar", "usb:1a86:7523", nil)
	f.hour("cellar", 10*time.Second, func(s float64) []device.Reading {
		return []device.Reading{{Name: "temperature", Value: text(12+s/3600, 1), Unit: "°C"}, {Name: "co2", Value: text(600+s/9, 0), Unit: "ppm"}}
	})
	f.change("cellar", func(d *status.Device) {
		then := time.Now().Add(-12 * time.Minute)
		d.Online, d.Since, d.LastLine, d.Rate = false, then, then, 0
		d.Port.Open, d.Port.Problem = false, "port missing: usb:1a86:7523 is not plugged in (hint: plug the board in, or change its port)"
		d.Counts = status.Counts{Lines: 3511, Refused: 2, OutOfBounds: 12}
	})
	return f
}

// TestPage_Looks takes a picture of each view, on both screens and in both colour
// schemes, for a person to look at:
// go test -run Looks -artifacts -outputdir DIR ./internal/web
func TestPage_Looks(t *testing.T) {
	f := household()
	url := serve(t, f, nil)
	p := browsertest.Open(t, url, browsertest.Desktop)
	for name, screen := range map[string]browsertest.Screen{
		"desktop-light": browsertest.Desktop, "desktop-dark": browsertest.Desktop.InDarkMode(),
		"phone-light": browsertest.Phone, "phone-dark": browsertest.Phone.InDarkMode(),
	} {
		p.Show(screen)
		p.Go(url + "#/")
		p.Await("document.querySelectorAll('.tile').length === 5 && " + browsertest.Drawn(".tile canvas"))
		p.Shot("boards-" + name)
		readable(t, p)
		p.Go(url + "#/greenhouse")
		p.Await("document.querySelectorAll('.chart').length === 5 && " + browsertest.Drawn(".chart canvas"))
		f.talk(t, "greenhouse")
		p.Await("document.querySelectorAll('.log .refused').length > 0")
		p.Click(".switch")
		p.Await("document.querySelector('.result.good')")
		browsertest.Value[any](p, "scrollTo(0, 0)")
		p.Shot("board-" + name)
		browsertest.Value[any](p, "document.querySelector('.panel.console').scrollIntoView()")
		p.Shot("console-" + name)
		readable(t, p)
	}
}

// TestPage_LooksInTrouble takes pictures of the page without boards, without its
// broker, with a board unplugged, and without its gateway.
func TestPage_LooksInTrouble(t *testing.T) {
	f := newFake()
	o := Options{Settings: Settings{Listen: "127.0.0.1:0"}, Gateway: f, Log: slog.New(slog.DiscardHandler)}
	s := New(o)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	url := URL(s.early.Addr())
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	p := browsertest.Open(t, url, browsertest.Phone)
	p.Await("document.querySelector('.empty h2')?.textContent === 'No boards yet'")
	p.Shot("empty-phone-light")

	h := household()
	then := time.Now().Add(-3 * time.Minute)
	f.mu.Lock()
	f.store, f.state.Devices = h.store, h.state.Devices
	f.state.Broker = status.Broker{Address: "mqtt://192.168.1.20:1883", Problem: "not connected: connect to mqtt://192.168.1.20:1883: connection refused (hint: is the broker running, on this port and address?)"}
	f.state.Spool = status.Spool{Lines: 1843, Bytes: 71_000, MaxBytes: 256e6, Oldest: then}
	f.mu.Unlock()
	p.Await("document.querySelectorAll('.tile').length === 5")
	for _, name := range []string{"No connection to the broker mqtt://192.168.1.20:1883: connection refused.", "1843 lines wait for the broker, the oldest for 3 min."} {
		p.Await("document.querySelector('.warnings').innerText.includes('" + name + "')")
	}
	p.Show(browsertest.Desktop.InDarkMode())
	p.Await(browsertest.Drawn(".tile canvas"))
	p.Shot("trouble-desktop-dark")
	p.Go(url + "#/nothing")
	p.Await("document.querySelector('.empty h1')?.textContent === 'No board named nothing'")
	p.Go(url + "#/cellar")
	p.Await("document.querySelector('.state').innerText === 'offline'")
	p.Shot("offline-desktop-dark")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	p.Await("document.body.dataset.link === 'lost' && document.getElementById('banner').innerText.startsWith('Reconnecting to the gateway. This page shows its state at ')")
	p.Show(browsertest.Phone)
	p.Shot("lost-phone-light")
}

// readable fails the test for text whose contrast with its background is below 4.5
// to 1, the minimum of WCAG. Offline boards are pale on purpose.
func readable(t *testing.T, p *browsertest.Page) {
	t.Helper()
	for _, bad := range browsertest.Value[[]string](p, faint) {
		t.Errorf("hard to read: %s", bad)
	}
}

const faint = `(() => {
	const rgb = (c) => c.match(/[\d.]+/g).map(Number);
	const light = (c) => c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
	const bad = new Set();
	for (const e of document.querySelectorAll('body *')) {
		const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
		if (!own || !e.checkVisibility() || e.closest('.offline ul, noscript, .skip')) continue;
		const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
		if ((a + 0.05) / (b + 0.05) < 4.5) bad.add(((a + 0.05) / (b + 0.05)).toFixed(2) + ' ' + e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 30));
	}
	return [...bad];
})()`

// talk publishes lines of all kinds, once a page listens.
func (f *fake) talk(t *testing.T, id string) {
	for ctx := t.Context(); !f.hub.Active(id); {
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("no page listens")
		}
	}
	at := time.Now().Add(-20 * time.Second)
	publish := func(e monitor.Event) {
		at = at.Add(time.Second)
		e.Time, e.Device = at, id
		f.hub.Publish(e)
	}
	publish(monitor.Event{Kind: monitor.Note, Text: "broker connected"})
	for i := range 12 {
		v := fmt.Sprintf("%.2f", 22.4+float64(i)/20)
		publish(monitor.Event{Kind: monitor.In, Text: "temperature=" + v + ",humidity=58.1", Readings: []device.Reading{{Name: "temperature", Value: v, Unit: "°C"}, {Name: "humidity", Value: "58.1", Unit: "%"}}})
		switch i {
		case 3:
			publish(monitor.Event{Kind: monitor.Out, Text: "led=on"})
		case 6:
			publish(monitor.Event{Kind: monitor.Refused, Text: "DHT22 ready <b>", Error: "no reading in it"})
		case 9:
			publish(monitor.Event{Kind: monitor.In, Text: "humidity=140", Withheld: []device.Withheld{{Reading: device.Reading{Name: "humidity", Value: "140", Unit: "%"}, Why: "above max 100"}}})
		}
	}
}
