#include "sim_io.h"
#include "sim_cycle_timers.h"
#include "uart.h"

DEFINE_FIFO(uint16_t, uart_fifo);

enum {
	HARDWARE_FIFO = 3,    /* two bytes and the shift register; simavr's takes 63 */
	RING_SIZE = 64,	      /* of the core's receive buffer */
	UNSET_INTERVAL = 1000 /* cycles a byte before the firmware set a rate */
};

static double now(const struct uart *u)
{
	return (double)u->avr->cycle / u->avr->frequency;
}

/* A receiver samples the tenth bit at 9.5 bit times: beyond about 5 % it
 * reads the level of the next bit. */
static int mismatch(const struct uart *u)
{
	if (!u->host_baud || !u->baud)
		return 0;
	double ratio = (double)u->host_baud / u->baud;
	return ratio < 0.955 || ratio > 1.045;
}

/* simavr 1.6 always counts 11 bits a byte, with a parity bit that does not
 * exist. Called after each write of UBRRnL and UCSRnC. */
static void set_line(struct avr_irq_t *irq, uint32_t value, void *param)
{
	struct uart *u = param;
	avr_t *avr = u->avr;
	avr_uart_t *io = u->io;
	uint32_t ubrr = avr->data[io->ubrrl.reg] | avr_regbit_get(avr, io->ubrrh) << 8;
	uint8_t c = avr->data[io->r_ucsrc];
	int data = io->r_ucsrc ? 5 + (c >> 1 & 3) : 8;
	int parity = (c >> 4 & 3) != 0;
	int stop = c & 8 ? 2 : 1;
	uint32_t per_bit = (ubrr + 1) * (avr_regbit_get(avr, io->u2x) ? 8 : 16);

	io->cycles_per_byte = per_bit * (1 + data + parity + stop);
	u->baud = avr->frequency / per_bit;
	(void)irq;
	(void)value;
}

static void keep_sent(void *to, uint8_t byte)
{
	struct uart *u = to;

	if (u->sent_w - u->sent_r == UART_SENT_ROOM)
		u->sent_r++;
	u->sent[u->sent_w++ % UART_SENT_ROOM] = byte;
}

static void receive(void *to, uint8_t byte)
{
	struct uart *u = to;

	if (u->asleep || !avr_regbit_get(u->avr, u->io->rxen)) {
		u->rx_disabled++;
		return;
	}
	int full = uart_fifo_get_read_size(&u->io->input) >= HARDWARE_FIFO;
	avr_regbit_setto(u->avr, u->io->dor, full);
	if (full)
		u->rx_overrun++;
	else
		avr_raise_irq(u->in, byte);
}

/* The firmware wrote a byte to UDR. */
static void transmit(struct avr_irq_t *irq, uint32_t value, void *param)
{
	struct uart *u = param;
	struct wire_sink sink = {keep_sent, u};

	u->tx_bytes++;
	if (mismatch(u))
		wire_send(&u->out_wire, now(u), 1.0 / u->baud, 1.0 / u->host_baud, value, sink);
	else
		keep_sent(u, value);
	(void)irq;
}

/* Returns how many cycles a byte from the host takes. */
static avr_cycle_count_t byte_time(const struct uart *u)
{
	if (mismatch(u))
		return 10ull * u->avr->frequency / u->host_baud;
	return u->io->cycles_per_byte ? u->io->cycles_per_byte : UNSET_INTERVAL;
}

/* A timer in simulated time: the next byte from the host has arrived whole. */
static avr_cycle_count_t arrive(struct avr_t *avr, avr_cycle_count_t when, void *param)
{
	struct uart *u = param;
	struct wire_sink sink = {receive, u};

	if (u->coming_r == u->coming_w)
		return 0;
	uint8_t byte = u->coming[u->coming_r++ % UART_COMING_ROOM];
	u->rx_bytes++;
	if (mismatch(u))
		wire_send(&u->in_wire, now(u), 1.0 / u->host_baud, 1.0 / u->baud, byte, sink);
	else
		receive(u, byte);
	(void)avr;
	return when + byte_time(u);
}

/* The core's interrupt reads each byte from UDR, and drops it if its buffer is full. */
static uint8_t read_udr(struct avr_t *avr, avr_io_addr_t addr, void *param)
{
	struct uart *u = param;
	const uint8_t *head = avr->data + u->ring, *tail = head + 1;

	if (u->ring && (*head + 1) % RING_SIZE == *tail)
		u->rx_overrun++;
	return u->read_udr(avr, addr, u->io);
}

static void watch_reads(struct uart *u)
{
	avr_io_addr_t at = AVR_DATA_TO_IO(u->io->r_udr);

	u->read_udr = u->avr->io[at].r.c;
	u->avr->io[at].r.c = read_udr;
	u->avr->io[at].r.param = u;
}

static void watch_register(struct uart *u, avr_io_addr_t reg)
{
	avr_irq_t *irq = avr_iomem_getirq(u->avr, reg, NULL, AVR_IOMEM_IRQ_ALL);

	avr_irq_register_notify(irq, set_line, u);
}

void uart_attach(struct uart *u, avr_t *avr, avr_uart_t *io)
{
	u->avr = avr;
	u->io = io;
	io->flags = 0; /* no echo on stdout, no usleep when the firmware polls */
	u->in = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ(io->name), UART_IRQ_INPUT);
	avr_irq_register_notify(
		avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ(io->name), UART_IRQ_OUTPUT),
		transmit, u);
	watch_reads(u);
	watch_register(u, io->ubrrl.reg);
	if (io->r_ucsrc)
		watch_register(u, io->r_ucsrc);
}

void uart_reset(struct uart *u)
{
	u->baud = 0;
	u->asleep = 0;
}

void uart_before_run(struct uart *u)
{
	if (u->io && u->coming_r != u->coming_w && !avr_cycle_timer_status(u->avr, arrive, u))
		avr_cycle_timer_register(u->avr, byte_time(u), arrive, u);
}

void uart_after_run(struct uart *u)
{
	struct wire_sink out = {keep_sent, u}, in = {receive, u};

	if (!u->io || !mismatch(u))
		return;
	wire_rest(&u->out_wire, now(u), 1.0 / u->host_baud, out);
	wire_rest(&u->in_wire, now(u), 1.0 / u->baud, in);
}

size_t uart_read(struct uart *u, uint8_t *buf, size_t n)
{
	size_t i = 0;

	for (; i < n && u->sent_r != u->sent_w; i++)
		buf[i] = u->sent[u->sent_r++ % UART_SENT_ROOM];
	return i;
}

size_t uart_room(const struct uart *u)
{
	return UART_COMING_ROOM - (u->coming_w - u->coming_r);
}

size_t uart_write(struct uart *u, const uint8_t *buf, size_t n)
{
	size_t i = 0;

	for (; i < n && uart_room(u); i++)
		u->coming[u->coming_w++ % UART_COMING_ROOM] = buf[i];
	return i;
}
