#include "wire.h"

enum { START_BIT = -1, STOP_BIT = 8, FRAME_BITS = 10 };

static void begin_byte(struct wire *w, double at)
{
	w->start = at;
	w->bit = START_BIT;
	w->value = 0;
	w->state = WIRE_BYTE;
}

static void sample(struct wire *w, int level, struct wire_sink sink)
{
	if (w->bit == START_BIT && level) {
		w->state = WIRE_IDLE; /* a glitch, not a start bit */
		return;
	}
	if (w->bit == STOP_BIT) {
		sink.put(sink.to, w->value);
		w->state = level ? WIRE_IDLE : WIRE_BREAK;
		return;
	}
	if (w->bit >= 0)
		w->value |= (unsigned)level << w->bit;
	w->bit++;
}

/* The line has one level from a to b. */
static void draw(struct wire *w, double a, double b, int level, double bit,
		 struct wire_sink sink)
{
	for (double t = a;;) {
		switch (w->state) {
		case WIRE_IDLE:
			if (level)
				return;
			begin_byte(w, t);
			break;
		case WIRE_BYTE:
			t = w->start + (w->bit + 1.5) * bit;
			if (t >= b)
				return;
			sample(w, level, sink);
			break;
		case WIRE_BREAK: /* a framing error: wait for a high line */
			if (!level)
				return;
			w->state = WIRE_IDLE;
			break;
		}
	}
}

void wire_rest(struct wire *w, double now, double bit, struct wire_sink sink)
{
	if (now <= w->drawn)
		return;
	draw(w, w->drawn, now, 1, bit, sink);
	w->drawn = now;
}

void wire_send(struct wire *w, double now, double sender_bit, double bit,
	       uint8_t byte, struct wire_sink sink)
{
	unsigned frame = 0x200u | (unsigned)byte << 1; /* start 0, data, stop 1 */

	wire_rest(w, now, bit, sink);
	for (int i = 0; i < FRAME_BITS; i++, w->drawn += sender_bit)
		draw(w, w->drawn, w->drawn + sender_bit, (frame >> i) & 1, bit, sink);
}
