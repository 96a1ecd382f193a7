package config

import (
	"fmt"

	"arduino-gateway/internal/strictyaml"
)

// checkGatewayID: the gateway's own session has its ID as client ID.
func (r *reader) checkGatewayID() {
	if id := r.config.Gateway.ID; r.tooLong(id) && r.Valid("gateway") {
		r.ReportAt("gateway.id", r.tooLongText(id), "set a shorter one, or protocol: \"3.1.1\"")
	}
}

// tooLong holds an ID against the protocol's version.
func (r *reader) tooLong(id string) bool {
	return r.config.MQTT.Protocol == protocol31 && len(id) > longestID31
}

func (r *reader) tooLongText(id string) string {
	return fmt.Sprintf("%s has %d bytes, and MQTT 3.1 allows %d", strictyaml.Quote(id), len(id), longestID31)
}

// checkClientIDs finds IDs that a broker refuses, and two sessions that would
// throw each other out for ever.
func (r *reader) checkClientIDs() {
	id := r.config.Gateway.ID
	owner := map[string]string{id: "the gateway itself"}
	for i, d := range r.config.Devices {
		at := r.keys[i] + ".client_id"
		if !r.Valid(at) || !r.Has(at) && (!r.Valid("gateway") || r.tooLong(id)) {
			continue // made from an ID that is wrong itself
		}
		r.checkClientID(at, d.ClientID)
		if d.ClientID == "" {
			continue
		}
		if other, taken := owner[d.ClientID]; taken {
			r.ReportAt(at, strictyaml.Quote(d.ClientID)+" is the client ID of "+other, "each session needs its own")
			continue
		}
		owner[d.ClientID] = fmt.Sprintf("device %s in line %d", d.ID, r.Line(r.keys[i]))
	}
}

func (r *reader) checkClientID(at, id string) {
	m := r.config.MQTT
	switch {
	case r.tooLong(id):
		r.ReportAt(at, r.tooLongText(id), "set a shorter client_id")
	case id == "" && m.Protocol == protocol31:
		r.ReportAt(at, "MQTT 3.1 has no random client ID", "set one, or protocol: \"3.1.1\"")
	case id == "" && !m.CleanSession:
		r.ReportAt(at, "a random client ID needs a clean session", "set one, or clean_session: true")
	}
}
