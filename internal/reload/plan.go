package reload

import (
	"maps"
	"slices"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
)

// State is a configuration with what the files that it names held when they
// were read.
type State struct {
	Config *config.Config
	Files  Files
}

// Files are the contents of the files that a configuration names.
type Files struct {
	Password      string
	CA, Cert, Key []byte            // PEM; nil where none is named
	Users         map[string]string // of the built-in broker; nil where there are none
	Token         string            // of the dashboard; "" where it asks for none
}

// Plan is what to do, in the order of its fields.
type Plan struct {
	Stop      []string        // IDs of removed and changed devices
	SetUsers  bool            // the built-in broker has others
	Spool     bool            // has other bounds
	HTTP      bool            // the dashboard is elsewhere, or for others
	Own       bool            // the gateway's own session reconnects, with State's options
	Reconnect []device.Device // sessions that do so; their ports stay
	Start     []device.Device // changed and added ones

	State State  // what runs afterwards
	News  []News // what to tell, in order
}

// News is one line for the log.
type News struct {
	Device string // "" is the gateway as a whole
	Text   string
	Keys   []string // that changed
	Later  bool     // it takes a restart
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
		p.News = append(p.News, News{Text: "what boards are looked for changed", Keys: keys})
	}
	p.devices(running)
	return p
}

// keepWhatNeedsARestart leaves the spool where readings wait in it, and the
// built-in broker where its clients are. With the broker goes all of mqtt: other
// credentials, say, belong to the other broker.
func (p *Plan) keepWhatNeedsARestart(running State) {
	now, next := running.Config, p.State.Config
	if now.Spool.Dir != next.Spool.Dir {
		next.Spool.Dir = now.Spool.Dir
		p.later("spool", []string{"dir"})
	}
	if now.MQTT.Embedded && next.MQTT.Embedded {
		next.MQTT.Brokers = now.MQTT.Brokers // found when it began to listen
	}
	if keys := brokerKeys(now.MQTT, next.MQTT); len(keys) > 0 {
		token := p.State.Files.Token
		next.MQTT, p.State.Files = now.MQTT, running.Files
		p.State.Files.Token = token
		p.later("mqtt", keys)
	}
}

// page is what the dashboard has to do with.
type page struct {
	config.HTTP
	Token string
}

func pageOf(s State) page { return page{s.Config.HTTP, s.Files.Token} }

// surroundings decides on what no session and no device has to do with.
func (p *Plan) surroundings(running State) {
	if keys := changed(running.Config.Spool, p.State.Config.Spool); len(keys) > 0 {
		p.Spool = true
		p.News = append(p.News, News{Text: "spool changed", Keys: keys})
	}
	if keys := changed(pageOf(running), pageOf(p.State)); len(keys) > 0 {
		p.HTTP = true
		p.News = append(p.News, News{Text: "http changed", Keys: keys})
	}
}

func (p *Plan) later(section string, keys []string) {
	p.News = append(p.News, News{Text: section + " changed: it takes a restart of the gateway", Keys: keys, Later: true})
}

// brokerKeys are those that changed of what the built-in broker cannot change
// while it runs.
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

// access is what all sessions have in common.
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

// discovery is what only the gateway's own session has to do with.
type discovery struct {
	Discovery       bool
	DiscoveryPrefix string
}

func discoveryOf(s State) discovery {
	return discovery{s.Config.MQTT.Discovery, s.Config.MQTT.DiscoveryPrefix}
}

// session decides on what concerns every session, and the gateway's own.
func (p *Plan) session(running State) {
	if p.SetUsers = !maps.Equal(running.Files.Users, p.State.Files.Users); p.SetUsers {
		p.News = append(p.News, News{Text: "the built-in broker's users changed"})
	}
	if running.Config.Gateway.ID != p.State.Config.Gateway.ID {
		p.Own = true
		p.News = append(p.News, News{Text: "gateway.id changed"})
	}
	if keys := changed(discoveryOf(running), discoveryOf(p.State)); len(keys) > 0 {
		p.Own = true
		p.News = append(p.News, News{Text: "what is announced to Home Assistant changed", Keys: keys})
	}
	if keys := changed(accessOf(running), accessOf(p.State)); len(keys) > 0 {
		p.Own = true
		p.News = append(p.News, News{Text: "mqtt changed, all sessions reconnect", Keys: keys})
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
			p.tell(d.ID, "device removed", nil)
		}
	}
	for _, d := range p.State.Config.Devices {
		old, stood := before[d.ID]
		keys := changed(old, d)
		onlySession := slices.Equal(keys, []string{"client_id"})
		switch {
		case !stood:
			p.Start = append(p.Start, d)
			p.tell(d.ID, "device added", nil)
		case len(keys) > 0 && !onlySession:
			p.Stop = append(p.Stop, d.ID)
			p.Start = append(p.Start, d)
			p.tell(d.ID, "device changed, its port and session start anew", keys)
		case onlySession || all:
			p.Reconnect = append(p.Reconnect, d)
			if !all {
				p.tell(d.ID, "device changed, its session reconnects", keys)
			}
		}
	}
}

func (p *Plan) tell(id, text string, keys []string) {
	p.News = append(p.News, News{Device: id, Text: text, Keys: keys})
}

func byID(devices []device.Device) map[string]device.Device {
	all := make(map[string]device.Device, len(devices))
	for _, d := range devices {
		all[d.ID] = d
	}
	return all
}
