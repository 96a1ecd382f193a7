// Package twins decides which other gateways use this gateway's topics or client IDs, and
// which of the two was there first.
//
// Each gateway publishes its [Identity], retained, on BASE/gateway/ID/info, whenever it
// connects. A [Watcher] takes the identities and statuses that arrive and returns a
// [Rival] for each session concerned.
//
//   - A gateway with the same ID overwrites the identity. So an identity that arrives after
//     this gateway's own has come back is that of a gateway that lives. What was retained
//     before is perhaps from this gateway's last run, and says nothing.
//   - A gateway with another ID is a rival of the devices that both have, while its status
//     is online. What is retained of one that ran on this machine before its last reboot is
//     left over.
//
// The gateway that started later gives way, or the one with the greater instance if both
// started at the same time. Both compare the same two identities, so both decide alike,
// however wrong their clocks are.
//
// The package knows payloads and time as data. It knows no broker and no session.
package twins
