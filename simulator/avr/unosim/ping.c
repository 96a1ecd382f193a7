/* HC-SR04 and the like: distance (a, in cm; 0 is out of order). */
#include "part.h"

enum { US_PER_CM = 58, LONGEST_US = 65000 };

void ping_edge(struct part *p, int level, uint64_t lasted)
{
	int echo = p->a > LONGEST_US / US_PER_CM ? LONGEST_US : p->a * US_PER_CM;

	(void)lasted;
	if (level || p->playing || p->a <= 0)
		return;
	part_add_level(p, 0, 500);
	part_add_level(p, 1, echo);
	part_add_level(p, 0, 1);
	part_play(p);
}
