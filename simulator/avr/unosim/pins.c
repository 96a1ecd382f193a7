/* The board's pins as seen from outside: levels, voltages, duty cycles. */
#include <string.h>
#include "sim_io.h"
#include "avr_adc.h"
#include "avr_ioport.h"
#include "avr_timer.h"
#include "board.h"

int board_pin(struct board *b, char port, int bit)
{
	avr_ioport_state_t s;

	if (avr_ioctl(b->avr, AVR_IOCTL_IOPORT_GETSTATE(port), &s))
		return PIN_INPUT;
	return s.ddr >> bit & 1 ? (int)(s.port >> bit & 1) : PIN_INPUT;
}

static avr_irq_t *pin_irq(struct board *b, char port, int bit)
{
	if (port < 'A' || port >= 'A' + BOARD_PORTS || bit < 0 || bit > 7)
		return NULL;
	return avr_io_getirq(b->avr, AVR_IOCTL_IOPORT_GETIRQ(port), bit);
}

static void note_level(avr_irq_t *irq, uint32_t value, void *param)
{
	struct pin_history *h = param;
	unsigned level = value & 1;

	(void)irq;
	h->changes += level != h->level;
	h->level = level;
}

void board_watch_pins(struct board *b)
{
	for (int port = 0; port < BOARD_PORTS; port++)
		for (int bit = 0; bit < 8; bit++) {
			avr_irq_t *irq = pin_irq(b, 'A' + port, bit);

			if (irq)
				avr_irq_register_notify(irq, note_level, &b->pins[port][bit]);
		}
}

int64_t board_pin_changes(struct board *b, char port, int bit)
{
	return pin_irq(b, port, bit) ? (int64_t)b->pins[port - 'A'][bit].changes : -1;
}

static int drive(avr_irq_t *irq, uint32_t value)
{
	if (!irq)
		return -1;
	avr_raise_irq(irq, value);
	return 0;
}

int board_set_pin(struct board *b, char port, int bit, int level)
{
	if (drive(pin_irq(b, port, bit), level != 0))
		return -1;
	b->driven[port - 'A'][bit] = level ? 'H' : 'L';
	return 0;
}

/* A reset clears the levels that simavr knows, but not the last ones it reported.
 * It would not report the same level again, neither one from outside nor that of
 * a pull-up which the sketch switches on as before. */
void board_drive_pins(struct board *b)
{
	for (int port = 0; port < BOARD_PORTS; port++)
		for (int bit = 0; bit < 8; bit++) {
			avr_irq_t *irq = pin_irq(b, 'A' + port, bit);

			if (irq)
				irq->flags |= IRQ_FLAG_INIT;
			if (b->driven[port][bit])
				board_set_pin(b, 'A' + port, bit, b->driven[port][bit] == 'H');
		}
}

int board_set_adc(struct board *b, int channel, int millivolt)
{
	if (channel < 0 || channel > 7)
		return -1;
	return drive(avr_io_getirq(b->avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + channel), millivolt);
}

int board_peek(struct board *b, int address)
{
	return address < 0 || address > b->avr->ramend ? -1 : b->avr->data[address];
}

/* The register address of a port, to find it in a timer's output pin. */
static avr_io_addr_t port_register(avr_t *avr, char port)
{
	for (avr_io_t *io = avr->io_port; io; io = io->next)
		if (!strcmp(io->kind, "port") && ((avr_ioport_t *)io)->name == port)
			return ((avr_ioport_t *)io)->r_port;
	return 0;
}

/* Returns the comparator that drives a pin now; NULL if none does. */
static const avr_timer_comp_t *comparator(avr_t *avr, const avr_timer_t *timer,
					  avr_io_addr_t port, int bit)
{
	for (int i = 0; i < AVR_TIMER_COMP_COUNT; i++) {
		const avr_timer_comp_t *c = &timer->comp[i];
		if (c->com_pin.reg == port && c->com_pin.bit == (unsigned)bit &&
		    avr_regbit_get(avr, c->com) != avr_timer_com_normal)
			return c;
	}
	return NULL;
}

static int register16(const avr_t *avr, avr_io_addr_t low, avr_io_addr_t high)
{
	return avr->data[low] | (high ? avr->data[high] << 8 : 0);
}

/* Where the counter turns, by the data sheet's tables of waveform generation
 * modes. simavr 1.6 does not know the top in the mode of analogWrite. */
static int timer_top(avr_t *avr, const avr_timer_t *timer)
{
	enum { OCRA = -1, ICR = -2 };
	static const int top16[16] = {0xffff, 0xff, 0x1ff, 0x3ff, OCRA, 0xff, 0x1ff, 0x3ff,
				      ICR, OCRA, ICR, OCRA, ICR, 0xffff, ICR, OCRA};
	static const int top8[8] = {0xff, 0xff, OCRA, 0xff, 0xff, OCRA, 0xff, OCRA};
	const avr_timer_comp_t *a = &timer->comp[AVR_TIMER_COMPA];
	int mode = avr_regbit_get_array(avr, (avr_regbit_t *)timer->wgm, 4);
	int top = a->r_ocrh ? top16[mode & 15] : top8[mode & 7];

	switch (top) {
	case OCRA: return register16(avr, a->r_ocr, a->r_ocrh);
	case ICR: return register16(avr, timer->r_icr, timer->r_icrh);
	}
	return top;
}

static struct duty compare_duty(avr_t *avr, const avr_timer_t *timer, const avr_timer_comp_t *c)
{
	struct duty d = {register16(avr, c->r_ocr, c->r_ocrh), timer_top(avr, timer)};

	if (avr_regbit_get(avr, c->com) == avr_timer_com_set)
		d.value = d.top - d.value; /* inverted */
	return d;
}

struct duty board_duty(struct board *b, char port, int bit)
{
	avr_io_addr_t reg = port_register(b->avr, port);
	struct duty level = {board_pin(b, port, bit), 1};

	if (!reg || level.value == PIN_INPUT)
		return level;
	for (avr_io_t *io = b->avr->io_port; io; io = io->next) {
		if (strcmp(io->kind, "timer"))
			continue;
		const avr_timer_t *timer = (const avr_timer_t *)io;
		const avr_timer_comp_t *c = comparator(b->avr, timer, reg, bit);
		if (c)
			return compare_duty(b->avr, timer, c);
	}
	return level;
}
