// Package health reports the gateway's state to other programs: /metrics for
// Prometheus, /healthz and /readyz for monitors and load balancers, and systemd's
// notify socket.
//
// Each answer is made from one status.Snapshot, taken for that request. Between
// requests nothing here runs, except the watchdog if systemd asks for one. If a
// snapshot does not come in time, the gateway is stuck and the answer is "failed".
//
// Metrics follow Prometheus's conventions for names and units. The number of devices
// bounds the number of series: the names of readings, which boards choose, are not
// labels.
//
// The package declares what it needs as [Gateway]. It knows neither MQTT nor serial
// ports nor the spool.
package health
