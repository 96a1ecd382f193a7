// Package doctor checks what a gateway needs to work, and reports for each fault what
// is wrong and the command that fixes it. It looks at the configuration and the files
// that it names, the broker, the ports, the clock, the disk and the running gateway.
//
// A [Target] is what is checked. Its checks run concurrently and within [Limit]; each
// returns one [Finding] or more. They change nothing. No port is opened, because that
// would reset a board. No folder is made, because it would belong to root if root
// runs the doctor. No client ID of the configuration is used at a broker, because that
// would disconnect the session that uses it.
//
// The package never repairs anything, and never asks a person.
package doctor
