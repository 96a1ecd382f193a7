/* pace: how many cycles a board owes to the clock. Pure: time is data. */
#ifndef PACE_H
#define PACE_H
#include <stdint.h>

#define PACE_SLICE 0.001 /* seconds between two looks at the clock */

struct pace {
	double hz;
	double speed; /* 1 is real time, 0 as fast as possible */
	double since; /* the moment when the count starts … */
	uint64_t from; /* … and the board's cycles then */
	unsigned slips; /* how often the machine was too slow */
	double slipped; /* seconds lost by that */
};

void pace_restart(struct pace *, double now, uint64_t cycles);
uint64_t pace_due(struct pace *, double now, uint64_t cycles);
#endif
