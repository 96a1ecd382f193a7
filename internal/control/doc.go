// Package control connects other commands to the running gateway, over a Unix socket
// in the gateway's folder that only the gateway's user can open. A command watches,
// pauses, resumes or forgets a device, or asks for the status.
//
// [Server] is the gateway's end. [Watch], [Pause], [Resume], [Forget] and [AskStatus] are
// the clients, for the commands of these names and for doctor. The protocol is one JSON
// object per line. A client sends one request:
//
//	{"do":"watch","device":"greenhouse"}
//
// and receives events until either side hangs up. Without a device it receives the
// events of all devices:
//
//	{"time":"2026-01-02T03:04:05.678Z","device":"greenhouse","kind":"in","text":"t=23.5","readings":[{"Name":"t","Value":"23.5","Unit":""}]}
//
// Any other request has one answer, sent when it is done:
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
// If a request fails, the answer is an error. If there is no such device, the answer
// also has the names of the devices:
//
//	{"error":"no device \"grenhouse\"","known":["greenhouse"]}
//
// The package never acts on a device itself: the [Gateway] does.
package control
