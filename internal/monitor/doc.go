// Package monitor lets a person watch a device of the running gateway: what
// comes in, what it was decoded to, what goes out, what was refused and why.
//
// In the gateway, whoever handles lines asks Hub.Active and, only where somebody
// watches, makes an Event and calls Hub.Publish. Both cost nothing worth
// measuring while nobody watches, and neither ever blocks: each watcher has a
// bounded queue, and one who reads too slowly loses the oldest events and is
// told how many.
//
// Server hands the events out over a Unix socket in the gateway's own folder,
// open to the gateway's user only. Watch is the other end, for `gateway
// monitor`. The protocol is one JSON object a line: the watcher says
//
//	{"device":"greenhouse"}
//
// and gets events until either side hangs up:
//
//	{"time":"2026-01-02T03:04:05.678Z","device":"greenhouse","kind":"in","text":"t=23.5","readings":[{"Name":"t","Value":"23.5","Unit":""}]}
//
// or, where there is no such device, one object with an error and the names of
// those that there are:
//
//	{"error":"no device \"grenhouse\"","devices":["greenhouse"]}
//
// The package reads no port, knows no MQTT, and stores nothing.
package monitor
