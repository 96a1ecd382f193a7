// Package homeassistant announces devices to Home Assistant over MQTT, so that
// they appear there without configuration: a sensor for each reading, and for
// each command the entity that fits its type.
//
// Pure functions decide what to publish. From the description of a device and the
// known readings they make one retained message for each device, and find what a
// change adds or removes. An [Observer] learns the readings from the lines of a
// device. An [Announcer] decides when to publish: it collects changes for a moment
// and publishes everything again when Home Assistant starts. It keeps the known
// readings and the announced entities in a file. So an entity stays the same after
// a restart, and disappears when its reading, command or device is removed.
//
// The package knows what Home Assistant understands. It does not know brokers,
// ports or devices.yaml; the caller supplies the topics.
package homeassistant
