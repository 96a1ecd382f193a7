// Package serialbridge keeps a board's serial port open for years: lines out of
// it, commands into it, and the port opened anew whenever it comes back.
//
// A [Finder] says before each open where the board is plugged in, under whatever
// name, and wakes a Port that waits for it.
//
// A [Port] is made of two halves that know little of each other. The loop in
// port.go finds, opens and reopens the port, with a capped backoff and jitter,
// and tells a user once what is wrong and what to do; it knows nothing of
// lines. The loop in session.go knows only an open port: it reads, frames,
// stamps each chunk once, and calls the [Handler]. Both run in the goroutine
// that called [Port.Run], and so every call of the handler does: the handler
// needs no lock of its own, and no line is handed from one goroutine to the
// next, since at the rates of real boards those wake-ups are what a line costs.
//
// An open may find a board in the middle of a line. What comes before the first
// newline is dropped and counted, unless the wire was silent for a second before.
//
// # Writing
//
// [Port.Write] may be called from any goroutine. Lines go out whole and in the
// order of the calls. A board has an input buffer of 64 bytes and loses what
// comes on top, so that a line goes out no faster than the board's wire could
// have carried it, and never more than 60 bytes ahead of that. With Options.Gap
// the next line waits for so long when the wire has carried the last one.
//
// A board that has stopped reading must not stop the gateway. When the kernel
// takes nothing for 3 s the port is abandoned: the caller gets [ErrBroken], the
// kernel's buffer is discarded, the port is closed, and it is opened again only
// when the stuck write has come back.
//
// # Owning the port
//
// A port has one reader. Beside the library's own exclusive mode, which does
// not bind root, the device is locked with flock(2), as tio, picocom and
// pyserial do, so that they and a second gateway are kept out too. The locked
// descriptor is opened before the port and closed after it; see lock_unix.go
// for what that means to DTR.
//
// # Boot
//
// The kernel raises DTR and RTS at open: an Uno resets then, and a native USB
// board starts to print. With Options.ResetOnOpen false HUPCL is cleared, so that
// a close leaves DTR up and the next open resets nothing; the very first still
// may. ENOTTY means a port without modem lines, such as a pseudo-terminal, and
// is no error.
//
// A board that may have been reset is booting until it prints a whole line that
// is no bootloader's, or BootTime has passed. Meanwhile nothing is written to
// it, and what the bootloader says is dropped, as is what the adapter still held
// from before the reset.
//
// # Baud rate
//
// What comes is weighed all the while (textDetector.go). Where it has been no text for
// 5 s, nothing is handed on any more, and the usual rates are tried on the open
// port, those first that the bits speak for (tune.go). With Options.Baud 0 the one
// that reads as text is kept; else the log says which it would be, and the port
// goes back to its own. Where none does, the board speaks something binary: it is
// told once, and its bytes are only counted until they are text. The search is
// repeated ever more seldom. Commands wait while a rate is only tried. To a board's
// own USB a rate means nothing, and 1200 baud a call to its bootloader: there none is
// tried.
//
// # Silence
//
// With Options.Silence a board is ready only when a line has come, and silent when
// none came for so long; a line is what the handler gets, and no noise. Then
// steps follow, each after the same time again: the port is opened anew, the
// board is reset by DTR, and the log raises the alarm. Then they begin again,
// ever more seldom. silence.go decides, rouse.go acts.
//
// # Servers of serial ports
//
// tcp://HOST:PORT passes bytes on as they are; the rate is set at the server,
// and only paces commands here. rfc2217://HOST:PORT is telnet with the COM-PORT
// option: the rate, 8N1, DTR and RTS are set from here, and an open ends with an
// error unless the server confirms the rate within 5 s. A connection may take
// 10 s. One that is silent is probed, and a server that is gone without a word
// is noticed within half a minute. They are opened, lost and opened again like
// any port; telnet.go and comport.go are the codec, and do no I/O.
//
// # Bounds
//
// Shutdown takes less than two seconds, a hung board included, given a handler
// that comes back once its own context is cancelled. A flood without a newline
// costs no memory beyond the framer's one line. A port takes four descriptors.
// Linux sets no limit to their numbers; elsewhere the library waits in select(2),
// and a port is refused where they come near its end, 1024.
//
// The package knows ports, backoff and pacing. It never knows what a line
// means, nor of MQTT, files or configuration; it lists no ports and opens none
// but the one that its Finder names. Only open.go imports go.bug.st/serial, and
// only dial.go, tcp.go and rfc2217.go know the network.
package serialbridge
