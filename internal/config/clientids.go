package config

import (
	"fmt"
	"strings"

	"arduino-gateway/internal/strictyaml"
)

// longestID31 is the longest client ID that MQTT 3.1 allows, in bytes.
const longestID31 = 23

// clientID reads a client ID; "" is a random one.
func (d document) clientID(to *string) strictyaml.Set {
	text := d.text(to)
	return func(key string, n *strictyaml.Node) {
		why := badCharacter(n.Value)
		if strings.TrimSpace(n.Value) != n.Value {
			why = "must not begin or end with a blank"
		}
		if d.Apply(text, key, n) && why != "" {
			d.Reject(n, key, why, "such as greenhouse-uno")
		}
	}
}

// tooLong returns why MQTT 3.1 does not allow a client ID, "" if the ID is fine.
func (m MQTT) tooLong(id string) string {
	if m.Protocol != protocol31 || len(id) <= longestID31 {
		return ""
	}
	return fmt.Sprintf("%s is %d bytes long; MQTT 3.1 allows %d", strictyaml.Quote(id), len(id), longestID31)
}

// checkGatewayID checks the gateway's ID, which is the client ID of its own session.
func (r *reader) checkGatewayID() {
	if why := r.config.MQTT.tooLong(r.config.Gateway.ID); why != "" && r.doc.Valid("gateway") {
		r.doc.ReportAt("gateway.id", why, "set a shorter one, or protocol: \"3.1.1\"")
	}
}

// checkClientIDs finds IDs that a broker refuses, and two sessions that would
// disconnect each other forever.
func (r *reader) checkClientIDs() {
	id := r.config.Gateway.ID
	owner := map[string]string{id: "the gateway itself"}
	for _, entry := range r.devices {
		at, clientID := entry.key+".client_id", entry.device.ClientID
		if !r.doc.Valid(at) || !r.doc.Has(at) && (!r.doc.Valid("gateway") || r.config.MQTT.tooLong(id) != "") {
			continue // made from an ID that is wrong itself
		}
		r.checkClientID(at, clientID)
		if clientID == "" {
			continue
		}
		if other, taken := owner[clientID]; taken {
			r.doc.ReportAt(at, strictyaml.Quote(clientID)+" is the client ID of "+other, "each session needs its own")
			continue
		}
		owner[clientID] = fmt.Sprintf("device %s in line %d", entry.device.ID, r.doc.Line(entry.key))
	}
}

func (r *reader) checkClientID(at, id string) {
	m := r.config.MQTT
	switch why := m.tooLong(id); {
	case why != "":
		r.doc.ReportAt(at, why, "set a shorter client_id")
	case id == "" && m.Protocol == protocol31:
		r.doc.ReportAt(at, "MQTT 3.1 does not allow an empty client ID", "set one, or protocol: \"3.1.1\"")
	case id == "" && !m.CleanSession:
		r.doc.ReportAt(at, "a random client ID needs a clean session", "set one, or clean_session: true")
	}
}
