/* wire: one direction of a serial line whose two ends are set to different
 * baud rates. The sender draws levels over time; the receiver samples the
 * middle of the bits that it expects, and so gets the garbage of a real line.
 * Pure: no simulator, no clock; all times are in seconds. */
#ifndef WIRE_H
#define WIRE_H
#include <stdint.h>

struct wire {
	double drawn; /* up to when the levels are known */
	double start; /* when the byte being received began */
	enum { WIRE_IDLE, WIRE_BYTE, WIRE_BREAK } state;
	int bit; /* the next to sample; -1 is the start bit */
	unsigned value;
};

/* Receives a byte that the receiver has decoded. */
struct wire_sink {
	void (*put)(void *to, uint8_t byte);
	void *to;
};

/* The line is idle (high) until now; bit is the receiver's bit time. */
void wire_rest(struct wire *, double now, double bit, struct wire_sink);

/* A byte is sent from now on, by a sender with another bit time. */
void wire_send(struct wire *, double now, double sender_bit, double bit,
	       uint8_t byte, struct wire_sink);
#endif
