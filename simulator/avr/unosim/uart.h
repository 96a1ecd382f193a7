/* uart: adds to the UART of simavr what the real one has: the true length of a
 * frame, the two-byte FIFO that overruns, bytes that arrive at the pace of the
 * line, and garbage when the host has another baud rate. */
#ifndef UART_H
#define UART_H
#include <stddef.h>
#include <stdint.h>
#include "sim_avr.h"
#include "avr_uart.h"
#include "wire.h"

enum {
	UART_SENT_ROOM = 65536, /* firmware to host */
	UART_COMING_ROOM = 256, /* host to firmware: what a USB bridge chip holds */
};

struct uart {
	avr_t *avr;
	avr_uart_t *io; /* NULL: this chip has no such UART */
	avr_irq_t *in;
	uint8_t sent[UART_SENT_ROOM], coming[UART_COMING_ROOM];
	uint32_t sent_r, sent_w, coming_r, coming_w; /* count up for ever */
	uint32_t baud;	    /* as the firmware programmed it; 0: not yet */
	uint32_t host_baud; /* 0: always matches */
	struct wire out_wire, in_wire;
	int asleep; /* nothing is received */
	uint16_t ring; /* address of the head of the core's receive buffer; 0: unknown */
	avr_io_read_t read_udr; /* of simavr */

	uint64_t tx_bytes;    /* the firmware wrote them to UDR */
	uint64_t rx_bytes;    /* came to the board's RX pin */
	uint64_t rx_overrun;  /* … and were lost: the hardware FIFO or the core's buffer was full */
	uint64_t rx_disabled; /* … or because the receiver was off, or the chip asleep */
};

void uart_attach(struct uart *, avr_t *, avr_uart_t *);
void uart_reset(struct uart *);

/* Call these before and after each run of the CPU. */
void uart_before_run(struct uart *);
void uart_after_run(struct uart *);

/* Returns what the firmware sent. */
size_t uart_read(struct uart *, uint8_t *buf, size_t n);
/* Puts bytes on the line. They arrive at the baud rate, whether or not the
 * firmware is ready for them. Returns how many were accepted. */
size_t uart_write(struct uart *, const uint8_t *buf, size_t n);
size_t uart_room(const struct uart *);
#endif
