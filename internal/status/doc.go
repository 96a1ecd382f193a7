// Package status is how the gateway and its devices are at one moment, with what
// a person should know of it in words.
//
// Whoever tells others how it stands is given a Snapshot, and takes from it what
// it needs: the dashboard and the API (whose members these are, as docs/api.md
// describes them), Prometheus and systemd, `gateway monitor` and `gateway
// doctor`. So a figure of a device has one name and one meaning wherever it is
// seen. Times are in UTC, and zero where there is none.
//
// The package knows neither where the figures are from nor who is told.
package status
