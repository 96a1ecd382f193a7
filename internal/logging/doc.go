// Package logging sets up log/slog for the gateway's commands.
//
// New returns a logger whose text is for people: the time, the level, the device, the
// message, and the rest as key=value:
//
//	15:04:05.678 WARN  greenhouse: port lost port=/dev/ttyACM0 retry=2s
//
// On a terminal it has colours, unless NO_COLOR is set. In a file the time has its date.
// In the systemd journal, which adds a time to every line, there is no time, and each
// line begins with its priority, so that `journalctl -p warning` works. With the format
// "json" it is slog's own JSON, for programs.
//
// A daemon that retries forever must not fill the disk with its log. The same message
// about the same device at the same level is written at most once a minute, and the next
// one that is written has repeated=N for those that were omitted. After each warning
// that is written, each message below a warning about that device may be written once
// more: otherwise the log could end with a lost board that is back. Records
// with a context of Always are always written. Debug messages are never omitted.
//
// Control characters, which a board may have printed, are escaped: a logged text neither
// controls the terminal nor looks like a line of its own.
//
// The package opens no file and starts no goroutine. It measures time only by the times
// of the records.
package logging
