// Package homeassistant announces devices to Home Assistant over MQTT, so that
// they appear there without configuration: a sensor for each reading, and for
// each command the entity that fits its type.
//
// Pure functions decide what to publish. From the description of a device and
// what was learned about its readings they make one retained message a device,
// and the differences that a change makes. An [Observer] learns from the lines of
// a device. An [Announcer] decides when to publish: it collects changes for a
// moment and publishes everything again when Home Assistant starts. It remembers
// in a file what was learned and what was announced, so that entities stay the
// same over restarts and disappear with what they stood for.
//
// The package knows what Home Assistant understands. It does not know brokers,
// ports or devices.yaml; the caller supplies the topics.
package homeassistant
