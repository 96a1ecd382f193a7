// Package clock knows whether the machine's clock can be trusted, and what
// time it was when it could not.
//
// A Raspberry Pi has no battery for its clock. After a boot it shows the time
// of its last shutdown, or that of its image, until a time server has been
// reached, which without a network may be never. What is read meanwhile gets a
// Stamp of the clock that always runs, the uptime. Once the time is known, a
// stamp has one too, also that of an earlier boot in which it became known; a
// small file in the state folder keeps those. Where it can't be known there is
// rather no time than a wrong one.
//
// The clock is doubted only on evidence: it shows a time before this program
// was written; or it belongs to a machine without a battery clock, on which a
// time service runs that has not succeeded yet. A machine that has none of
// these, a container or one that is set by hand, is trusted. Only Linux tells
// enough; elsewhere only a time that can't be is doubted. What was trusted
// once is trusted until the next boot.
//
// Compare asks a time server how far the clock is off, for a person who wants to
// know; nothing else here does.
//
// The package knows clocks and its one file. It never knows what a stamp is on.
package clock
