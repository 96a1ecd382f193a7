// Package homeassistant announces devices to Home Assistant over MQTT, so that
// they appear there with no configuration: a sensor for each reading, and for
// each command what fits its type.
//
// What to say is decided by pure functions, from a description of the device and
// what was found out about its readings, to one retained message a device and to
// the differences that a change makes. An [Announcer] owns when it is said: it
// gathers changes for a moment, says all again when Home Assistant starts, and
// remembers in a file what was found and what was announced, so that entities
// stay the same over restarts, and go when what they stood for has gone.
//
// The package knows what Home Assistant understands. It knows no broker, no
// ports and no devices.yaml; where topics are, it is told.
package homeassistant
