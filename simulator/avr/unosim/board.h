/* board: a simulated Arduino on libsimavr 1.6 (Debian 12). No threads, clocks
 * or file descriptors in here: the caller decides when the board runs and for
 * how many cycles. */
#ifndef BOARD_H
#define BOARD_H
#include <stdint.h>
#include "uart.h"
#include "avr_watchdog.h"

enum { BOARD_UARTS = 4, BOARD_TIMERS = 6, BOARD_PORTS = 'L' - 'A' + 1 };

/* The last level of a pin that simavr reported, driven from either side. */
struct pin_history {
	unsigned level;
	uint64_t changes;
};

/* A timer's register with its clock, as it was before a sleep. */
struct clock {
	avr_io_addr_t reg;
	uint8_t value;
};

struct board {
	avr_t *avr;
	struct uart uart[BOARD_UARTS];
	uint64_t resets;
	uint64_t watchdog_resets; /* of these */
	int pulling; /* the reset that goes on is one of ours */
	void (*reset_chip)(avr_t *);
	avr_watchdog_t *watchdog;
	int deep; /* in the deepest sleep */
	struct clock stopped[BOARD_TIMERS];
	avr_flashaddr_t start; /* where the CPU begins after a reset */
	char driven[BOARD_PORTS][8]; /* from outside: 'H', 'L', or 0 for not */
	struct pin_history pins[BOARD_PORTS][8];
};

struct board *board_new(const char *mcu, uint32_t hz); /* NULL: no such MCU */
void board_free(struct board *);

/* Loads a .hex or .elf; may be called more than once. Of a bootloader, the CPU
 * starts at its lowest address, as with the BOOTRST fuse. 0 is success. */
int board_load(struct board *, const char *path, int bootloader);

void board_reset(struct board *); /* pulls the RESET line */

/* Runs for n cycles and a few more; 0 once the CPU stopped for good. */
int board_run(struct board *, uint64_t n);
const char *board_end(const struct board *); /* why it stopped */

/* Pins are named as the chip's data sheet does: port 'B', bit 5. */
enum { PIN_INPUT = -1 };
int board_pin(struct board *, char port, int bit); /* the driven level, or PIN_INPUT */
int board_set_pin(struct board *, char port, int bit, int level); /* 0: done */
void board_drive_pins(struct board *); /* again, after a reset by simavr */
/* sleep.c */
void board_watch_watchdog(struct board *); /* once */
void board_follow_sleep(struct board *);   /* after each step of the CPU */

void board_watch_pins(struct board *); /* starts to count their changes */
int64_t board_pin_changes(struct board *, char port, int bit); /* -1: no such pin */
int board_set_adc(struct board *, int channel, int millivolt);	  /* 0: done */
int board_peek(struct board *, int address); /* registers and RAM; -1: outside */

/* How long a pin is high: value of top parts of the time. A pin that no timer
 * drives is its level of 1. */
struct duty {
	int value, top;
};
struct duty board_duty(struct board *, char port, int bit);
#endif
