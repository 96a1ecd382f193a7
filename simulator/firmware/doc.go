// Package firmware is the program on a virtual board that describes itself and
// confirms commands: it does on the wire what the library in firmware/arduino
// does, by docs/protocol.md. The dialogues in that library's extras/test/vectors.txt
// bind both.
//
// A Board is a pure state machine. It is given bytes as they come off the wire,
// and the time; it gives lines back. So the simulator runs it on a real port, and
// a test in a time of its own. It has the 63 bytes of input of an AVR, and takes
// none out of them but in Loop: a sketch that is busy is one whose Loop is not
// called.
package firmware
