#include "pace.h"

static const double worst_lag = 0.25;   /* seconds of lag that the board may catch up */
static const double free_slice = 0.01;  /* simulated seconds a turn at speed 0 */
static const int longest_run = 4;	/* most slices a turn, so that the port is served */

void pace_restart(struct pace *p, double now, uint64_t cycles)
{
	p->since = now;
	p->from = cycles;
}

uint64_t pace_due(struct pace *p, double now, uint64_t cycles)
{
	double rate = p->hz * p->speed, slice = PACE_SLICE * rate;
	double due = p->from + (now - p->since) * rate - cycles;

	if (p->speed <= 0)
		return free_slice * p->hz;
	if (due > worst_lag * rate) {
		/* slip: racing to catch up would starve the other boards */
		p->slipped += due / rate;
		p->slips++;
		pace_restart(p, now, cycles);
		due = slice;
	}
	if (due > longest_run * slice)
		due = longest_run * slice;
	return due >= 1 ? due : 0;
}
