// Package control is how other commands talk to the running gateway: over a Unix
// socket in the gateway's own folder, open to the gateway's user only. There one
// watches a device, pauses it and resumes it, or asks how all of it is.
//
// Server is the gateway's end; Watch, Pause, Resume and AskStatus are the other,
// for the commands monitor, pause, resume and doctor. The protocol is one JSON
// object a line. A client says once what it wants:
//
//	{"do":"watch","device":"greenhouse"}
//
// and gets events until either side hangs up, those of all devices where it names
// none:
//
//	{"time":"2026-01-02T03:04:05.678Z","device":"greenhouse","kind":"in","text":"t=23.5","readings":[{"Name":"t","Value":"23.5","Unit":""}]}
//
// Any other request gets one answer, when it is done:
//
//	{"do":"pause","device":"greenhouse","seconds":120}
//	{"port":"/dev/ttyACM0","until":"2026-01-02T03:06:05Z"}
//
//	{"do":"resume","device":"greenhouse"}
//	{"paused":true}
//
//	{"do":"status"}
//	{"pid":812,"id":"pi-greenhouse","version":"v1.2.0",…,"devices":[{"id":"greenhouse","online":true,…}]}
//
// What cannot be done is answered with an error, and where there is no such
// device with the names of those that there are:
//
//	{"error":"no device \"grenhouse\"","known":["greenhouse"]}
//
// The package does nothing to a device itself: a Gateway does.
package control
