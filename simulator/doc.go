// Package simulator is the far end of the wire: virtual Arduino boards on real
// pseudo-terminals. A program opens their ports as it opens /dev/ttyACM0, and
// meets what real boards do to it: they boot, print, answer, fall silent, print
// garbage, hang, and are unplugged.
//
// # For tests
//
// A test needs one line for a board; the zero Spec prints nothing by itself:
//
//	board := simulator.New(t, simulator.Spec{Name: "greenhouse"})
//	go program(board.Path())
//	board.Println("temperature=23.5")
//	line, err := board.Received(ctx) // what the program wrote
//	board.Unplug()
//
// With a Hello in its Spec the board describes itself and confirms commands.
// With Signals it prints by itself, and [Spec.LineAt] returns each line beforehand.
// With FlatOut and Lines it prints a million lines as fast as they are read.
// [Spec.Validate] and [Scenario.Validate] report what is wrong with a
// description.
//
// # Scenarios
//
// A scenario describes boards that run together. [Load] reads it from YAML,
// [Start] plugs its boards in, and `gateway simulate FILE` does both. This one
// has every key:
//
//	dir: run                          # folder of the links to the ports; default: the folder of this file
//	seed: 7                           # added to that of each board; equal seeds, equal bytes
//	boards:
//	  greenhouse:                     # the name of the board and of its link
//	    link: greenhouse-port         # another name for the link, or a path
//	    baud: 9600                    # default 115200; used for pace and flood
//	    pace: true                    # print no faster than baud; default: as fast as it goes
//	    lossless: false               # true: wait for a slow reader instead of losing bytes
//	    reset_on_open: true           # as DTR resets an Uno
//	    boot: 500ms                   # from power or reset to the first line; input is lost until then
//	    banner: ["greenhouse v2", "led={led}"]
//	    seed: 1
//	    every: 500ms                  # from line to line; default 1s
//	    flat_out: false               # true: without a pause, lossless
//	    lines: 100000                 # then the board falls silent; default: never
//	    format: pairs                 # pairs, plotter, csv, json: the signals, then the state
//	    line: "n={tick} t={temperature} led={led}"    # or a line of your own; tick counts the lines
//	    ending: crlf                  # default lf
//	    signals:                      # a name, how it moves, and for each:
//	      temperature:                # noise is the most that is added or subtracted
//	        {wave: sine, mean: 22, amplitude: 3, period: 60s, noise: 0.1, decimals: 2}
//	      humidity: {wave: walk, start: 55, step: 0.5, min: 30, max: 90, decimals: 1}
//	      level: {wave: ramp, from: 100, to: 0, period: 5m}
//	      supply: {wave: constant, value: 5}
//	    state: {led: off, mode: auto} # what commands change; each boot restores it
//	    commands:
//	      - {on: "led={value}", set: led, reply: "ok led={value}"}
//	      - {on: "H", set: led, to: "on"}
//	    unknown: "? {value}"          # reply to any other line; default: none
//	    faults:                       # times after the start
//	      - {at: 5s, do: garbage, for: 1s}
//	      - {at: 10s, do: unplug, for: 3s, every: 1m}
//	  fan:
//	    hello: fan-1                  # the board speaks docs/protocol.md, with this ID
//	    signals:
//	      speed: {wave: sine, mean: 900, amplitude: 50, period: 30s, decimals: 0, unit: rpm}
//	    state: {power: off, duty: 0}
//	    commands:
//	      - {on: "power={value}", takes: bool, set: power}
//	      - {on: "duty=13", refuse: "the fan is stuck"}
//	      - {on: "duty={value}", takes: int 0..255, set: duty, reply: "at {speed} rpm"}
//
// The faults are:
//
//	noise    one byte in a hundred is damaged, in both directions
//	garbage  random bytes in place of lines, as at a wrong baud
//	cut      half a line without its ending
//	silence  no readings; commands are still answered
//	flood    bytes without a line ending, as fast as baud allows
//	busy     the sketch is in a long delay: prints nothing, and of its input 63 bytes survive
//	hang     nothing is printed and nothing drained, so that a writer blocks
//	reset    boots again
//	unplug   port and link are gone; then a new port under the same link
//
// Without `for`, garbage and cut spoil one line, busy and hang last until the
// next reset, and the others do not end by themselves. A line is anything that ends like
// one, also a reply.
//
// A board with a hello is one with the library in firmware/arduino. It describes
// its signals with their units, its state, and its commands with their values
// (bool, int 0..255, enum auto|manual, text 20). It puts a checksum on each line,
// confirms each command with its reply or refuses it, and is never silent for
// more than ten seconds. It drops a line of more than 80 bytes, as the library does.
// Its commands have `on: NAME={value}`; lines for single
// values come before that.
//
// # What is real and what is not
//
// The port is a pty of the operating system (Linux and macOS; on other systems
// Plug returns an error). Bytes printed while no program has it open are lost, as
// are those for which its 4 KB buffer has no room. A reset on open comes up to
// 10 ms after the open, and a close with an open right after it may be missed. The
// port ignores the baud rate that a program sets, and has no modem lines. For real
// firmware with real timing see the folder avr.
//
// What a board prints depends on its Spec alone: signals move with the tick, not
// with the clock. The package imports neither bridge and no configuration, so
// that a mistake in what it tests is not repeated here. The board with a hello,
// package firmware, is tested with the dialogues of the library itself.
package simulator
