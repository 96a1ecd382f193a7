// Package refused keeps the messages that were put aside because a broker does not take
// them, so that a person can read them: for each device one file in a folder, one JSON
// object a line.
//
//	{"time":"2026-01-02T03:04:05.678Z","topic":"devices/uno/note","payload":"23.5","bytes":4,"reason":"…"}
//
// A file holds at most [MaxBytes]. When it is full, it becomes NAME.jsonl.1 in place of
// the one before, and a new one begins: the newest messages stay. Nothing is synced, and a
// disk that hangs holds nothing up.
//
// The package knows files and messages. It decides nothing about them, and never reads
// them again.
package refused
