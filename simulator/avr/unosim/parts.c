#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sim_cycle_timers.h"
#include "sim_io.h"
#include "avr_ioport.h"
#include "part.h"
#include "parts.h"

uint64_t part_cycles(const struct part *p, double us)
{
	return us * p->avr->frequency / 1e6;
}

void part_drive(struct part *p, int level)
{
	p->driving++;
	p->holds_low = !level;
	avr_raise_irq(p->out, level);
	p->driving--;
}

void part_add_level(struct part *p, int level, int us)
{
	if (p->playing == PART_LEVELS)
		return;
	p->play[p->playing].level = level;
	p->play[p->playing++].us = us;
}

static avr_cycle_count_t play_next(avr_t *avr, avr_cycle_count_t when, void *param)
{
	struct part *p = param;

	(void)avr;
	if (p->played == p->playing) {
		p->played = p->playing = 0;
		return 0;
	}
	part_drive(p, p->play[p->played].level);
	return when + part_cycles(p, p->play[p->played++].us);
}

void part_play(struct part *p)
{
	avr_cycle_timer_register(p->avr, 1, play_next, p);
}

/* A moment later: the callback of a change cannot undo the change. */
static avr_cycle_count_t hold_on(avr_t *avr, avr_cycle_count_t when, void *param)
{
	struct part *p = param;

	(void)avr;
	(void)when;
	if (p->holds_low)
		part_drive(p, 0);
	return 0;
}

static void pin_changed(struct avr_irq_t *irq, uint32_t value, void *param)
{
	struct part *p = param;
	uint64_t lasted = p->avr->cycle - p->edge_at;
	int level = value & 1;

	(void)irq;
	if (p->driving)
		return;
	if (level == p->level) {
		/* pinMode writes two registers, and at each simavr tells the
		 * level, the pull-up's over ours */
		if (p->holds_low && p->in == p->out)
			avr_cycle_timer_register(p->avr, 1, hold_on, p);
		return;
	}
	p->level = level;
	p->edge_at = p->avr->cycle;
	p->edge(p, level, lasted);
}

/* simavr's ioctl for this would overwrite the resistors of the other pins. */
static void pull_up(struct part *p, char port, int bit)
{
	for (avr_io_t *io = p->avr->io_port; io; io = io->next) {
		avr_ioport_t *candidate = (avr_ioport_t *)io;
		if (strcmp(io->kind, "port") || candidate->name != port)
			continue;
		candidate->external.pull_mask |= 1 << bit;
		candidate->external.pull_value |= 1 << bit;
	}
	avr_raise_irq(p->in, 1);
}

struct pins {
	char in, out;
	int in_bit, out_bit;
};

static int parse(struct part *p, const char *spec, struct pins *pins)
{
	if (sscanf(spec, "dht22:%c%d:%d:%d", &pins->in, &pins->in_bit, &p->a, &p->b) == 4)
		p->edge = dht22_edge;
	else if (sscanf(spec, "ds18b20:%c%d:%d", &pins->in, &pins->in_bit, &p->a) == 3)
		p->edge = ds18b20_edge;
	else if (sscanf(spec, "ping:%c%d:%c%d:%d", &pins->in, &pins->in_bit,
			&pins->out, &pins->out_bit, &p->a) == 5)
		p->edge = ping_edge;
	else
		return -1;
	if (p->edge != ping_edge) {
		pins->out = pins->in;
		pins->out_bit = pins->in_bit;
	}
	return pins->in_bit < 0 || pins->in_bit > 7 || pins->out_bit < 0 || pins->out_bit > 7;
}

static avr_irq_t *pin_irq(struct part *p, char port, int bit)
{
	return avr_io_getirq(p->avr, AVR_IOCTL_IOPORT_GETIRQ(port), bit);
}

struct part *part_new(struct board *b, const char *spec)
{
	struct part *p = calloc(1, sizeof *p);
	struct pins pins;

	if (!p)
		return NULL;
	p->avr = b->avr;
	if (!parse(p, spec, &pins)) {
		p->in = pin_irq(p, pins.in, pins.in_bit);
		p->out = pin_irq(p, pins.out, pins.out_bit);
	}
	if (!p->in || !p->out) {
		part_free(p);
		return NULL;
	}
	if (p->edge != ping_edge)
		pull_up(p, pins.in, pins.in_bit);
	ds18b20_init(p);
	p->level = p->edge != ping_edge;
	avr_irq_register_notify(p->in, pin_changed, p);
	return p;
}

void part_free(struct part *p)
{
	free(p);
}

void part_reset(struct part *p)
{
	avr_cycle_timer_cancel(p->avr, play_next, p);
	avr_cycle_timer_cancel(p->avr, hold_on, p);
	p->played = p->playing = 0;
	ds18b20_reset(p);
	if (p->edge != ping_edge)
		part_drive(p, 1);
}

void part_set(struct part *p, int a, int b)
{
	p->a = a;
	p->b = b;
}
