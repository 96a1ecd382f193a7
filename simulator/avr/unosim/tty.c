#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <asm/termbits.h> /* termios2: any baud rate */
#include "tty.h"

enum { UNREAD_LIMIT = 4096 }; /* in addition to the buffer of the pty; a USB chip has less */

/* Sets the port raw, without a rate, and closes it again: from here on POLLHUP on
 * the master means that the port is not open. */
static int make_raw(const char *name)
{
	struct termios2 tio;
	int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, TCGETS2, &tio))
		return -1;
	tio.c_iflag = tio.c_oflag = tio.c_lflag = 0;
	tio.c_cflag = CS8 | CREAD | CLOCAL | B0;
	int failed = ioctl(fd, TCSETS2, &tio);
	close(fd);
	return failed;
}

static int failed(const char *what)
{
	fprintf(stderr, "unosim: %s: %s\n", what, strerror(errno));
	return -1;
}

/* Replaces an older link, but nothing else. */
static int make_link(const char *target, const char *link)
{
	struct stat s;

	if (!lstat(link, &s) && S_ISLNK(s.st_mode) && unlink(link))
		return -1;
	return symlink(target, link);
}

int tty_open(struct tty *t, const char *link)
{
	t->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (t->fd < 0 || grantpt(t->fd) || unlockpt(t->fd))
		return failed("pty");
	if (ptsname_r(t->fd, t->name, sizeof t->name) || make_raw(t->name))
		return failed("pty");
	if (link && make_link(t->name, link))
		return failed(link);
	t->link = link;
	return 0;
}

void tty_close(struct tty *t)
{
	if (t->link)
		unlink(t->link);
	close(t->fd);
}

struct tty_state tty_poll(struct tty *t)
{
	struct pollfd p = {t->fd, POLLIN, 0};
	struct tty_state s = {0};

	poll(&p, 1, 0);
	s.open = !(p.revents & POLLHUP);
	s.changed = s.open != t->open;
	s.readable = s.open && p.revents & POLLIN;
	if (s.changed)
		t->pending = 0;
	t->open = s.open;
	return s;
}

uint32_t tty_baud(const struct tty *t)
{
	struct termios2 tio;

	return ioctl(t->fd, TCGETS2, &tio) ? 0 : tio.c_ospeed;
}

size_t tty_read(struct tty *t, uint8_t *buf, size_t n)
{
	ssize_t got = read(t->fd, buf, n);

	return got > 0 ? got : 0;
}

uint8_t *tty_room(struct tty *t, size_t *room)
{
	*room = sizeof t->out - t->pending;
	return t->out + t->pending;
}

static void drop(struct tty *t)
{
	t->dropped += t->pending;
	t->pending = 0;
}

void tty_flush(struct tty *t, size_t n)
{
	t->pending += n;
	if (!t->pending)
		return;
	if (!t->open) {
		drop(t);
		return;
	}
	ssize_t taken = write(t->fd, t->out, t->pending);
	if (taken > 0) {
		t->pending -= taken;
		memmove(t->out, t->out + taken, t->pending);
	}
	if (t->pending > UNREAD_LIMIT || (taken < 0 && errno != EAGAIN))
		drop(t);
}
