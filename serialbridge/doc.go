// Package serialbridge keeps the serial port of a board open for years. It reads
// lines, writes commands, and reopens the port each time it comes back.
//
// Before each open, a [Finder] returns where the board is plugged in, whatever the
// name of the port is. It also wakes a Port that waits for the board. A [Handler] receives the
// lines; embed [NopHandler] to implement only what you need. [Options.Validate]
// checks the options.
//
// A [Port] has two halves that know little of each other. The loop in port.go
// finds, opens and reopens the port with a capped backoff and jitter, and logs
// once what is wrong and what to do. It knows nothing of lines. The loop in
// session.go knows only an open port: it reads, frames, stamps each chunk once,
// and calls the [Handler]. Both run in the goroutine that called [Port.Run], and
// so do all calls of the handler. The handler therefore needs no lock of its
// own, and no line passes from one goroutine to the next: at the rates of real
// boards, waking another goroutine is most of the cost of a line.
//
// An open may find a board in the middle of a line. What comes before the first
// newline is dropped and counted, unless the wire was silent for a second
// before.
//
// # Writing
//
// [Port.Write] may be called from any goroutine. Lines go out whole and in the
// order of the calls. A board has an input buffer of 64 bytes and loses what
// does not fit. Therefore a line goes out no faster than the wire of the board
// could carry it, and never more than 60 bytes ahead of that. With Options.Gap
// the next line also waits that long after the wire has carried the last one.
//
// A board that has stopped reading must not stop the gateway. If the kernel
// takes nothing for 3 s, the port is abandoned: the caller gets [ErrBroken], the
// buffer of the kernel is discarded, and the port is closed. It is opened again
// only when the stuck write has come back.
//
// # Owning the port
//
// A port has one reader. The exclusive mode of the library does not bind root.
// Therefore the device is also locked with flock(2), as tio, picocom and
// pyserial do, which keeps them and a second gateway out too. The lock files of
// UUCP are honoured, and written if possible. With Options.Yield a port whose
// settings show another user is left alone (settings_linux.go). The locked
// descriptor is opened before the port and closed after it; lock_unix.go
// explains what that means for DTR.
//
// Each close puts back the terminal settings that the port had at the open,
// unless the device is gone. Options.ResetOnOpen decides about HUPCL after the
// close, and a rate that may be an order to a board is not put back
// (settings_unix.go).
//
// # Boot
//
// The kernel raises DTR and RTS at open: an Uno resets then, and a native USB
// board starts to print. With Options.ResetOnOpen false, HUPCL is cleared, so
// that a close leaves DTR up and the next open resets nothing; the very first
// open still may. ENOTTY means a port without modem lines, such as a
// pseudo-terminal, and is not an error.
//
// A board that may have been reset counts as booting until it prints a whole
// line that is not a bootloader's, or until BootTime has passed. Until then
// nothing is written to it. The output of the bootloader is dropped, and so is
// what the adapter still held from before the reset.
//
// # Baud rate
//
// All input is checked for text (textdetect.go). If it was not text for 5 s, no
// more lines are reported, and the usual rates are tried on the open port, first
// those that the bits suggest (baudsearch.go). With Options.Baud 0 the rate that
// reads as text is kept. With a fixed rate the log names the rate that works,
// and the port returns to its own. If no rate works, the board sends something
// binary: this is logged once, and its bytes are only counted until they are
// text. The search is repeated at growing intervals. Commands wait while a rate
// is only tried. The USB of a native board ignores the rate, and 1200 baud
// starts its bootloader: there no rate is tried.
//
// # Silence
//
// With Options.Silence a board becomes ready only when a line has come, and
// silent when none came for that long. A line here is what the handler receives,
// not noise. Recovery steps follow, each after the same time again: the port is
// reopened, and the board is reset by DTR if its chip and the options allow it.
// Then they start over, at growing intervals. An alarm is logged and is the
// problem in [Stats] after the first cycle without a line, and after three
// cycles of a board that prints after a restart and then stops. The first lines
// after a restart do not make the board ready: they may be the banner of a board
// that hangs again. watchdog.go decides, recovery.go acts.
//
// # Servers of serial ports
//
// tcp://HOST:PORT passes bytes on as they are; the rate is set at the server,
// and only paces commands here. rfc2217://HOST:PORT is telnet with the COM-PORT
// option: the rate and 8N1 are set from here, DTR and RTS only as Options.DTR
// wants them, and an open fails unless the server confirms the rate within 5 s.
// With Options.Baud 0 the server is asked for its own rate, and the search begins
// with that. While the server suspends the writing, lines wait until their context
// ends. A connection may take 10 s. A silent connection is probed, and a dead
// server is noticed within half a minute. These ports are opened, lost and opened
// again like any other; telnet.go and comport.go are the codec and do no I/O.
//
// # Bounds
//
// Shutdown takes less than two seconds, even with a hung board, if the handler
// returns once its own context is cancelled. A flood without a newline costs no
// memory beyond the one line of the framer. A port takes four descriptors. Linux
// does not limit their numbers; elsewhere the library waits in select(2), and a
// port is refused if its descriptors come near the end of select, 1024.
//
// The package knows ports, backoff and pacing. It never knows what a line means,
// nor MQTT, files or configuration. It lists no ports and opens only the one its
// Finder names. Only open.go imports go.bug.st/serial, and only dial.go, tcp.go
// and rfc2217.go know the network.
package serialbridge
