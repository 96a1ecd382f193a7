// Package status describes the state of the gateway and its devices at one moment,
// with warnings in words for a person.
//
// All parts that report the state receive a Snapshot and take what they need: the
// dashboard and the API (docs/api.md describes the members), Prometheus and systemd,
// `gateway monitor` and `gateway doctor`. So a figure of a device has one name and one
// meaning everywhere. Times are in UTC, and zero if there is none.
//
// The package knows neither where the figures come from nor who reads them.
package status
