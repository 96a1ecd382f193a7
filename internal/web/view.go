package web

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"arduino-gateway/internal/history"
	"arduino-gateway/internal/jsontext"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/status"
)

// heartbeat is how often a page gets an update even if nothing happens, so that it
// can tell a quiet gateway from a dead one.
const heartbeat = time.Second

// view is what the pages already have, so that they are sent only what is new. It
// belongs to the feed's goroutine.
type view struct {
	gateway  Gateway
	devices  []status.Device
	order    []string
	overview []byte
	sent     map[string]*sentState
	updated  time.Time // of the last update
	subs     map[string]*monitor.Subscription
}

// sentState is what the pages have of a device, as JSON.
type sentState struct {
	about, live []byte
	version     uint64 // of its readings
}

func newView(g Gateway) *view {
	return &view{gateway: g, sent: map[string]*sentState{}, subs: map[string]*monitor.Subscription{}}
}

func (v *view) close() {
	for _, s := range v.subs {
		s.Close()
	}
}

// look returns the frame with what changed; nil is nothing. restart reports that the
// set of devices changed, so that each page needs the state again.
func (v *view) look(now time.Time) (frame []byte, restart bool) {
	s := v.gateway.Status(now)
	v.devices = s.Devices
	order := make([]string, len(v.devices))
	for i, d := range v.devices {
		order[i] = d.ID
	}
	if restart = !slices.Equal(order, v.order); restart {
		v.order, v.sent = order, map[string]*sentState{}
	}
	body, some := v.head(now), now.Sub(v.updated) >= heartbeat
	if overview := encode(s.Gateway); !bytes.Equal(overview, v.overview) {
		v.overview, some = overview, true
		body = append(append(body, `,"gateway":`...), overview...)
	}
	body = append(body, `,"devices":{`...)
	first := true
	for _, d := range v.devices {
		if change := v.change(d); change != nil {
			if !first {
				body = append(body, ',')
			}
			first, some = false, true
			body = append(append(jsontext.AppendString(body, d.ID), ':'), change...)
		}
	}
	if !some {
		return nil, restart
	}
	v.updated = now
	return event("update", append(body, "}}"...)), restart
}

// head begins a frame with its time and the epoch from which buckets are numbered.
func (v *view) head(now time.Time) []byte {
	body := append([]byte(`{"now":`), encode(now.UnixMilli())...)
	if len(v.devices) > 0 {
		body = append(append(body, `,"epoch":`...), encode(v.gateway.History(v.devices[0].ID).Epoch(now).UnixMilli())...)
	}
	return body
}

// change returns what is new of a device as one object; nil is nothing.
func (v *view) change(d status.Device) []byte {
	t := v.sent[d.ID]
	if t == nil {
		t = &sentState{}
		v.sent[d.ID] = t
	}
	object := []byte{'{'}
	if about := encode(d.About); !bytes.Equal(about, t.about) {
		t.about = about
		object = merge(object, about)
	}
	if live := encode(d.Live); !bytes.Equal(live, t.live) {
		t.live = live
		object = merge(object, live)
	}
	latest, version := v.gateway.History(d.ID).Since(t.version)
	t.version = version
	if len(latest) > 0 {
		object = merge(object, encodeReadings(latest))
	}
	if len(object) == 1 {
		return nil
	}
	return append(object, '}')
}

// state returns the frame with everything.
func (v *view) state(now time.Time) []byte {
	body := append(v.head(now), `,"step":`...)
	body = append(append(body, encode(history.Step.Milliseconds())...), `,"gateway":`...)
	body = append(append(body, v.overview...), `,"devices":[`...)
	for i, d := range v.devices {
		if i > 0 {
			body = append(body, ',')
		}
		t := v.sent[d.ID]
		latest, _ := v.gateway.History(d.ID).Since(0)
		object := merge(merge(merge([]byte{'{'}, t.about), t.live), encodeReadings(latest))
		body = append(append(body, object...), '}')
	}
	return event("state", append(body, "]}"...))
}

// encodeReadings returns {"readings":[["temperature","23.50","°C",1764000000000,17,23.4,23.6]]}:
// name, value, unit, time and, if the value is a number, its bucket with the lowest
// and highest value so far.
func encodeReadings(latest []history.Latest) []byte {
	body := []byte(`{"readings":[`)
	for i, l := range latest {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, '[')
		body = append(jsontext.AppendString(body, l.Name), ',')
		body = append(jsontext.AppendString(body, l.Value), ',')
		body = append(jsontext.AppendString(body, l.Unit), ',')
		body = append(body, encode(l.At.UnixMilli())...)
		if l.Number {
			body = append(append(body, ','), encode(l.Bucket)...)
			body = appendNumber(append(body, ','), l.Low)
			body = appendNumber(append(body, ','), l.Top)
		}
		body = append(body, ']')
	}
	return append(body, "]}"...)
}

// merge appends the members of an object to one that is still open.
func merge(open, object []byte) []byte {
	if len(open) > 1 {
		open = append(open, ',')
	}
	return append(open, object[1:len(object)-1]...)
}

// watch subscribes to exactly the devices whose lines a page wants.
func (v *view) watch(pages []*page) {
	wanted := map[string]bool{}
	for _, p := range pages {
		if slices.Contains(v.order, p.watches) {
			wanted[p.watches] = true
		}
	}
	for id, s := range v.subs {
		if !wanted[id] {
			s.Close()
			delete(v.subs, id)
		}
	}
	for id := range wanted {
		if v.subs[id] == nil {
			v.subs[id] = v.gateway.Subscribe(id)
		}
	}
}

// lineFrames are the frames with lines of a device; nil is none. next has the lines
// since the last turn. first, for a page just opened, also has those before.
type lineFrames struct{ next, first []byte }

// lines returns the frames of each watched device.
func (v *view) lines(pages []*page) map[string]lineFrames {
	opened := map[string]bool{}
	for _, p := range pages {
		opened[p.watches] = opened[p.watches] || !p.shown
	}
	all := make(map[string]lineFrames, len(v.subs))
	for id, s := range v.subs {
		var earlier []monitor.Event
		if opened[id] {
			earlier = v.gateway.History(id).Recent() // before Take, so that no line falls between the two
		}
		events := s.Take()
		frames := lineFrames{next: linesFrame(linesOf(id, events))}
		if opened[id] {
			first := linesOf(id, follow(earlier, events))
			first.Earlier = true
			frames.first = linesFrame(first)
		}
		all[id] = frames
	}
	return all
}

func linesFrame(l linesJSON) []byte {
	if len(l.Lines) == 0 {
		return nil
	}
	return event("lines", encode(l))
}

// follow appends events to earlier ones, without those that are in both.
func follow(earlier, events []monitor.Event) []monitor.Event {
	newest := uint64(0)
	if n := len(earlier); n > 0 {
		newest = earlier[n-1].Seq
	}
	for _, e := range events {
		if e.Seq == 0 || e.Seq > newest {
			earlier = append(earlier, e)
		}
	}
	return earlier
}

// event returns a frame of an event stream. Encoded JSON has no line break.
func event(name string, data []byte) []byte {
	frame := make([]byte, 0, len(name)+len(data)+16)
	frame = append(append(frame, "event: "...), name...)
	frame = append(append(frame, "\ndata: "...), data...)
	return append(frame, "\n\n"...)
}

// encode returns value as JSON; it cannot fail on the types of this package.
func encode(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		return []byte("{}")
	}
	return data
}
