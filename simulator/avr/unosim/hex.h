/* hex: reads an Intel HEX file into an image of the flash. simavr 1.6 has a
 * reader, but it gives up at record types 03 and 05, which the
 * with_bootloader.hex files of arduino-builder contain. */
#ifndef HEX_H
#define HEX_H
#include <stdint.h>

/* Fills in flash and the lowest address written. Returns 0, or
 * prints the reason on stderr. */
int hex_load(const char *path, uint8_t *flash, uint32_t size, uint32_t *lowest);
#endif
