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

// beat is how often a page hears from the gateway even if nothing happens: it
// tells a quiet gateway from one that is gone.
const beat = time.Second

// view is what the pages have been told, so that they are told only what is
// new. It belongs to the feed's goroutine.
type view struct {
	gateway  Gateway
	devices  []status.Device
	order    []string
	overview []byte
	told     map[string]*told
	spoke    time.Time // when an update was last made
	subs     map[string]*monitor.Subscription
}

// told is what the pages know of a device, as JSON.
type told struct {
	about, live []byte
	version     uint64 // of its readings
}

func newView(g Gateway) *view {
	return &view{gateway: g, told: map[string]*told{}, subs: map[string]*monitor.Subscription{}}
}

func (v *view) close() {
	for _, s := range v.subs {
		s.Close()
	}
}

// look gives the frame that tells what changed, nil for nothing. anew says that
// there are other devices than before, and each page begins again.
func (v *view) look(now time.Time) (frame []byte, anew bool) {
	s := v.gateway.Status(now)
	v.devices = s.Devices
	order := make([]string, len(v.devices))
	for i, d := range v.devices {
		order[i] = d.ID
	}
	if anew = !slices.Equal(order, v.order); anew {
		v.order, v.told = order, map[string]*told{}
	}
	body, some := v.head(now), now.Sub(v.spoke) >= beat
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
		return nil, anew
	}
	v.spoke = now
	return event("update", append(body, "}}"...)), anew
}

// head begins a frame: times, and what numbers buckets.
func (v *view) head(now time.Time) []byte {
	body := append([]byte(`{"now":`), encode(now.UnixMilli())...)
	if len(v.devices) > 0 {
		body = append(append(body, `,"epoch":`...), encode(v.gateway.History(v.devices[0].ID).Epoch(now).UnixMilli())...)
	}
	return body
}

// change gives what is new of a device as the members of one object, nil for nothing.
func (v *view) change(d status.Device) []byte {
	t := v.told[d.ID]
	if t == nil {
		t = &told{}
		v.told[d.ID] = t
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

// state gives the frame that tells everything.
func (v *view) state(now time.Time) []byte {
	body := append(v.head(now), `,"step":`...)
	body = append(append(body, encode(history.Step.Milliseconds())...), `,"gateway":`...)
	body = append(append(body, v.overview...), `,"devices":[`...)
	for i, d := range v.devices {
		if i > 0 {
			body = append(body, ',')
		}
		t := v.told[d.ID]
		latest, _ := v.gateway.History(d.ID).Since(0)
		object := merge(merge(merge([]byte{'{'}, t.about), t.live), encodeReadings(latest))
		body = append(append(body, object...), '}')
	}
	return event("state", append(body, "]}"...))
}

// encodeReadings gives {"readings":[["temperature","23.50","°C",1764000000000,17,23.4,23.6]]}:
// name, value, unit, time, and where the value is a number its bucket with the
// lowest and highest so far.
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

// merge adds the members of an object to one that is not closed yet.
func merge(open, object []byte) []byte {
	if len(open) > 1 {
		open = append(open, ',')
	}
	return append(open, object[1:len(object)-1]...)
}

// watch subscribes to the devices whose lines a page wants, and to no others.
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

// lineFrames show lines of a device, nil where there are none: next those since the
// last turn, first also the last ones before, for a page that was just opened.
type lineFrames struct{ next, first []byte }

// lines gives the frames of each device that is watched.
func (v *view) lines(pages []*page) map[string]lineFrames {
	opened := map[string]bool{}
	for _, p := range pages {
		opened[p.watches] = opened[p.watches] || !p.shown
	}
	all := make(map[string]lineFrames, len(v.subs))
	for id, s := range v.subs {
		var earlier []monitor.Event
		if opened[id] {
			earlier = v.gateway.History(id).Recent() // before Take, so that none is between them
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

// follow joins events to earlier ones, where some are in both.
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

// event makes a frame of an event stream. JSON has no line break in it.
func event(name string, data []byte) []byte {
	frame := make([]byte, 0, len(name)+len(data)+16)
	frame = append(append(frame, "event: "...), name...)
	frame = append(append(frame, "\ndata: "...), data...)
	return append(frame, "\n\n"...)
}

// encode never fails on the types of this package.
func encode(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		return []byte("{}")
	}
	return data
}
