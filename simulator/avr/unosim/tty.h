/* tty: the pty that stands for the board's USB port. Never blocks. */
#ifndef TTY_H
#define TTY_H
#include <stddef.h>
#include <stdint.h>

struct tty {
	int fd; /* the master's end */
	char name[64]; /* what the host opens, such as /dev/pts/3 */
	const char *link; /* a fixed name for it; may be NULL */
	int open;	  /* somebody has the port open */
	uint8_t out[65536];
	size_t pending;	  /* bytes of out that the pty did not take yet */
	uint64_t dropped; /* bytes sent while nobody read */
};

int tty_open(struct tty *, const char *link); /* 0, else stderr says why */
void tty_close(struct tty *);		      /* to the host, an unplug */

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
