// Package firmware is the program on a virtual board that describes itself and
// confirms commands. On the wire it does what the library in firmware/arduino
// does, by docs/protocol.md. The dialogues in that library's
// extras/test/vectors.txt bind both.
//
// A Board is a pure state machine: bytes from the wire and times go in, lines
// come out. So the simulator can run it on a real port, and a test in simulated
// time. It has the 63 bytes of input of an AVR, and reads them only in Loop: a
// sketch is busy while its Loop is not called.
package firmware
