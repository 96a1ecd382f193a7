// Package web is the dashboard and the HTTP API behind it, which scripts use as
// well; docs/api.md describes it.
//
// A page asks once for what there is and hears by server-sent events what
// changes. All pages share one feed: ten times a second at most it looks at what
// the Gateway says, encodes the difference once, and offers it to each page's
// queue. A page that reads too slowly is dropped, and begins anew by itself. With
// no page open the feed sleeps, and nothing here costs anything.
//
// It is safe by default. On a loopback address whoever is on the machine may use
// it; elsewhere a token is needed. The Host must be a name of this machine, so
// that no page of another site can reach it under a name of its own; what such a
// page asks for is refused whatever its name. Everything that waits has a limit.
//
// The package declares what it needs to know as Gateway. It knows
// neither MQTT nor serial ports, nor what the configuration looks like. Nothing
// that a board says is ever markup: the server sends it as JSON, the page shows
// it as text.
package web
