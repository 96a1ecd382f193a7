// Package doctor looks for what keeps a gateway from doing its work, and says of
// each fault what is wrong, and the command that mends it: in the configuration
// and the files that it names, at the broker, at the ports, with the clock, with
// the disk, and in the gateway that runs.
//
// A [Patient] is what is looked at. Its checks run at the same time and within
// [Limit]; each gives one [Finding] or more. They change nothing: no port is
// opened, which would reset a board; no folder is made, which would be root's
// where root asks; and no client ID of the configuration is used at a broker,
// which would throw out the session that has it.
//
// The package never mends anything, and knows no way to ask a person.
package doctor
