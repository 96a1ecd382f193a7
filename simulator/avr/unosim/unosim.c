/* unosim: a simulated Arduino on a pty, paced to real time.
 *
 *   unosim [-m mcu] [-f hz] [-s speed] [-l link] [-b boot.hex] [-w ms]
 *          [-r] [-g] [-q] [-R address] [-P part]... firmware.hex|firmware.elf
 *
 *   -m atmega328p   the chip         -f 16000000  its clock
 *   -s 0.5          half speed; 0 is as fast as possible
 *   -l link         a symbolic link to the pty, a fixed name for the port
 *   -b boot.hex     a bootloader to start in
 *   -w ms           how long the bootloader runs after a reset: it prints
 *                   nothing and drops its input; with -g also until
 *                   a host has set a baud rate, for 2 s at most
 *   -r              opening the port resets the board, as DTR does
 *   -g              garbage if the baud rate of the port is not that of the firmware
 *   -q              does not report that the port was opened or closed
 *   -R 0x131        where the head of the core's receive buffer is, and behind it
 *                   the tail: bytes that it has no room for are counted
 *   -P dht22:D2:235:560    a virtual sensor; see parts.h
 *
 * stdout: "pty /dev/pts/N" first; then events and answers, a line each:
 *   port open | port closed     a program opened or closed the port
 *   pin B5 1                    a watched pin changed; -1 is an input
 *   cpu 0x1f2 REASON            stopped there for good; the process ends
 *   ok | err COMMAND | the answer of a command
 * stdin, a line each; pins are named as the chip does (B5 is D13):
 *   reset                       adc CHANNEL MILLIVOLT      in B5 0|1
 *   out B5 → out B5 LEVEL       pwm B1 → pwm B1 VALUE TOP  watch B5
 *   changes B5 → changes B5 N   how often since the start, with the shortest ones
 *   part N A [B]                peek ADDRESS → peek ADDRESS BYTE
 *   speed X                     hang 0|1  (the CPU stands still)
 *   stat → stat sim=SECONDS …   unplug, quit
 * A watched pin is checked once a millisecond; shorter pulses may be missed.
 * The end of stdin, SIGTERM and SIGINT quit. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "unosim.h"

static const double rate_patience = 2; /* seconds that an open port waits for a rate */
enum { USUAL_BAUD = 9600 };	       /* of a port whose host sets none */

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

double monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void reset_parts(struct unosim *s)
{
	for (int i = 0; i < s->parts; i++)
		part_reset(s->part[i]);
}

void unosim_reset(struct unosim *s)
{
	board_reset(s->board);
	reset_parts(s);
	s->boot_ends = monotonic() + s->options.boot;
}

static int add_part(struct options *o, const char *spec)
{
	if (o->parts == MAX_PARTS)
		return -1;
	o->part[o->parts++] = spec;
	return 0;
}

static int parse_options(struct options *o, int argc, char **argv)
{
	for (int c; (c = getopt(argc, argv, "m:f:s:l:b:w:rgqR:P:")) != -1;) {
		switch (c) {
		case 'm': o->mcu = optarg; break;
		case 'f': o->hz = atof(optarg); break;
		case 's': o->speed = atof(optarg); break;
		case 'l': o->link = optarg; break;
		case 'b': o->bootloader = optarg; break;
		case 'w': o->boot = atof(optarg) / 1000; break;
		case 'r': o->reset_on_open = 1; break;
		case 'g': o->true_baud = 1; break;
		case 'q': o->quiet = 1; break;
		case 'R': o->ring = strtol(optarg, NULL, 0); break;
		case 'P': if (add_part(o, optarg)) return -1; break;
		default: return -1;
		}
	}
	o->firmware = argv[optind];
	return optind == argc - 1 && o->hz > 0 ? 0 : -1;
}

static int complain(const char *what, const char *which)
{
	fprintf(stderr, "unosim: %s %s\n", what, which);
	return -1;
}

static int set_up(struct unosim *s)
{
	const struct options *o = &s->options;

	if (!(s->board = board_new(o->mcu, o->hz)))
		return complain("there is no chip", o->mcu);
	if (board_load(s->board, o->firmware, 0))
		return complain("cannot load", o->firmware);
	if (o->bootloader && board_load(s->board, o->bootloader, 1))
		return complain("cannot load", o->bootloader);
	for (; s->parts < o->parts; s->parts++)
		if (!(s->part[s->parts] = part_new(s->board, o->part[s->parts])))
			return complain("there is no part", o->part[s->parts]);
	s->board->uart[0].ring = o->ring;
	s->pace = (struct pace){.hz = o->hz, .speed = o->speed};
	return tty_open(&s->tty, o->link);
}

static void tear_down(struct unosim *s)
{
	tty_close(&s->tty);
	while (s->parts)
		part_free(s->part[--s->parts]);
	board_free(s->board);
}

static void report_port(struct unosim *s)
{
	if (!s->options.quiet) {
		printf("port %s\n", s->tty.open ? "open" : "closed");
		fflush(stdout);
	}
	if (s->tty.open && s->options.reset_on_open)
		unosim_reset(s);
}

/* A busy host may set its rate long after it has opened the port. The bootloader
 * waits for the first rate, but not for ever: a host may keep the rate that the
 * port has by itself. */
static int booting(const struct unosim *s)
{
	double over = monotonic() - s->boot_ends;

	if (s->options.boot <= 0 || over >= rate_patience)
		return 0;
	return over < 0 || (s->options.true_baud && s->tty.open && !tty_baud(&s->tty));
}

static void serve_port(struct unosim *s)
{
	struct tty_state state = tty_poll(&s->tty);
	struct uart *uart = &s->board->uart[0];
	size_t room = uart_room(uart);
	uint8_t buf[UART_COMING_ROOM];

	if (state.changed)
		report_port(s);
	if (state.open && s->options.true_baud)
		uart->host_baud = tty_baud(&s->tty) ?: USUAL_BAUD;
	if (!state.readable || !room)
		return;
	size_t n = tty_read(&s->tty, buf, room);
	if (!booting(s))
		uart_write(uart, buf, n);
}

static void run_board(struct unosim *s)
{
	uint64_t cycles = s->board->avr->cycle;
	double now = monotonic();

	if (s->hang || booting(s)) {
		pace_restart(&s->pace, now, cycles);
		return;
	}
	uint64_t resets = s->board->resets;
	uint64_t due = pace_due(&s->pace, now, cycles);
	if (due && !board_run(s->board, due)) {
		printf("cpu 0x%x %s\n", s->board->avr->pc, board_end(s->board));
		s->quit = 1;
	}
	if (s->board->resets != resets)
		reset_parts(s);
}

static void send_to_host(struct unosim *s)
{
	size_t room;
	uint8_t *at = tty_room(&s->tty, &room);

	tty_flush(&s->tty, uart_read(&s->board->uart[0], at, room));
}

/* Waits for the next slice, or for input. A port that is not open would
 * wake us for ever, as would one whose bytes the board cannot accept yet. */
static void wait(struct unosim *s, int timer, struct pollfd *console)
{
	int listen = s->tty.open && uart_room(&s->board->uart[0]);
	struct pollfd p[] = {
		*console,
		{timer, POLLIN, 0},
		{listen ? s->tty.fd : -1, POLLIN, 0},
	};
	uint64_t ticks;

	poll(p, 3, s->pace.speed > 0 ? -1 : 0);
	if (p[1].revents && read(timer, &ticks, sizeof ticks) < 0)
		s->quit = 1;
	console->revents = p[0].revents;
}

static void run(struct unosim *s, int timer)
{
	struct pollfd console = {STDIN_FILENO, POLLIN, 0};

	while (!stop && !s->quit) {
		wait(s, timer, &console);
		serve_port(s);
		run_board(s);
		send_to_host(s);
		console_report(s);
		if (console.revents)
			console_read(s);
	}
}

static int slice_timer(void)
{
	struct timespec slice = {0, PACE_SLICE * 1e9};
	struct itimerspec each = {slice, slice};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	return fd < 0 || timerfd_settime(fd, 0, &each, NULL) ? -1 : fd;
}

int main(int argc, char **argv)
{
	static struct unosim s = {
		.options = {.mcu = "atmega328p", .hz = 16e6, .speed = 1},
	};
	struct sigaction action = {.sa_handler = on_signal};
	int timer = slice_timer();

	if (parse_options(&s.options, argc, argv)) {
		complain("usage:", "unosim [-s speed] [-l link] [-rgq] firmware.hex; see unosim.c");
		return 2;
	}
	if (timer < 0 || set_up(&s))
		return 1;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	s.started = monotonic();
	pace_restart(&s.pace, s.started, 0);
	printf("pty %s\n", s.tty.name);
	fflush(stdout);
	run(&s, timer);
	tear_down(&s);
	return 0;
}
