// Package logging sets up log/slog for the gateway's commands.
//
// New gives a logger whose text is made for reading: the time, the level, the
// device that it is about, the message, and the rest as key=value:
//
//	15:04:05.678 WARN  greenhouse: port lost port=/dev/ttyACM0 retry=2s
//
// On a terminal it is coloured, unless NO_COLOR is set. In a file the time has
// its date. In the systemd journal, which stamps every line itself, there is no
// time, and each line begins with its priority, so that `journalctl -p warning`
// works. With the format "json" it is slog's own JSON, for machines.
//
// A daemon that retries for ever must not fill the disk with it: the same
// message about the same device at the same level is written at most once a
// minute, and the next one that is written says repeated=N for those that were
// left out. But after each warning that is written, what is no warning about that
// device may be told once more, so that the log's last word is not that a board is
// lost which has long been back. What Answer marks is always written. Debug messages are never left out: whoever turns
// them on wants to see everything.
//
// Control characters, which a board may well have printed, are escaped: nothing
// that is logged acts on the terminal or pretends to be a line of its own.
//
// The package opens no file, starts no goroutine, and decides nothing by the
// clock but by the times of the records.
package logging
