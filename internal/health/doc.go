// Package health answers those who watch over the gateway without eyes:
// Prometheus at /metrics, monitors and load balancers at /healthz and /readyz,
// and systemd by its notify socket.
//
// All of it is made of one status.Snapshot, taken when somebody asks. Between two
// questions nothing here runs, but for the watchdog's beat where systemd wants
// one. A snapshot that does not come in time says as much as a bad one: the
// gateway is stuck, and the answer is that it failed.
//
// Metrics follow Prometheus's conventions for names and units. Their number is
// bounded by that of the devices: names of readings, which boards make up, are
// no labels.
//
// The package declares what it needs as Gateway. It knows neither MQTT nor
// serial ports nor the spool.
package health
