package status

import (
	"slices"
	"testing"
	"time"
)

func TestWarningsOfTheGateway(t *testing.T) {
	now := time.Now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for _, c := range []struct {
		g    Gateway
		want []string
	}{
		{Gateway{Broker: Broker{Connected: true}, Spool: Spool{Lines: 9, Oldest: ago(59 * time.Second)}}, nil},
		{Gateway{Broker: Broker{Address: "mqtt://pi:1883"}}, []string{"The broker mqtt://pi:1883 is away. Readings wait on disk meanwhile."}},
		{Gateway{Broker: Broker{Connected: true}, Spool: Spool{Lines: 1, Oldest: ago(3 * time.Hour), Dropped: 2, Damaged: 3, DiskDown: ago(50 * time.Hour)}}, []string{
			"The disk has taken nothing for 2 days: the newest lines wait in memory and the oldest of them go.",
			"1 line waits for the broker, the oldest for 3 h.",
			"2 lines were lost, for the spool was full.",
			"3 places of the spool on disk were damaged and passed over.",
		}},
	} {
		if got := c.g.warn(now); !slices.Equal(got, c.want) {
			t.Errorf("got %q\nwant %q", got, c.want)
		}
	}
}

func TestWarningsOfABoard(t *testing.T) {
	now := time.Now()
	until := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	well := Device{About: About{Online: true, Port: Port{Open: true, Baud: 9600}, Session: Session{Connected: true}}}
	for want, change := range map[string]func(*Device){
		"": func(d *Device) { d.Counts = Counts{Lines: 100, Refused: 20, Overlong: 5, Damaged: 5} },
		"Paused: the port is free for others until 03:04:05.":                                                func(d *Device) { d.Port.PausedUntil, d.Port.Open = until, false },
		"The port is not open yet.":                                                                          func(d *Device) { d.Port.Open = false },
		"Port missing (hint: plug it in).":                                                                   func(d *Device) { d.Port.Open, d.Port.Problem = false, "port missing (hint: plug it in)" },
		"The port is open, but the board is silent: no line yet.":                                            func(d *Device) { d.Online, d.Silence = false, 60 },
		"The port is open, but the board is silent for 2 min.":                                               func(d *Device) { d.Online, d.Silence, d.LastLine = false, 60, now.Add(-2*time.Minute) },
		"The port is open, but the board is still booting, or has yet to say who it is.":                     func(d *Device) { d.Online = false },
		"No line for 10 min.":                                                                                func(d *Device) { d.LastLine = now.Add(-10 * time.Minute) },
		"Not connected to the broker: connect failed.":                                                       func(d *Device) { d.Session = Session{Problem: "connect failed"} },
		"Its MQTT session is not well: taken over.":                                                          func(d *Device) { d.Session.Problem = "taken over" },
		"26 of 126 lines were not understood: is the baud rate 9600 right?":                                  func(d *Device) { d.Counts = Counts{Lines: 100, Refused: 26} },
		"6 of 106 lines had no right checksum: is the cable bad, or does the sketch print past the library?": func(d *Device) { d.Counts = Counts{Lines: 100, Damaged: 6} },
		"1 value was out of bounds, and not published.":                                                      func(d *Device) { d.Counts.OutOfBounds = 1 },
		"1 line was lost, for the spool was full.":                                                           func(d *Device) { d.Waiting.Dropped = 1 },
	} {
		d := well
		change(&d)
		got := d.warn(now)
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
