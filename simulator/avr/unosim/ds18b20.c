/* DS18B20: temperature (a, in 0.001 °C) on a 1-Wire bus of its own. */
#include <string.h>
#include "sim_cycle_timers.h"
#include "part.h"

enum { OFF, ROM_COMMAND, FUNCTION, SEND, MATCH, SEARCH, WRITE, ONES };

enum { /* microseconds */
	RESET_US = 400,
	ONE_US = 30, /* a shorter low pulse writes a 1 */
	PRESENCE_AFTER_US = 30,
	PRESENCE_US = 120,
	ZERO_US = 28,
	CONVERT_US = 600000
};

enum { ROM_BITS = 64, SCRATCHPAD_BYTES = 9 };

static uint8_t crc8(const uint8_t *data, int n)
{
	uint8_t crc = 0;

	while (n--) {
		uint8_t x = *data++;
		for (int i = 0; i < 8; i++, x >>= 1)
			crc = crc >> 1 ^ ((crc ^ x) & 1 ? 0x8c : 0);
	}
	return crc;
}

void ds18b20_init(struct part *p)
{
	static const uint8_t rom[8] = {0x28, 0xff, 0x64, 0x1e, 0x0f, 0x14, 0x02};
	static const uint8_t pad[9] = {0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10};

	memcpy(p->ds.rom, rom, sizeof rom);
	memcpy(p->ds.scratchpad, pad, sizeof pad);
	p->ds.rom[7] = crc8(rom, 7);
}

static avr_cycle_count_t release_line(avr_t *avr, avr_cycle_count_t when, void *param)
{
	(void)avr;
	(void)when;
	part_drive(param, 1);
	return 0;
}

static avr_cycle_count_t pull_low(avr_t *avr, avr_cycle_count_t when, void *param)
{
	struct part *p = param;

	(void)when;
	part_drive(p, 0);
	avr_cycle_timer_register(avr, part_cycles(p, p->ds.hold_us), release_line, p);
	return 0;
}

static void hold_low(struct part *p, avr_cycle_count_t in, int us)
{
	p->ds.hold_us = us;
	avr_cycle_timer_register(p->avr, in, pull_low, p);
}

void ds18b20_reset(struct part *p)
{
	avr_cycle_timer_cancel(p->avr, pull_low, p);
	avr_cycle_timer_cancel(p->avr, release_line, p);
	p->ds.mode = OFF;
}

/* The master reads a slot: to send a 1, leave the line alone. */
static void answer(struct part *p, int bit)
{
	if (!bit)
		hold_low(p, 1, ZERO_US);
}

static void expect(struct ds18b20 *ds, int mode, int bits)
{
	ds->mode = mode;
	ds->bits = 0;
	ds->wanted = bits;
	memset(ds->rx, 0, sizeof ds->rx);
}

static void send(struct ds18b20 *ds, const uint8_t *data, int n)
{
	memcpy(ds->tx, data, n);
	expect(ds, SEND, n * 8);
}

static void convert(struct part *p)
{
	int sixteenths = p->a * 16 / 1000;

	p->ds.scratchpad[0] = sixteenths;
	p->ds.scratchpad[1] = sixteenths >> 8;
	p->ds.busy_until = p->avr->cycle + part_cycles(p, CONVERT_US);
	p->ds.mode = ONES;
}

static void read_scratchpad(struct ds18b20 *ds)
{
	ds->scratchpad[8] = crc8(ds->scratchpad, 8);
	send(ds, ds->scratchpad, SCRATCHPAD_BYTES);
}

static void command(struct part *p, uint8_t code)
{
	struct ds18b20 *ds = &p->ds;

	switch (code) {
	case 0x33: send(ds, ds->rom, 8); break;		/* read ROM */
	case 0x55: expect(ds, MATCH, ROM_BITS); break;	/* match ROM */
	case 0xcc: expect(ds, FUNCTION, 8); break;	/* skip ROM */
	case 0xf0: expect(ds, SEARCH, 3 * ROM_BITS); break;
	case 0x44: convert(p); break;
	case 0xbe: read_scratchpad(ds); break;
	case 0x4e: expect(ds, WRITE, 24); break;
	case 0xb4: case 0x48: case 0xb8: ds->mode = ONES; break; /* power, copy, recall */
	default: ds->mode = OFF;
	}
}

/* Each bit of the ROM takes three slots: the bit, its inverse, the master's choice. */
static void search(struct part *p, int written)
{
	struct ds18b20 *ds = &p->ds;
	int n = ds->bits / 3, mine = ds->rom[n / 8] >> n % 8 & 1;

	switch (ds->bits++ % 3) {
	case 0: answer(p, mine); return;
	case 1: answer(p, !mine); return;
	}
	if (written != mine)
		ds->mode = OFF;
	else if (ds->bits == ds->wanted)
		expect(ds, FUNCTION, 8);
}

static void send_bit(struct part *p)
{
	struct ds18b20 *ds = &p->ds;

	answer(p, ds->tx[ds->bits / 8] >> ds->bits % 8 & 1);
	if (++ds->bits == ds->wanted)
		ds->mode = OFF;
}

static void received(struct part *p)
{
	struct ds18b20 *ds = &p->ds;

	switch (ds->mode) {
	case ROM_COMMAND:
	case FUNCTION:
		command(p, ds->rx[0]);
		break;
	case MATCH:
		if (memcmp(ds->rx, ds->rom, 8))
			ds->mode = OFF;
		else
			expect(ds, FUNCTION, 8);
		break;
	case WRITE:
		memcpy(ds->scratchpad + 2, ds->rx, 3);
		ds->mode = OFF;
		break;
	}
}

static void receive_bit(struct part *p, int bit)
{
	struct ds18b20 *ds = &p->ds;

	ds->rx[ds->bits / 8] |= bit << ds->bits % 8;
	if (++ds->bits == ds->wanted)
		received(p);
}

/* A time slot ended, in which the master wrote bit or left it to us. */
static void slot(struct part *p, int bit)
{
	switch (p->ds.mode) {
	case OFF: break;
	case ONES: answer(p, p->avr->cycle >= p->ds.busy_until); break;
	case SEND: send_bit(p); break;
	case SEARCH: search(p, bit); break;
	default: receive_bit(p, bit);
	}
}

void ds18b20_edge(struct part *p, int level, uint64_t lasted)
{
	if (!level)
		return;
	if (lasted > part_cycles(p, RESET_US)) {
		expect(&p->ds, ROM_COMMAND, 8);
		hold_low(p, part_cycles(p, PRESENCE_AFTER_US), PRESENCE_US);
		return;
	}
	slot(p, lasted < part_cycles(p, ONE_US));
}
