// Package simulator is the far end of the wire: virtual Arduino boards on real
// pseudo-terminals. A program opens their ports as it opens /dev/ttyACM0, and
// meets what real boards do to it: they boot, print, answer, fall silent, spout
// garbage, hang, and are unplugged.
//
// # For tests
//
// A board in a test takes a line; the zero Spec prints nothing of itself:
//
//	board := simulator.New(t, simulator.Spec{Name: "greenhouse"})
//	go program(board.Path())
//	board.Println("temperature=23.5")
//	line, err := board.Received(ctx) // what the program wrote
//	board.Unplug()
//
// With a Hello in its Spec it describes itself and confirms commands.
// With Signals a board prints by itself; [Spec.LineAt] tells beforehand what.
// With FlatOut and Lines it prints a million lines as fast as they are read.
//
// # Scenarios
//
// A scenario describes boards that run together. [Load] reads it from YAML,
// [Start] plugs its boards in; `gateway simulate FILE` does both. It has all the
// keys that there are:
//
//	dir: run                          # where the ports' links go; default: the folder of this file
//	seed: 7                           # is added to each board's; equal seeds, equal bytes
//	boards:
//	  greenhouse:                     # the board's name, and that of its link
//	    link: greenhouse-port         # another name for the link, or a path
//	    baud: 9600                    # default 115200; counts for pace and flood
//	    pace: true                    # print no faster than baud; default: as fast as it goes
//	    lossless: false               # true: wait for a slow reader instead of losing bytes
//	    reset_on_open: true           # as DTR resets an Uno
//	    boot: 500ms                   # from power or reset to the first line; input is lost meanwhile
//	    banner: ["greenhouse v2", "led={led}"]
//	    seed: 1
//	    every: 500ms                  # from line to line; default 1s
//	    flat_out: false               # true: without a pause, lossless
//	    lines: 100000                 # then it falls silent; default: never
//	    format: pairs                 # pairs, plotter, csv, json: signals, then state
//	    line: "n={tick} t={temperature} led={led}"    # or in your own words; tick counts the lines
//	    ending: crlf                  # default lf
//	    signals:                      # a name, how it moves, and for each:
//	      temperature:                # noise (up to so much is added or taken away),
//	        {wave: sine, mean: 22, amplitude: 3, period: 60s, noise: 0.1, decimals: 2}
//	      humidity: {wave: walk, start: 55, step: 0.5, min: 30, max: 90, decimals: 1}
//	      level: {wave: ramp, from: 100, to: 0, period: 5m}
//	      supply: {wave: constant, value: 5}
//	    state: {led: off, mode: auto} # what commands change; as here again after each boot
//	    commands:
//	      - {on: "led={value}", set: led, reply: "ok led={value}"}
//	      - {on: "H", set: led, to: "on"}
//	    unknown: "? {value}"          # reply to anything else; default: none
//	    faults:                       # times since the start
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
// Without `for` garbage and cut spoil one line, busy and hang last until the
// next reset, the others for good. A line is whatever ends like one: an answer too.
//
// A board with a hello is one with the library in firmware/arduino. It tells of
// its signals with their units, its state and its commands with what they take
// (bool, int 0..255, enum auto|manual, text 20), has a checksum on each line,
// confirms each command with its reply, or refuses it, and is silent for no longer
// than ten seconds. What stands under `on` is NAME={value}; a single value of it
// may be dealt with before.
//
// # What is real and what is not
//
// The port is a pty of the operating system (Linux and macOS; elsewhere Plug
// fails and says so). Bytes printed while no program has it open are lost, as
// are those for which its 4 KB buffer has no room, and the first 10 ms after an
// open may pass before reset_on_open strikes; a close and an open at once may be
// taken for none. A baud set by the program is not looked at, and there are no
// modem lines. For real firmware with real timing see the folder avr.
//
// What a board prints depends on its Spec alone: signals move with the tick,
// not with the clock. It imports neither bridge and no configuration, so that
// nothing that it is meant to test can be wrong in the same way here; what a board
// with a hello does, package firmware, is held to the library's own dialogues.
package simulator
