#include <stdio.h>
#include "hex.h"

enum { DATA = 0, END = 1, SEGMENT = 2, LINEAR = 4 };

struct image {
	uint8_t *flash;
	uint32_t size, base, lowest;
};

static int byte_at(const char *hex, uint8_t *byte)
{
	unsigned x;

	if (sscanf(hex, "%2x", &x) != 1)
		return -1;
	*byte = x;
	return 0;
}

static int store(struct image *m, uint32_t address, unsigned n, const char *hex)
{
	uint32_t at = m->base + address;

	if (at + n > m->size) {
		fprintf(stderr, "unosim: address 0x%x is beyond the flash\n", at);
		return -1;
	}
	if (at < m->lowest)
		m->lowest = at;
	for (unsigned i = 0; i < n; i++)
		if (byte_at(hex + 2 * i, m->flash + at + i))
			return -1;
	return 0;
}

/* :10 0000 00 0C945C00… : length, address, type, data, checksum.
 * Returns the record's type, or -1. */
static int record(struct image *m, const char *line)
{
	unsigned n, address, type, x;

	if (sscanf(line, ":%2x%4x%2x", &n, &address, &type) != 3)
		return -1;
	if (type == DATA)
		return store(m, address, n, line + 9) ? -1 : DATA;
	if (type != SEGMENT && type != LINEAR)
		return type;
	if (sscanf(line + 9, "%4x", &x) != 1)
		return -1;
	m->base = type == SEGMENT ? x << 4 : x << 16;
	return type;
}

static int records(struct image *m, FILE *f)
{
	char line[600]; /* 255 bytes of data are 521 characters */

	while (fgets(line, sizeof line, f)) {
		if (line[0] != ':')
			continue;
		int type = record(m, line);
		if (type == -1 || type == END)
			return type == END ? 0 : -1;
	}
	return -1;
}

int hex_load(const char *path, uint8_t *flash, uint32_t size, uint32_t *lowest)
{
	struct image m = {.flash = flash, .size = size, .lowest = UINT32_MAX};
	FILE *f = fopen(path, "r");

	if (!f) {
		perror(path);
		return -1;
	}
	int failed = records(&m, f);
	fclose(f);
	if (failed)
		fprintf(stderr, "unosim: %s is not a whole Intel HEX file\n", path);
	*lowest = m.lowest;
	return failed;
}
