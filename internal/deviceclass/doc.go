// Package deviceclass knows Home Assistant's device classes of sensors: which
// there are, which units each allows, and which unit is enough to tell one.
//
// It is a table, after homeassistant/components/sensor/const.py of Home Assistant
// 2025.5, the oldest whose rules it keeps to; the classes and units of a newer one
// (homeassistant/generated/sensor.json, commit 00d6181) are its test's data. It
// knows nothing of messages or topics.
package deviceclass
