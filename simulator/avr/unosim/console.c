/* The console: one command a line on stdin, one line on stdout for each. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "unosim.h"

enum { UNKNOWN = -2 };

/* Prints its own answer and returns 0, or returns DONE, or REFUSED. */
enum answer { ANSWERED, DONE, REFUSED };
typedef enum answer handler(struct unosim *, const char *args);

static enum answer reset(struct unosim *s, const char *args)
{
	(void)args;
	unosim_reset(s);
	return DONE;
}

static enum answer adc(struct unosim *s, const char *args)
{
	int channel, millivolt;

	if (sscanf(args, "%d %d", &channel, &millivolt) != 2)
		return REFUSED;
	return board_set_adc(s->board, channel, millivolt) ? REFUSED : DONE;
}

static enum answer in(struct unosim *s, const char *args)
{
	char port;
	int bit, level;

	if (sscanf(args, "%c%d %d", &port, &bit, &level) != 3)
		return REFUSED;
	return board_set_pin(s->board, port, bit, level) ? REFUSED : DONE;
}

static int parse_pin(const char *args, char *port, int *bit)
{
	return sscanf(args, "%c%d", port, bit) == 2 && *bit >= 0 && *bit <= 7;
}

static enum answer out(struct unosim *s, const char *args)
{
	char port;
	int bit;

	if (!parse_pin(args, &port, &bit))
		return REFUSED;
	printf("out %c%d %d\n", port, bit, board_pin(s->board, port, bit));
	return ANSWERED;
}

static enum answer changes(struct unosim *s, const char *args)
{
	char port;
	int bit;

	if (!parse_pin(args, &port, &bit))
		return REFUSED;
	int64_t n = board_pin_changes(s->board, port, bit);
	if (n < 0)
		return REFUSED;
	printf("changes %c%d %lld\n", port, bit, (long long)n);
	return ANSWERED;
}

static enum answer pwm(struct unosim *s, const char *args)
{
	char port;
	int bit;

	if (!parse_pin(args, &port, &bit))
		return REFUSED;
	struct duty d = board_duty(s->board, port, bit);
	printf("pwm %c%d %d %d\n", port, bit, d.value, d.top);
	return ANSWERED;
}

static enum answer watch(struct unosim *s, const char *args)
{
	struct watch w = {.level = UNKNOWN};

	if (!parse_pin(args, &w.port, &w.bit))
		return REFUSED;
	for (int i = 0; i < s->watches; i++)
		if (s->watch[i].port == w.port && s->watch[i].bit == w.bit)
			return DONE;
	if (s->watches == MAX_WATCHES)
		return REFUSED;
	s->watch[s->watches++] = w;
	return DONE;
}

static enum answer part(struct unosim *s, const char *args)
{
	int n, a, b = 0;

	if (sscanf(args, "%d %d %d", &n, &a, &b) < 2 || n < 0 || n >= s->parts)
		return REFUSED;
	part_set(s->part[n], a, b);
	return DONE;
}

static enum answer peek(struct unosim *s, const char *args)
{
	int address;

	if (sscanf(args, "%i", &address) != 1)
		return REFUSED;
	printf("peek 0x%x %d\n", address, board_peek(s->board, address));
	return ANSWERED;
}

static enum answer speed(struct unosim *s, const char *args)
{
	if (sscanf(args, "%lf", &s->pace.speed) != 1)
		return REFUSED;
	pace_restart(&s->pace, monotonic(), s->board->avr->cycle);
	return DONE;
}

static enum answer hang(struct unosim *s, const char *args)
{
	return sscanf(args, "%d", &s->hang) == 1 ? DONE : REFUSED;
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static enum answer stat(struct unosim *s, const char *args)
{
	const struct uart *u = &s->board->uart[0];
	double simulated = s->board->avr->cycle / s->options.hz;
	double wall = monotonic() - s->started;

	(void)args;
	printf("stat sim=%.6f wall=%.6f cpu=%.6f baud=%u tx=%lu rx=%lu queued=%u overrun=%lu"
	       " disabled=%lu dropped=%lu slips=%u slipped=%.3f resets=%lu watchdog=%lu\n",
	       simulated, wall, cpu_seconds(), u->baud, u->tx_bytes, u->rx_bytes,
	       u->coming_w - u->coming_r, u->rx_overrun, u->rx_disabled, s->tty.dropped,
	       s->pace.slips, s->pace.slipped, s->board->resets,
	       s->board->watchdog_resets);
	return ANSWERED;
}

/* The end of the process closes the pty, which looks to the host like a
 * pulled cable. */
static enum answer quit(struct unosim *s, const char *args)
{
	(void)args;
	s->quit = 1;
	return DONE;
}

static const struct command {
	const char *name;
	handler *run;
} commands[] = {
	{"reset", reset}, {"adc", adc},	  {"in", in},	  {"out", out},
	{"changes", changes}, {"pwm", pwm},	{"watch", watch}, {"part", part},
	{"peek", peek},	      {"speed", speed}, {"hang", hang},	  {"stat", stat},
	{"unplug", quit},     {"quit", quit},
};

static void obey(struct unosim *s, const char *line)
{
	size_t n = strcspn(line, " ");
	enum answer answer = REFUSED;

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strlen(commands[i].name) == n && !strncmp(commands[i].name, line, n))
			answer = commands[i].run(s, line + n + (line[n] == ' '));
	if (answer == DONE)
		printf("ok\n");
	else if (answer == REFUSED)
		printf("err %s\n", line);
	fflush(stdout);
}

void console_read(struct unosim *s)
{
	static char line[256];
	static size_t length;
	ssize_t n = read(STDIN_FILENO, line + length, sizeof line - 1 - length);

	if (n <= 0) {
		s->quit = 1;
		return;
	}
	length += n;
	line[length] = 0;
	for (char *end; (end = strchr(line, '\n'));) {
		*end = 0;
		obey(s, line);
		length -= end + 1 - line;
		memmove(line, end + 1, length + 1);
	}
	if (length == sizeof line - 1)
		length = 0; /* no command is this long */
}

void console_report(struct unosim *s)
{
	int changed = 0;

	for (int i = 0; i < s->watches; i++) {
		struct watch *w = &s->watch[i];
		int level = board_pin(s->board, w->port, w->bit);
		if (level == w->level)
			continue;
		w->level = level;
		printf("pin %c%d %d\n", w->port, w->bit, level);
		changed = 1;
	}
	if (changed)
		fflush(stdout);
}
