// Package clock reports whether the machine's clock can be trusted. If it cannot yet,
// the package finds the time of each moment later, when the clock is set.
//
// A Raspberry Pi has no battery for its clock. After a boot it shows the time of its
// last shutdown, or that of its image, until it reaches a time server. Without a
// network that may never happen. Lines that are read before get a Stamp of the
// uptime, which always runs. Once the time is known, a stamp has a time too, also a
// stamp of an earlier boot in which the time became known; a small file in the state
// folder keeps those boots. A stamp has no time rather than a wrong one.
//
// The clock is distrusted only on evidence: it shows a time before this program was
// written, or the machine has no battery clock and a time service runs that has not
// succeeded yet. A machine without this evidence is trusted, such as a container or
// one whose clock is set by hand. Only Linux shows the evidence; elsewhere only an
// impossible time is distrusted. A time service may start after this program. So a clock
// with no evidence for it is checked for a minute, and distrusted if a time service
// starts that has not succeeded yet. After that, a clock that was trusted once is trusted
// until the next boot.
//
// Compare asks a time server how far the clock is off, for a person who wants to
// know. Nothing else in this package uses the network.
//
// The package knows clocks and its one file. It does not know what a stamp is for.
package clock
