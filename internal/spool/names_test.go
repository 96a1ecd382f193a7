package spool

import (
	"bytes"
	"testing"
)

// The name of a removed device leaves the files when its lines are delivered, and its seqs
// stay.
func TestSpool_ForgetsNamesOfRemovedDevices(t *testing.T) {
	f := newFakeFS()
	named := func() (files int) {
		for _, file := range f.files {
			if bytes.Contains(file.data, []byte("removed")) {
				files++
			}
		}
		return files
	}
	s := Open(Options{FS: f})
	putText(s.Queue("removed"), 10)
	closeAll(t, s)

	s = Open(Options{FS: f})
	s.log.segmentSize = 1000
	kept := s.Queue("kept")
	fillSegments := func() {
		putText(kept, 100)
		kept.Ack(kept.Stats().Last)
		s.makeRoom()
	}
	fillSegments()
	if all := s.Queues(); named() == 0 || len(all) != 2 {
		t.Fatalf("a device whose lines wait lost its name: %+v", all)
	}
	closeAll(t, s)

	s = Open(Options{FS: f})
	q := s.Queue("removed")
	q.Ack(10)
	closeAll(t, s)
	s = Open(Options{FS: f})
	s.log.segmentSize = 1000
	kept = s.Queue("kept")
	fillSegments()
	if n := named(); n > 0 {
		t.Errorf("%d files have the name", n)
	}
	closeAll(t, s)
	if last := Open(Options{FS: f}).Queue("removed").Stats().Last; last != 10 {
		t.Errorf("its seqs go on after %d", last)
	}
}
