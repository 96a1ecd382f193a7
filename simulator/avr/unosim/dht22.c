/* DHT22: temperature (a, in 0.1 °C) and humidity (b, in 0.1 %). */
#include <stdlib.h>
#include "part.h"

enum {
	START_US = 500, /* the host holds the line low this long to ask */
	SHORT_US = 26,
	LONG_US = 70,
	BITS = 40
};

static void measure(const struct part *p, uint8_t data[5])
{
	uint16_t humidity = p->b;
	uint16_t temperature = abs(p->a) | (p->a < 0 ? 0x8000 : 0);

	data[0] = humidity >> 8;
	data[1] = humidity;
	data[2] = temperature >> 8;
	data[3] = temperature;
	data[4] = data[0] + data[1] + data[2] + data[3];
}

void dht22_edge(struct part *p, int level, uint64_t lasted)
{
	uint8_t data[5];

	if (!level || lasted < part_cycles(p, START_US) || p->playing)
		return;
	measure(p, data);
	part_add_level(p, 1, 30);
	part_add_level(p, 0, 80);
	part_add_level(p, 1, 80);
	for (int i = 0; i < BITS; i++) {
		int bit = data[i / 8] >> (7 - i % 8) & 1;
		part_add_level(p, 0, 50);
		part_add_level(p, 1, bit ? LONG_US : SHORT_US);
	}
	part_add_level(p, 0, 50);
	part_add_level(p, 1, 1);
	part_play(p);
}
