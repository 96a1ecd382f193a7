// Package web is the dashboard and the HTTP API behind it, which scripts use as
// well; docs/api.md describes it.
//
// A page gets the whole state once, and then changes as server-sent events. All
// pages share one feed: at most ten times a second it polls the Gateway, encodes the
// difference once, and puts it into each page's queue. A page that reads too slowly
// is dropped, and reconnects by itself. While no page is open the feed sleeps and
// costs nothing.
//
// It is safe by default. On a loopback address every user of the machine may use
// it; elsewhere a token is required. The Host header must be a name of this machine,
// so that another site cannot reach it under a name of its own, and requests from
// other sites' pages are refused. Every queue and every wait has a limit.
//
// The package declares what it needs as [Gateway]. It knows neither MQTT nor serial
// ports nor devices.yaml. It never treats the output of a board as markup: the
// server sends it as JSON, and the page shows it as text.
package web
