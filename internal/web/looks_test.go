package web

import (
	"fmt"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/browsertest"
	"arduino-gateway/internal/monitor"
)

func bound(n int64) *int64 { return &n }

// household is what a greenhouse and a cellar might have.
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
	f.change("door", func(d *Device) { d.Port.Path, d.Port.Board, d.Rate, d.LastLine = "", "", 0, nil })
	f.add("cellar", "usb:1a86:7523", nil)
	f.hour("cellar", 10*time.Second, func(s float64) []device.Reading {
		return []device.Reading{{Name: "temperature", Value: text(12+s/3600, 1), Unit: "°C"}, {Name: "co2", Value: text(600+s/9, 0), Unit: "ppm"}}
	})
	f.change("cellar", func(d *Device) {
		then := time.Now().Add(-12 * time.Minute)
		d.Online, d.Since, d.LastLine, d.Rate = false, then, &then, 0
		d.Port.Open, d.Port.Problem = false, "port missing: no such device (hint: plug the board in, or correct port)"
		d.Counts = Counts{Lines: 3511, Refused: 2, OutOfBounds: 12}
	})
	return f
}

// TestLooks makes a picture of each state that a person may see, and holds what
// a picture shows as well against the page.
func TestLooks(t *testing.T) {
	f := household()
	url := serve(t, f, nil)
	p := browsertest.Open(t, url, browsertest.Desktop)
	p.Await("document.querySelectorAll('.tile').length === 5 && document.querySelector('.tile .value').textContent")
	p.Await("document.querySelector('.tile canvas').width > 100 || true")
	for name, screen := range map[string]browsertest.Screen{
		"desktop-light": browsertest.Desktop, "desktop-dark": browsertest.Desktop.InTheDark(),
		"phone-light": browsertest.Phone, "phone-dark": browsertest.Phone.InTheDark(),
	} {
		p.Show(screen)
		p.Go(url + "#/")
		p.Await("document.querySelectorAll('.tile').length === 5")
		time.Sleep(1500 * time.Millisecond) // until the small charts are drawn; of no matter to the test
		p.Shot("boards-" + name)
		p.Go(url + "#/greenhouse")
		p.Await("document.querySelectorAll('.chart').length === 5")
		f.talk(t, "greenhouse")
		p.Await("document.querySelectorAll('.log .in').length > 0")
		p.Click(".switch")
		p.Await("document.querySelector('.result.good')")
		time.Sleep(1500 * time.Millisecond)
		p.Shot("board-" + name)
		if screen.Phone {
			browsertest.Value[any](p, "document.querySelector('.console').scrollIntoView()")
			p.Shot("console-" + name)
			browsertest.Value[any](p, "document.querySelector('.commands').scrollIntoView()")
			p.Shot("commands-" + name)
		}
	}
}

// talk has lines of all kinds pass, once somebody listens.
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
