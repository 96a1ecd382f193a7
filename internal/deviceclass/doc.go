// Package deviceclass knows Home Assistant's device classes of sensors: which
// there are, which units each allows, and which unit is enough to tell one.
//
// It is a table, after homeassistant/const.py of Home Assistant 2025.5 (units) and
// homeassistant/components/sensor/const.py of about that time (classes, commit
// 3fd1a33). What a newer version allows (homeassistant/generated/sensor.json,
// commit 00d6181) is its test's data, so that it keeps to the rules of both. It
// knows nothing of messages or topics.
package deviceclass
