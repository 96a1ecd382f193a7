package reload

import (
	"maps"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
)

// Plan is what to do, in the order of its fields.
type Plan struct {
	Stop      []string        // IDs of removed and changed devices
	SetUsers  bool            // the built-in broker's users changed
	Spool     bool            // the spool's bounds changed
	HTTP      bool            // the dashboard's settings changed
	Own       bool            // the gateway's own session reconnects, with State's options
	Move      []string        // IDs of those of Reconnect whose client ID changes: all leave the broker before any comes back
	MoveOwn   bool            // the gateway's own session changes its client ID, too
	Tune      []device.Device // their ports get other settings; their sessions and commands stay
	Reconnect []device.Device // their sessions reconnect; their ports stay open
	Start     []device.Device // changed and added ones

	State   State    // what runs afterwards
	Changes []Change // to log, in order
}

// Change is one line for the log.
type Change struct {
	Device  string // "" is the gateway as a whole
	Text    string
	Keys    []string // that changed
	Restart bool     // it takes effect when the gateway restarts
}

// Decide compares what runs with what is wanted.
func Decide(running, wanted State) Plan {
	p := Plan{State: wanted}
	config := *wanted.Config
	p.State.Config = &config
	p.keepWhatNeedsARestart(running)
	p.surroundings(running)
	p.session(running)
	if keys := changed(running.Config.Auto, p.State.Config.Auto); len(keys) > 0 {
		p.change("devices: auto changed", keys)
	}
	p.devices(running)
	return p
}

// change adds a change of the gateway as a whole.
func (p *Plan) change(text string, keys []string) {
	p.Changes = append(p.Changes, Change{Text: text, Keys: keys})
}

// keepWhatNeedsARestart keeps the spool where readings wait in it, and the built-in
// broker where its clients are. With the broker all of mqtt stays: other credentials,
// for example, belong to the other broker.
func (p *Plan) keepWhatNeedsARestart(running State) {
	now, next := running.Config, p.State.Config
	if now.Spool.Dir != next.Spool.Dir {
		next.Spool.Dir = now.Spool.Dir
		p.later("spool", []string{"dir"})
	}
	if now.MQTT.Embedded && next.MQTT.Embedded {
		next.MQTT.Brokers = now.MQTT.Brokers // known since it listens
	}
	if keys := brokerKeys(now.MQTT, next.MQTT); len(keys) > 0 {
		token := p.State.Files.Token
		next.MQTT, p.State.Files = now.MQTT, running.Files
		p.State.Files.Token = token
		p.later("mqtt", keys)
	}
}

// later adds a change of a section that needs a restart.
func (p *Plan) later(section string, keys []string) {
	p.Changes = append(p.Changes, Change{Text: section + " changed: restart the gateway to apply it", Keys: keys, Restart: true})
}

// page is what the dashboard depends on.
type page struct {
	config.HTTP
	Token string
}

func pageOf(s State) page { return page{s.Config.HTTP, s.Files.Token} }

// surroundings decides on what no session and no device depends on.
func (p *Plan) surroundings(running State) {
	if keys := changed(running.Config.Spool, p.State.Config.Spool); len(keys) > 0 {
		p.Spool = true
		p.change("spool changed", keys)
	}
	if keys := changed(pageOf(running), pageOf(p.State)); len(keys) > 0 {
		p.HTTP = true
		p.change("http changed", keys)
	}
}

// brokerKeys returns the keys that changed among those that the built-in broker
// cannot change while it runs.
func brokerKeys(now, next config.MQTT) []string {
	if now.Embedded != next.Embedded {
		return []string{"broker"}
	}
	if !now.Embedded {
		return nil
	}
	type fixed struct {
		EmbeddedListen string
		UsersFile      bool // there is one
	}
	return changed(fixed{now.EmbeddedListen, now.UsersFile != ""}, fixed{next.EmbeddedListen, next.UsersFile != ""})
}

// access is what every session depends on.
type access struct {
	config.MQTT
	Password      string
	CA, Cert, Key []byte
}

func accessOf(s State) access {
	m, f := s.Config.MQTT, s.Files
	m.Embedded, m.EmbeddedListen, m.UsersFile = false, "", ""
	m.Discovery, m.DiscoveryPrefix = false, ""
	return access{m, f.Password, f.CA, f.Cert, f.Key}
}

// discovery is what only the gateway's own session depends on.
type discovery struct {
	Discovery       bool
	DiscoveryPrefix string
}

func discoveryOf(s State) discovery {
	return discovery{s.Config.MQTT.Discovery, s.Config.MQTT.DiscoveryPrefix}
}

// session decides on every session, and on the gateway's own.
func (p *Plan) session(running State) {
	if p.SetUsers = !maps.Equal(running.Files.Users, p.State.Files.Users); p.SetUsers {
		p.change("users of the built-in broker changed", nil)
	}
	if running.Config.Gateway.ID != p.State.Config.Gateway.ID {
		p.Own, p.MoveOwn = true, true
		p.change("gateway.id changed", nil)
	}
	if keys := changed(discoveryOf(running), discoveryOf(p.State)); len(keys) > 0 {
		p.Own = true
		p.change("Home Assistant discovery changed", keys)
	}
	if keys := changed(accessOf(running), accessOf(p.State)); len(keys) > 0 {
		p.Own = true
		p.change("mqtt changed: all sessions reconnect", keys)
	}
}

// devices decides on each device.
func (p *Plan) devices(running State) {
	before := byID(running.Config.Devices)
	after := byID(p.State.Config.Devices)
	all := len(changed(accessOf(running), accessOf(p.State))) > 0
	for _, d := range running.Config.Devices {
		if _, stays := after[d.ID]; !stays {
			p.Stop = append(p.Stop, d.ID)
			p.deviceChange(d.ID, "device removed", nil)
		}
	}
	for _, d := range p.State.Config.Devices {
		old, stood := before[d.ID]
		keys := changed(old, d)
		if !sameDetected(running, p.State, d.ID) {
			keys = append(keys, "detected")
		}
		e := effectOf(keys)
		switch {
		case !stood:
			p.Start = append(p.Start, d)
			p.deviceChange(d.ID, "device added", nil)
			continue
		case e.restart:
			p.Stop = append(p.Stop, d.ID)
			p.Start = append(p.Start, d)
			p.deviceChange(d.ID, "device changed: port and session restart", keys)
			continue
		}
		if e.tune {
			p.Tune = append(p.Tune, d)
		}
		if e.reconnect {
			p.Move = append(p.Move, d.ID)
		}
		e.reconnect = e.reconnect || all
		if e.reconnect {
			p.Reconnect = append(p.Reconnect, d)
		}
		if e.tune || e.reconnect && !all {
			p.deviceChange(d.ID, "device changed: "+e.text(), keys)
		}
	}
}

// effect is what a change of a device means for its port and its session.
type effect struct{ restart, tune, reopen, reconnect bool }

// effectOf returns the effect of a change of these keys.
func effectOf(keys []string) (e effect) {
	for _, key := range keys {
		switch key {
		case "client_id":
			e.reconnect = true
		case "gap", "silence":
			e.tune = true
		case "baud":
			e.tune, e.reopen = true, true
		default:
			e.restart = true
		}
	}
	return e
}

// text describes an effect that restarts nothing.
func (e effect) text() string {
	switch {
	case e.reopen && e.reconnect:
		return "port reopens, session reconnects"
	case e.reopen:
		return "port reopens, session stays"
	case e.reconnect:
		return "session reconnects"
	default:
		return "port and session stay"
	}
}

// sameDetected reports whether the same was detected of a device in both states.
func sameDetected(a, b State, id string) bool {
	before, was := a.Detected[id]
	after, is := b.Detected[id]
	return was == is && before == after
}

func (p *Plan) deviceChange(id, text string, keys []string) {
	p.Changes = append(p.Changes, Change{Device: id, Text: text, Keys: keys})
}

func byID(devices []device.Device) map[string]device.Device {
	all := make(map[string]device.Device, len(devices))
	for _, d := range devices {
		all[d.ID] = d
	}
	return all
}
