/* parts: virtual sensors on the board's pins. Each does enough for the
 * usual libraries.
 *   dht22:D2:235:560    23.5 °C and 56.0 %, on pin D2
 *   ds18b20:B2:21500    21.5 °C; one a bus
 *   ping:D7:D7:100      ultrasonic ranger: trigger pin, echo pin, cm */
#ifndef PARTS_H
#define PARTS_H
#include "board.h"

struct part;

struct part *part_new(struct board *, const char *spec); /* NULL: not understood */
void part_free(struct part *);
/* Sets the measured values, in the order and the units of its spec. */
void part_set(struct part *, int a, int b);
/* Call it after a reset of the board, which stops the timers of simavr: the part
 * would otherwise wait for ever for the end of its own answer. */
void part_reset(struct part *);
#endif
