package naming

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

const (
	// Most is the number of new names within Window lines that a board may have.
	Most = 64
	// Window is the number of lines over which new names are counted.
	Window = 1000

	// newsEvery is how often News returns an invention that has begun anew.
	newsEvery = time.Hour
)

// Invention says that the board has made more than Most names within Window lines.
type Invention struct {
	Latest  string // the name that was one too many
	Pattern string // what most of the names that are not kept look like, such as packet_*_rssi; "" if they differ
}

// Remedy returns what the user can do.
func (i *Invention) Remedy() string {
	const remedy = "if a name contains data, read the value with pattern or columns"
	if i.Pattern == "" {
		return remedy
	}
	return fmt.Sprintf("%s, or ignore these names under readings: %q: {ignore: true}", remedy, i.Pattern)
}

// Problem returns what is wrong and, as a hint, the remedy; "" of nil.
func (i *Invention) Problem() string {
	if i == nil {
		return ""
	}
	return fmt.Sprintf("the board made more than %d names of readings within %d lines, one of them %s (hint: %s)", Most, Window, i.Latest, i.Remedy())
}

// Invention returns nil unless the device keeps making names. Any goroutine may call it.
func (n *Names) Invention() *Invention { return n.invention.Load() }

// News returns an invention that has just begun, once, and at most one an hour; else nil.
func (n *Names) News(at time.Time) *Invention {
	if !n.unread {
		return nil
	}
	n.unread, n.newsAt = false, at
	return n.Invention()
}

// make counts a new name.
func (n *Names) make(at time.Time, name string) {
	slot := &n.made[n.total%Most]
	before := *slot
	*slot = n.lines
	n.total++
	if n.total <= Most || n.lines-before >= Window || n.Invention() != nil {
		return
	}
	n.invention.Store(&Invention{Latest: name, Pattern: n.pattern()})
	n.unread = n.newsAt.IsZero() || at.Sub(n.newsAt) >= newsEvery
}

// expire ends an invention when there were no more than Most new names for Window lines.
func (n *Names) expire() {
	if n.total > Most && n.lines-n.made[n.total%Most] >= Window && n.Invention() != nil {
		n.invention.Store(nil)
	}
}

// pattern returns what most of the fresh names look like. It matches no kept name: whoever
// follows the advice must not lose a reading.
func (n *Names) pattern() string {
	count, best := map[string]int{}, ""
	for _, f := range n.fresh {
		p := generalize(f.name)
		if count[p]++; count[p] > count[best] {
			best = p
		}
	}
	if 2*count[best] <= len(n.fresh) || !strings.ContainsFunc(best, unicode.IsLetter) || !strings.Contains(best, "*") {
		return ""
	}
	for _, k := range n.kept {
		if generalize(k.name) == best {
			return ""
		}
	}
	return best
}

// generalize replaces each number in a name by *: packet_17_rssi becomes packet_*_rssi.
func generalize(name string) string {
	var b strings.Builder
	digit := false
	for _, c := range name {
		switch is := unicode.IsDigit(c); {
		case !is:
			b.WriteRune(c)
		case !digit:
			b.WriteByte('*')
		}
		digit = unicode.IsDigit(c)
	}
	return b.String()
}
