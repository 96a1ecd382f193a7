package config

import "arduino-gateway/internal/strictyaml"

const notYet = "not available yet"

// later marks a key whose capability is still to come: its value is read and
// checked, and then warned of, unless it is off. Nothing is accepted and
// ignored. Whoever builds the capability takes the mark off the key.
func (r *reader) later(set strictyaml.Set) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		if r.Takes(set, key, n) && !strictyaml.IsOff(n) {
			r.WarnAt(key, notYet, "")
		}
	}
}
