#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "sim_cycle_timers.h"
#include "sim_elf.h"
#include "sim_io.h"
#include "avr_extint.h"
#include "board.h"
#include "hex.h"

enum {
	SUPPLY_MV = 5000,
	EXTERNAL_INTERRUPTS = 8,
	STRETCH = 100000 /* most cycles that simavr runs up to its next timer */
};

static char last_error[120];

/* Keeps the reason of a crash: the last message before "avr_sadly_crashed". */
static void keep_error(const char *format, va_list args)
{
	char text[sizeof last_error];
	va_list again;

	va_copy(again, args);
	vsnprintf(text, sizeof text, format, again);
	va_end(again);
	if (!strstr(text, "avr_sadly_crashed"))
		memcpy(last_error, text, sizeof text);
}

/* Returns the words of that message, without the colours around them. */
static const char *crash_reason(void)
{
	char *reason = strstr(last_error, "*** ");

	reason = reason ? reason + strlen("*** ") : last_error;
	reason[strcspn(reason, "\n\033")] = 0;
	return *reason ? reason : "it crashed";
}

/* UNOSIM_DEBUG=4 shows the messages of simavr. */
static void log_simavr(struct avr_t *avr, const int level, const char *format, va_list args)
{
	const char *wanted = getenv("UNOSIM_DEBUG");

	if (level == LOG_ERROR)
		keep_error(format, args);
	if (wanted && level <= atoi(wanted))
		vfprintf(stderr, format, args);
	(void)avr;
}

/* The caller paces the board; simavr would sleep on its own clock. */
static void no_sleep(avr_t *avr, avr_cycle_count_t cycles)
{
	(void)avr;
	(void)cycles;
}

static void restart(struct board *b)
{
	b->avr->sleep = no_sleep;
	b->avr->run_cycle_limit = STRETCH;
	b->avr->pc = b->start;
}

/* Called by simavr within each reset: those of ours, and those of the watchdog. */
static void on_reset(avr_t *avr)
{
	struct board *b = avr->custom.data;

	b->deep = 0;
	b->resets++;
	b->watchdog_resets += !b->pulling;
	for (int i = 0; i < BOARD_UARTS; i++)
		uart_reset(&b->uart[i]);
	b->reset_chip(avr);
}

static void attach_uarts(struct board *b)
{
	for (avr_io_t *io = b->avr->io_port; io; io = io->next) {
		if (strcmp(io->kind, "uart"))
			continue;
		avr_uart_t *uart = (avr_uart_t *)io;
		int n = uart->name - '0';
		if (n >= 0 && n < BOARD_UARTS)
			uart_attach(&b->uart[n], b->avr, uart);
	}
}

struct board *board_new(const char *mcu, uint32_t hz)
{
	avr_global_logger_set(log_simavr);
	avr_t *avr = avr_make_mcu_by_name(mcu);
	struct board *b = calloc(1, sizeof *b);
	if (!avr || !b)
		return NULL;
	b->avr = avr;
	avr_init(avr);
	avr->frequency = hz;
	avr->vcc = avr->avcc = avr->aref = SUPPLY_MV;
	avr->gdb_port = 0;
	avr->log = 0;
	avr->codeend = avr->flashend;
	attach_uarts(b);
	board_watch_pins(b);
	board_watch_watchdog(b);
	avr->custom.data = b;
	b->reset_chip = avr->reset;
	avr->reset = on_reset;
	restart(b);
	return b;
}

void board_free(struct board *b)
{
	avr_terminate(b->avr);
	free(b->avr);
	free(b);
}

static int load_elf(struct board *b, const char *path)
{
	elf_firmware_t f = {0};

	if (elf_read_firmware(path, &f) == -1)
		return -1;
	int fits = f.flashbase + f.flashsize <= b->avr->flashend + 1;
	if (fits)
		memcpy(b->avr->flash + f.flashbase, f.flash, f.flashsize);
	free(f.flash);
	return fits ? 0 : -1;
}

int board_load(struct board *b, const char *path, int bootloader)
{
	const char *dot = strrchr(path, '.');
	int is_hex = dot && !strcasecmp(dot, ".hex");
	uint32_t lowest = UINT32_MAX, size = b->avr->flashend + 1;

	if (is_hex ? hex_load(path, b->avr->flash, size, &lowest) : load_elf(b, path))
		return -1;
	if (bootloader && lowest < size)
		b->start = b->avr->reset_pc = lowest;
	restart(b);
	return 0;
}

void board_reset(struct board *b)
{
	b->pulling = 1;
	avr_reset(b->avr); /* keeps RAM and flash, clears the registers */
	b->pulling = 0;
	avr_regbit_set(b->avr, b->avr->reset_flags.extrf);
	board_drive_pins(b); /* a button stays pressed */
	restart(b);
}

/* A sleeping CPU jumps to the next timer: this puts one at the end. */
static avr_cycle_count_t run_ends(struct avr_t *avr, avr_cycle_count_t when, void *param)
{
	(void)avr;
	(void)when;
	(void)param;
	return 0;
}

/* Otherwise a low pin 2 or 3 makes simavr poll it at every CPU cycle, 8 times
 * slower. Needed before each run: a watchdog reset inside simavr undoes it. */
static void relax_interrupts(avr_t *avr)
{
	for (int i = 0; i < EXTERNAL_INTERRUPTS; i++)
		avr_extint_set_strict_lvl_trig(avr, i, 0);
}

static int stopped(const avr_t *avr)
{
	return avr->state == cpu_Done || avr->state == cpu_Crashed;
}

const char *board_end(const struct board *b)
{
	if (b->avr->state == cpu_Done)
		return "it sleeps with interrupts off, and only a reset would wake it";
	return crash_reason();
}

int board_run(struct board *b, uint64_t n)
{
	avr_t *avr = b->avr;
	uint64_t resets = b->resets;
	avr_cycle_count_t end = avr->cycle + n;

	for (int i = 0; i < BOARD_UARTS; i++)
		uart_before_run(&b->uart[i]);
	relax_interrupts(avr);
	avr_cycle_timer_register(avr, n, run_ends, b);
	avr->run_cycle_limit = STRETCH;
	while (avr->cycle < end && !stopped(avr)) {
		avr_run(avr);
		board_follow_sleep(b);
	}
	avr_cycle_timer_cancel(avr, run_ends, b);
	if (b->resets != resets)
		board_drive_pins(b);
	for (int i = 0; i < BOARD_UARTS; i++)
		uart_after_run(&b->uart[i]);
	return !stopped(avr);
}
