/* What simavr 1.6 leaves out of the deepest sleep: it lets the timers run, so that
 * millis() would wake the board each millisecond, and it raises the interrupt of the
 * watchdog only once. */
#include <string.h>
#include "sim_cycle_timers.h"
#include "sim_interrupts.h"
#include "sim_io.h"
#include "avr_timer.h"
#include "avr_watchdog.h"
#include "board.h"

enum { SMCR = 0x53, SLEEP_MODE = 0x0e, POWER_DOWN = 0x04, CLOCK_SELECT = 0x07 };

static void set_register(avr_t *avr, avr_io_addr_t reg, uint8_t value)
{
	avr_io_addr_t at = AVR_DATA_TO_IO(reg);

	avr->io[at].w.c(avr, reg, value, avr->io[at].w.param);
}

static void stop_clocks(struct board *b)
{
	int n = 0;

	for (avr_io_t *io = b->avr->io_port; io && n < BOARD_TIMERS; io = io->next) {
		if (strcmp(io->kind, "timer"))
			continue;
		avr_io_addr_t reg = ((avr_timer_t *)io)->cs[0].reg;
		b->stopped[n++] = (struct clock){reg, b->avr->data[reg]};
		set_register(b->avr, reg, b->avr->data[reg] & ~CLOCK_SELECT);
	}
}

static void start_clocks(struct board *b)
{
	for (int i = 0; i < BOARD_TIMERS && b->stopped[i].reg; i++)
		set_register(b->avr, b->stopped[i].reg, b->stopped[i].value);
}

void board_follow_sleep(struct board *b)
{
	int deep = b->avr->state == cpu_Sleeping &&
		   (b->avr->data[SMCR] & SLEEP_MODE) == POWER_DOWN;

	if (deep == b->deep)
		return;
	b->deep = deep;
	for (int i = 0; i < BOARD_UARTS; i++)
		b->uart[i].asleep = deep;
	if (deep)
		stop_clocks(b);
	else
		start_clocks(b);
}

static avr_cycle_count_t bark_again(struct avr_t *avr, avr_cycle_count_t when, void *param)
{
	struct board *b = param;

	avr_regbit_set(avr, b->watchdog->watchdog.enable);
	avr_ioctl(avr, AVR_IOCTL_WATCHDOG_RESET, NULL);
	(void)when;
	return 0;
}

/* When its interrupt is served (0), simavr switches the watchdog off. That is right
 * only if it is to reset the board the next time. */
static void on_bark(struct avr_irq_t *irq, uint32_t value, void *param)
{
	struct board *b = param;

	if (!value && avr_regbit_get(b->avr, b->watchdog->watchdog.enable) &&
	    !avr_regbit_get(b->avr, b->watchdog->wde))
		avr_cycle_timer_register(b->avr, 1, bark_again, b);
	(void)irq;
}

void board_watch_watchdog(struct board *b)
{
	for (avr_io_t *io = b->avr->io_port; io; io = io->next) {
		if (strcmp(io->kind, "watchdog"))
			continue;
		b->watchdog = (avr_watchdog_t *)io;
		avr_irq_register_notify(
			avr_get_interrupt_irq(b->avr, b->watchdog->watchdog.vector) + AVR_INT_IRQ_PENDING,
			on_bark, b);
	}
}
