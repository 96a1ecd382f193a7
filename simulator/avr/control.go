package avr

import (
	"context"
	"fmt"
	"time"
)

// Reset presses the reset button.
func (u *Uno) Reset(ctx context.Context) error { return u.do(ctx, "reset") }

// Hang stops the CPU of the board, or lets it go on. Its port stays.
func (u *Uno) Hang(ctx context.Context, still bool) error {
	return u.do(ctx, "hang %d", bit(still))
}

// SetADC sets the voltage of an analog input, in millivolts. Channel 0 is A0;
// 2500 mV reads 511.
func (u *Uno) SetADC(ctx context.Context, channel, millivolts int) error {
	return u.do(ctx, "adc %d %d", channel, millivolts)
}

// SetPart changes what the nth virtual sensor measures, in the order and the
// units of its description in Options.Parts.
func (u *Uno) SetPart(ctx context.Context, n, a, b int) error {
	return u.do(ctx, "part %d %d %d", n, a, b)
}

// SetPin drives an input from outside, as a button does. In this package pins
// are named D13 or PB5.
func (u *Uno) SetPin(ctx context.Context, pin string, high bool) error {
	name, err := consolePin(pin)
	if err != nil {
		return err
	}
	return u.do(ctx, "in %s %d", name, bit(high))
}

// Pin returns the level that the board drives a pin to.
func (u *Uno) Pin(ctx context.Context, pin string) (Level, error) {
	var level Level
	err := u.askPin(ctx, "out", pin, &level)
	return level, err
}

// WaitPin waits until the board drives a pin to a level. It checks once a
// millisecond of the board's time, and may miss a shorter pulse.
func (u *Uno) WaitPin(ctx context.Context, pin string, want Level) error {
	name, err := consolePin(pin)
	if err != nil {
		return err
	}
	if err := u.do(ctx, "watch %s", name); err != nil {
		return err
	}
	for {
		level, known, changed := u.level(name)
		if known && level == want {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s did not become %v: %w", pin, want, ctx.Err())
		case <-u.gone:
			return u.err
		}
	}
}

// Changes returns how often a pin has changed since the start of the Uno, from
// either side and however briefly.
func (u *Uno) Changes(ctx context.Context, pin string) (int, error) {
	var n int
	err := u.askPin(ctx, "changes", pin, &n)
	return n, err
}

// pollInterval is how often to check what has no event.
const pollInterval = 5 * time.Millisecond

// WaitChanges waits until a pin has changed at least want times.
func (u *Uno) WaitChanges(ctx context.Context, pin string, want int) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		n, err := u.Changes(ctx, pin)
		if err != nil || n >= want {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s has changed %d times, not %d: %w", pin, n, want, ctx.Err())
		}
	}
}

// Duty is the share of the time that a pin is high: Value of Top parts.
// analogWrite(pin, 64) makes 64 of 255; a pin without PWM has 0 or 1 of 1.
type Duty struct{ Value, Top int }

// Fraction returns the share, from 0 to 1.
func (d Duty) Fraction() float64 { return float64(d.Value) / float64(max(d.Top, 1)) }

// Duty returns the modulation of a pin, from the compare register of its timer.
func (u *Uno) Duty(ctx context.Context, pin string) (Duty, error) {
	var d Duty
	err := u.askPin(ctx, "pwm", pin, &d.Value, &d.Top)
	return d, err
}

// WaitDuty waits until a pin has this modulation.
func (u *Uno) WaitDuty(ctx context.Context, pin string, want Duty) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		d, err := u.Duty(ctx, pin)
		if err != nil || d == want {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s has the duty %d of %d, not %d of %d: %w",
				pin, d.Value, d.Top, want.Value, want.Top, ctx.Err())
		}
	}
}

// Peek reads a byte of the data space of the chip: its registers, then its RAM.
func (u *Uno) Peek(ctx context.Context, address uint16) (byte, error) {
	line, err := u.ask(ctx, fmt.Sprintf("peek 0x%x", address))
	if err != nil {
		return 0, err
	}
	var at, value int // peek 0x88 127
	if _, err := fmt.Sscanf(line, "peek 0x%x %d", &at, &value); err != nil {
		return 0, fmt.Errorf("unosim answers %q: %w", line, err)
	}
	if value < 0 {
		return 0, fmt.Errorf("the chip has no address 0x%x", address)
	}
	return byte(value), nil
}

// askPin asks about a pin and scans the values after the pin in the answer: out
// B5 1.
func (u *Uno) askPin(ctx context.Context, command, pin string, values ...any) error {
	name, err := consolePin(pin)
	if err != nil {
		return err
	}
	question := command + " " + name
	line, err := u.ask(ctx, question)
	if err != nil {
		return err
	}
	if len(line) <= len(question) {
		return fmt.Errorf("unosim answers %q to %q", line, question)
	}
	if _, err := fmt.Sscan(line[len(question):], values...); err != nil {
		return fmt.Errorf("unosim answers %q to %q: %w", line, question, err)
	}
	return nil
}

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}
