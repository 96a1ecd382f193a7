/* tty: the pty that stands for the board's USB port. Never blocks. */
#ifndef TTY_H
#define TTY_H
#include <stddef.h>
#include <stdint.h>

struct tty {
	int fd; /* the master's end */
	char name[64]; /* what the host opens, such as /dev/pts/3 */
	const char *link; /* a fixed name for it; may be NULL */
	int open;	  /* a program has the port open */
	uint8_t out[65536];
	size_t pending;	  /* bytes of out that the pty has not accepted yet */
	uint64_t dropped; /* bytes sent while no program read */
};

int tty_open(struct tty *, const char *link); /* 0, or the reason on stderr */
void tty_close(struct tty *);		      /* looks like an unplug to the host */

struct tty_state {
	int open, changed, readable;
};
struct tty_state tty_poll(struct tty *);
uint32_t tty_baud(const struct tty *); /* as a host has set it; 0: none has yet */
size_t tty_read(struct tty *, uint8_t *buf, size_t n);
/* Room to put bytes to send into; then tty_flush(n of them). */
uint8_t *tty_room(struct tty *, size_t *room);
void tty_flush(struct tty *, size_t n);
#endif
