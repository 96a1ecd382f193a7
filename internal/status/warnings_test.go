package status

import (
	"slices"
	"testing"
	"time"
)

// TestWarnings_OfTheGateway expects each warning of the gateway as a whole.
func TestWarnings_OfTheGateway(t *testing.T) {
	now := time.Now()
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for _, c := range []struct {
		g    Gateway
		want []string
	}{
		{Gateway{Broker: Broker{Connected: true}, Spool: Spool{Lines: 9, Oldest: ago(59 * time.Second)}}, nil},
		{Gateway{Broker: Broker{Address: "mqtt://pi:1883"}}, []string{"No connection to the broker mqtt://pi:1883. Readings are kept on disk."}},
		{Gateway{Broker: Broker{Address: "mqtt://pi:1883", Problem: "not connected: connect to mqtt://pi:1883: connection refused (hint: is the broker running, on this port and address?)"}},
			[]string{"No connection to the broker mqtt://pi:1883: connection refused. Is the broker running, on this port and address? Readings are kept on disk."}},
		{Gateway{Broker: Broker{Address: "mqtt://a", Problem: "not connected: connect to mqtt://a: refused; connect to mqtt://b: no answer"}},
			[]string{"No connection to the broker mqtt://a: connect to mqtt://a: refused; connect to mqtt://b: no answer. Readings are kept on disk."}},
		{Gateway{Broker: Broker{Address: "mqtt://a", Problem: "not connected: refused", Problems: []string{"not connected: refused", "not delivered (hint: ask)"}}},
			[]string{"No connection to the broker mqtt://a: refused. Readings are kept on disk.", "MQTT session of the gateway: not delivered. Ask."}},
		{Gateway{Broker: Broker{Connected: true, Problem: "not delivered", Problems: []string{"not delivered"}}}, []string{"MQTT session of the gateway: not delivered."}},
		{Gateway{Broker: Broker{Connected: true, Refused: 2}}, []string{"2 messages were put aside: the broker does not take such messages. See refused/gateway.jsonl below spool.dir."}},
		{Gateway{Broker: Broker{Connected: true}, Spool: Spool{Lines: 1, Oldest: ago(3 * time.Hour), Dropped: 2, Damaged: 3, DiskDown: ago(50 * time.Hour)}}, []string{
			"Nothing could be written to disk for 2 days. Lines are kept in memory; when it is full, the oldest are dropped.",
			"1 line waits for the broker, the oldest for 3 h.",
			"2 lines were lost because the spool was full.",
			"The spool on disk was damaged in 3 places, which were skipped.",
		}},
	} {
		if got := c.g.warn(now); !slices.Equal(got, c.want) {
			t.Errorf("got %q\nwant %q", got, c.want)
		}
	}
}

// TestWarnings_OfABoard expects each warning of a board.
func TestWarnings_OfABoard(t *testing.T) {
	now := time.Now()
	until := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	well := Device{About: About{Online: true, Port: Port{Open: true, Baud: 9600}, Session: Session{Connected: true}}}
	for want, change := range map[string]func(*Device){
		"": func(d *Device) { d.Counts = Counts{Lines: 100, Refused: 20, Overlong: 5, Damaged: 5} },
		"Paused: other programs can use the port until 03:04:05.": func(d *Device) { d.Port.PausedUntil, d.Port.Open = until, false },
		"The port is not open yet.":                               func(d *Device) { d.Port.Open = false },
		"Port missing: /dev/a does not exist. Plug the board in.": func(d *Device) {
			d.Port.Open, d.Port.Problem = false, "port missing: /dev/a does not exist (hint: plug the board in)"
		},
		"Port not permitted. sudo usermod -aG dialout pi.": func(d *Device) {
			d.Port.Open, d.Port.Problem = false, "port not permitted (hint: sudo usermod -aG dialout pi)"
		},
		"The port is open, but the board has sent nothing yet.":                                                                               func(d *Device) { d.Online, d.Silence = false, 60 },
		"The port is open, but the board has sent nothing for 2 min.":                                                                         func(d *Device) { d.Online, d.Silence, d.LastLine = false, 60, now.Add(-2*time.Minute) },
		"The port is open. The board is still booting, or has not identified itself yet.":                                                     func(d *Device) { d.Online = false },
		"The device accepts commands and stays offline, because the broker has not granted its subscription to them. Readings are published.": func(d *Device) { d.Online, d.Session.Deaf, d.Silence = false, true, 60 },
		"No line for 10 min.":                          func(d *Device) { d.LastLine = now.Add(-10 * time.Minute) },
		"No connection to the broker: connect failed.": func(d *Device) { d.Session = Session{Problems: []string{"connect failed"}} },
		"MQTT session: taken over.":                    func(d *Device) { d.Session.Problems = []string{"taken over"} },
		"26 of 126 lines were not understood. gateway monitor greenhouse shows why.":                               func(d *Device) { d.ID, d.Counts = "greenhouse", Counts{Lines: 100, Refused: 26} },
		"6 of 106 lines had a bad checksum. Check the cable, and that the sketch prints only through the library.": func(d *Device) { d.Counts = Counts{Lines: 100, Damaged: 6} },
		"The board made names. Use a pattern.":                                                                     func(d *Device) { d.Names = "the board made names (hint: use a pattern)" },
		"2 lines were dropped by the board: too long for it, or its port stood still.":                             func(d *Device) { d.Counts.Unprinted = 2 },
		"1 value was out of bounds and not published.":                                                             func(d *Device) { d.Counts.OutOfBounds = 1 },
		"1 message was put aside: the broker does not take such messages. See refused/uno.jsonl below spool.dir.":  func(d *Device) { d.ID, d.Session.Refused = "uno", 1 },
		"Lines wait, and the broker has acknowledged none since 2026-01-02T03:04:05Z. Look in the log of the broker.": func(d *Device) {
			d.Session.Stalled = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		},
		"2 results of commands were dropped, because too many waited for the broker.": func(d *Device) { d.Session.DroppedResults = 2 },
		"1 line was lost because the spool was full.":                                 func(d *Device) { d.Waiting.Dropped = 1 },
	} {
		d := well
		change(&d)
		got := d.warn(now)
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
