/* unosim: what the main loop and the console share. */
#ifndef UNOSIM_H
#define UNOSIM_H
#include "board.h"
#include "pace.h"
#include "parts.h"
#include "tty.h"

enum { MAX_PARTS = 8, MAX_WATCHES = 24 };

struct watch {
	char port;
	int bit, level;
};

struct unosim {
	struct board *board;
	struct part *part[MAX_PARTS];
	struct watch watch[MAX_WATCHES];
	int parts, watches;
	struct tty tty;
	struct pace pace;
	double started;	   /* wall clock, in seconds */
	double boot_ends;  /* until then the bootloader runs */
	int hang, quit;

	struct options {
		const char *mcu, *bootloader, *firmware, *link, *part[MAX_PARTS];
		double hz, speed, boot; /* boot: seconds in the bootloader */
		int ring, parts, reset_on_open, true_baud, quiet;
	} options;
};

double monotonic(void); /* seconds */
void unosim_reset(struct unosim *);

/* Reads and runs the commands on stdin; sets quit at its end. */
void console_read(struct unosim *);
/* Prints the watched pins that changed since the last call. */
void console_report(struct unosim *);
#endif
