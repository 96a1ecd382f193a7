package gateway

import (
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/protocol"
	"arduino-gateway/internal/wake"
)

// commandQueue holds a device's commands from their arrival until they end. The session's
// goroutine adds commands, the port's goroutine reports what the board says, and the
// writer takes what to write. Every method locks the queue. Commands that have ended are
// passed to finish after the lock is released.
type commandQueue struct {
	changed wake.Signal // the writer looks again
	finish  func(journal.Command, device.Result)
	surplus func(commands uint64, why error) // reports those rejected as busy; set before use

	mu       sync.Mutex
	commands commands
}

func newCommandQueue(d device.Device, j *journal.Journal, finish func(journal.Command, device.Result)) *commandQueue {
	changed := wake.NewSignal()
	return &commandQueue{changed: changed, finish: finish, surplus: func(uint64, error) {}, commands: newCommands(d, j, changed)}
}

func (q *commandQueue) unlock() {
	ended := q.commands.ended
	q.commands.ended = nil
	q.mu.Unlock()
	for i := range ended {
		q.finish(ended[i].command, ended[i].result)
	}
}

// open begins an opening of the port.
func (q *commandQueue) open(at time.Time) {
	q.mu.Lock()
	defer q.unlock()
	q.commands.open(at)
	q.changed.Set()
}

// close ends it: what is meant for this opening must not go to the next, which may be
// another board.
func (q *commandQueue) close() {
	q.mu.Lock()
	defer q.unlock()
	q.commands.close()
	q.changed.Set()
}

// admit counts a command against the device's budget. The error is why the command is
// rejected.
func (q *commandQueue) admit(at time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.commands.admit(at)
}

// add checks a command and queues it. The error is why the command is rejected.
func (q *commandQueue) add(c journal.Command) error {
	q.mu.Lock()
	defer q.unlock()
	if err := q.commands.add(c); err != nil {
		return err
	}
	q.changed.Set()
	return nil
}

// next returns what to write now. paused is why nothing may be written, or nil.
func (q *commandQueue) next(now time.Time, paused error) task {
	q.mu.Lock()
	defer q.unlock()
	if n, why := q.commands.surplus.take(now); n > 0 {
		q.surplus(n, why)
	}
	return q.commands.next(now, paused)
}

// heard takes a line of the protocol with a valid checksum. It wakes the writer last:
// earlier, the writer would wait for the lock, and wake again for the command that often
// follows a result.
func (q *commandQueue) heard(at time.Time, l protocol.Line) reaction {
	defer q.changed.Set()
	q.mu.Lock()
	defer q.unlock()
	return q.commands.heard(at, l)
}

// setSpeaks records whether the board speaks the protocol: then commands wait for its
// hello.
func (q *commandQueue) setSpeaks(speaks bool) {
	q.mu.Lock()
	q.commands.expectsHello = speaks
	q.unlock()
	q.changed.Set()
	q.commands.journal.SetSpeaks(speaks)
}

// resume takes over unfinished commands of an earlier process. It returns those that the
// board cannot be asked about.
func (q *commandQueue) resume(unfinished []journal.Command, now time.Time) (rest []journal.Command) {
	q.mu.Lock()
	defer q.unlock()
	return q.commands.resume(unfinished, now)
}

// expireAll ends the waiting commands.
func (q *commandQueue) expireAll(why error) {
	q.mu.Lock()
	defer q.unlock()
	q.commands.expireAll(why)
}

// giveUp ends all commands.
func (q *commandQueue) giveUp(why error) {
	q.mu.Lock()
	defer q.unlock()
	q.commands.giveUp(time.Now(), why)
	if s := &q.commands.surplus; s.count > 0 {
		q.surplus(s.count, s.why)
		*s = surplus{}
	}
}

// busy reports whether a board that confirms commands has some in flight.
func (q *commandQueue) busy() bool {
	q.mu.Lock()
	defer q.unlock()
	return q.commands.machine.Busy()
}

// accepted returns the commands that the device accepts. The map is never changed.
func (q *commandQueue) accepted() map[string]device.Command {
	q.mu.Lock()
	defer q.unlock()
	return q.commands.accepted
}
