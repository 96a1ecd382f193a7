/* part: the common part of the virtual sensors, for parts.c and its kinds only. */
#ifndef PART_H
#define PART_H
#include "board.h"

enum { PART_LEVELS = 100 }; /* a DHT22's answer is 85 */

struct part;
/* Called with the number of cycles for which the pin had its last level. */
typedef void part_edge(struct part *, int level, uint64_t lasted);

struct part {
	avr_t *avr;
	avr_irq_t *in, *out;
	part_edge *edge;
	int a, b;	 /* the measured values */
	int driving;	 /* the edges seen now are its own */
	int level;	 /* of the board, when it was last seen */
	int holds_low;
	uint64_t edge_at;
	struct {	 /* levels to play, one after the other */
		uint8_t level;
		uint16_t us;
	} play[PART_LEVELS];
	int played, playing;
	struct ds18b20 { /* see ds18b20.c */
		uint8_t rom[8], scratchpad[9], tx[9], rx[9];
		int mode, bits, wanted, hold_us;
		uint64_t busy_until;
	} ds;
};

uint64_t part_cycles(const struct part *, double us);
void part_drive(struct part *, int level);
void part_add_level(struct part *, int level, int us);
void part_play(struct part *);

part_edge dht22_edge, ping_edge, ds18b20_edge;
void ds18b20_init(struct part *);
void ds18b20_reset(struct part *);
#endif
