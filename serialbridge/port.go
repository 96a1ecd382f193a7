package serialbridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"arduino-gateway/internal/lineformat"
)

// readSize is twice the 4 KiB that a pty holds for its reader.
const readSize = 8 << 10

// timing holds the durations that tests shorten.
type timing struct {
	poll    time.Duration // how long a read waits before it checks whether to end, if it cannot be interrupted
	write   time.Duration // how long the kernel may take nothing of a write
	drain   time.Duration // at a clean end: how long the last command may take to leave
	release time.Duration // at any end: how long a stuck write may take to return
	retry   backoff
}

var defaultTiming = timing{
	poll:    defaultPoll,
	write:   3 * time.Second,
	drain:   500 * time.Millisecond,
	release: 500 * time.Millisecond,
	retry:   backoff{min: 200 * time.Millisecond, max: 5 * time.Second},
}

// Port is the serial port of one device, kept open while Run lasts.
type Port struct {
	options Options
	finder  Finder
	handler Handler
	log     *slog.Logger
	open    func(ctx context.Context, port string, baud int) (rawPort, error)
	times   timing
	reset   func(usb string) error // of a USB device, by its node

	frames    *lineformat.Framer // used by Run's goroutine alone, like buffer and logs
	buffer    []byte
	logs      logLimit
	noNewline noNewline
	watchdog  watchdog
	alarms    alarms
	search    baudSearch
	findings  dailyLog // what the baud search found

	tuning atomic.Pointer[Tuning] // to be applied by Run's goroutine; nil: nothing

	turn  chan struct{} // held by the one Write whose line goes out; the others wait in order
	gate  *gate
	stats counters
}

// New returns a Port. It opens nothing before Run. The log should name the device
// already. A nil handler does nothing, and a nil log is silent.
func New(options Options, handler Handler, log *slog.Logger) *Port {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if handler == nil {
		handler = NopHandler{}
	}
	finder := options.Finder
	if finder == nil {
		finder = fixedFinder(options.Port)
	}
	dial := defaultDialer
	dial.yields = options.Yield
	return &Port{
		options:  options,
		finder:   finder,
		handler:  handler,
		log:      log.With("port", options.Port),
		open:     dial.open,
		times:    defaultTiming,
		reset:    resetUSB,
		frames:   lineformat.NewFramer(options.MaxLine),
		buffer:   make([]byte, readSize),
		turn:     make(chan struct{}, 1),
		gate:     newGate(),
		watchdog: watchdog{limit: options.Silence},
		search:   baudSearch{known: options.LastBaud},
	}
}

// String returns the device and its port: "greenhouse" (/dev/ttyACM0).
func (p *Port) String() string {
	return fmt.Sprintf("%q (%s)", p.options.Device, p.options.Port)
}

// Run keeps the port open until ctx is cancelled, and then returns nil. It
// returns an error only if no retry can help, such as for a baud rate that the
// port refuses. When Run returns, the port is closed and its goroutines have
// ended; only a write that the kernel never returns may outlive it. Run may then
// be called again. Until then Write returns ErrAway at once.
func (p *Port) Run(ctx context.Context) error {
	p.gate.reopen()
	defer p.finder.Release()
	defer p.gate.shut()
	retry := p.times.retry
	for {
		lived, err := p.openOnce(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, errRetuned) {
			continue
		}
		verdict := classify(err)
		if verdict.fatal || p.options.Yield && errors.Is(err, ErrInUse) {
			p.stats.setProblem(err.Error(), verdict.hint)
			return fmt.Errorf("open %s: %w (hint: %s)", p, err, verdict.hint)
		}
		delay := retry.next(lived, verdict.cap, rand.Float64())
		if !verdict.logged {
			p.stats.setProblem(fmt.Sprintf("port %s: %v", verdict.state, err), verdict.hint)
			p.logProblem(verdict, err, delay)
		}
		if p.awaitRetry(ctx, delay) {
			retry.delay = 0 // udev grants access and makes links some moments later
		}
		if ctx.Err() != nil {
			return nil
		}
	}
}

// openOnce finds, opens and uses the port until it ends, and returns how long it
// was open.
func (p *Port) openOnce(ctx context.Context) (lived time.Duration, err error) {
	p.retuneClosed()
	place, err := p.finder.Find()
	if err != nil {
		return 0, err
	}
	raw, rate, err := p.openPlace(ctx, place)
	if err != nil {
		return 0, err
	}
	opened, begin := time.Now(), p.options.startup(place.Chip)
	if err := prepare(raw, begin); err != nil {
		raw.Close()
		return 0, fmt.Errorf("%w: %w", errUnplugged, err)
	}
	if keeper, ok := raw.(hangUpKeeper); ok && p.options.ResetOnOpen != nil {
		keeper.KeepHangUp()
	}
	_, p.search.tunable = raw.(baudSetter)
	p.search.tunable = p.search.tunable && p.search.rates != NoRates
	l := newLink(raw, rate, p.times)
	l.gap = p.options.Gap
	err = p.runSession(ctx, l, place.Path, opened, begin)
	lived = time.Since(opened)
	p.awaitWriter(ctx, l)
	if errors.Is(err, errSilent) && begin.canReset {
		p.resetAdapter(place.USB)
	}
	return lived, err
}

// openPlace opens the port at the rate that the options want or the search begins
// with. If a rate that was found before is refused, the port is another one by now.
func (p *Port) openPlace(ctx context.Context, place Place) (raw rawPort, rate int, err error) {
	p.search.rates = place.rates()
	wanted, err := p.search.rates.fixed(p.options.Baud)
	if err != nil {
		return nil, 0, err
	}
	rate = p.search.opened(wanted, time.Now())
	raw, rate, err = p.openAt(ctx, place.Path, rate)
	if errors.Is(err, errBaud) && wanted == 0 && rate != FirstBaud {
		p.search = baudSearch{rates: p.search.rates}
		rate = p.search.opened(wanted, time.Now())
		raw, rate, err = p.openAt(ctx, place.Path, rate)
	}
	return raw, rate, err
}

// awaitWriter delays the next open until a write that was stuck at the end of
// the last one has returned: its bytes must not meet the next ones.
func (p *Port) awaitWriter(ctx context.Context, l *link) {
	writer := l.writer()
	if closed(writer) {
		return
	}
	p.log.Warn("port stays closed: a write to it is stuck",
		"hint", "unplug the board")
	select {
	case <-writer:
		p.log.Info("stuck write returned; opening the port again")
	case <-ctx.Done():
	}
}

// logProblem logs what is wrong: once per change, and at growing intervals while
// it lasts.
func (p *Port) logProblem(v verdict, err error, delay time.Duration) {
	due, skipped := p.logs.due(v.state, time.Now())
	if !due {
		return
	}
	attrs := []any{"error", err, "retry_in", delay.Round(time.Millisecond)}
	if v.hint != "" {
		attrs = append(attrs, "hint", v.hint)
	}
	if skipped > 0 {
		attrs = append(attrs, "not_logged", skipped)
	}
	p.log.Warn("port "+v.state, attrs...)
}

// awaitRetry waits until the next attempt is due. woken reports that the finder
// asked for an earlier one.
func (p *Port) awaitRetry(ctx context.Context, d time.Duration) (woken bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-p.finder.Changed():
		return true
	}
	return false
}

// rawPort is an open port as session.go and link.go see it.
type rawPort interface {
	reader
	io.WriteCloser // Close only when no Read is under way
	Discard()      // drops what waits to be sent, and so frees a stuck Write if possible
}

// unsent is a port whose driver tells how many bytes it has yet to send. Only the
// reading goroutine may ask it.
type unsent interface {
	Unsent() int
}

// reader is the half of a port that only the reading goroutine uses.
type reader interface {
	Read([]byte) (int, error) // 0, nil is a timeout
	SetReadTimeout(time.Duration) error
}

// follower is a reader that reads many chunks in one call, and that another
// goroutine can interrupt.
type follower interface {
	// Follow reads until the timeout, an interruption, or until chunk wants no
	// more; it then returns nil. chunk receives the number of bytes read.
	Follow(p []byte, chunk func(n int) (more bool)) error
	Interrupt() // ends Follow at once; later calls too
}

// follow reads at least once.
func follow(r reader, p []byte, chunk func(n int) (more bool)) error {
	if f, ok := r.(follower); ok {
		return f.Follow(p, chunk)
	}
	n, err := r.Read(p)
	if n > 0 {
		chunk(n)
	}
	return err
}

// interrupt ends a read under way if the reader allows it.
func interrupt(r reader) {
	if f, ok := r.(follower); ok {
		f.Interrupt()
	}
}
