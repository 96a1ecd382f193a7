// Package deviceclass lists Home Assistant's device classes of sensors: which units
// each class allows, and which units identify a class.
//
// It is a table, after homeassistant/const.py of Home Assistant 2025.5 (units) and
// homeassistant/components/sensor/const.py of about that time (classes, commit
// 3fd1a33). The test data is what a newer version allows
// (homeassistant/generated/sensor.json, commit 00d6181), so that the table follows
// the rules of both. The package knows nothing of messages or topics.
package deviceclass
