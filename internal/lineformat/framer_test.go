package lineformat

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// frame feeds the chunks and returns the lines as copies.
func frame(f *Framer, chunks ...[]byte) []string {
	var lines []string
	for _, chunk := range chunks {
		f.Feed(chunk, func(line []byte) { lines = append(lines, string(line)) })
	}
	return lines
}

// slowLines is a Framer in its plainest form: it splits after each LF and CR,
// drops the first piece and the last, and drops what is too long.
func slowLines(stream []byte) (lines []string, c Counts) {
	pieces := regexp.MustCompile(`[^\r\n]*[\r\n]|[^\r\n]+$`).FindAll(stream, -1)
	for i, piece := range pieces {
		text := bytes.TrimRight(piece, "\r\n")
		switch whole := len(text) < len(piece); {
		case i == 0:
			c.SyncBytes = uint64(len(piece))
		case len(text) > MaxLine:
			c.Overlong++
			c.OverlongBytes += uint64(len(piece))
		case whole && len(text) > 0:
			c.Lines++
			lines = append(lines, string(text))
		}
	}
	return lines, c
}

// Each stream has its lines and its counts.
func TestFramer_CutsLines(t *testing.T) {
	long := strings.Repeat("x", MaxLine)
	for _, c := range []struct {
		name, stream string
		want         []string
		counts       Counts
	}{
		{"drops the first piece", "mp=2\na=1\nb=2\n", []string{"a=1", "b=2"}, Counts{Lines: 2, SyncBytes: 5}},
		{"keeps what follows a first newline", "\na=1\n", []string{"a=1"}, Counts{Lines: 1, SyncBytes: 1}},
		{"CRLF", "\r\na=1\r\nb=2\r\n", []string{"a=1", "b=2"}, Counts{Lines: 2, SyncBytes: 1}},
		{"LFCR", "\n\ra=1\n\rb=2\n\r", []string{"a=1", "b=2"}, Counts{Lines: 2, SyncBytes: 1}},
		{"CR alone", "mp=2\ra=1\rb=2\r", []string{"a=1", "b=2"}, Counts{Lines: 2, SyncBytes: 5}},
		{"CR in front of the line", "\ra=1\rb=2", []string{"a=1"}, Counts{Lines: 1, SyncBytes: 1}},
		{"CRCRLF", "\na\r\r\n", []string{"a"}, Counts{Lines: 1, SyncBytes: 1}},
		{"an LF lost of a CRLF", "\na=1\rb=2\r\n", []string{"a=1", "b=2"}, Counts{Lines: 2, SyncBytes: 1}},
		{"passes over empty lines", "\n\n\r\n\na\n\n", []string{"a"}, Counts{Lines: 1, SyncBytes: 1}},
		{"never half a line", "\na=1\nb=", []string{"a=1"}, Counts{Lines: 1, SyncBytes: 1}},
		{"one byte too long with CR", "\n" + long + "y\rb\r", []string{"b"}, Counts{1, 1, 1, MaxLine + 2}},
		{"never a newline", "abc", nil, Counts{SyncBytes: 3}},
		{"the longest line", "\n" + long + "\n", []string{long}, Counts{Lines: 1, SyncBytes: 1}},
		{"the longest line with CRLF", "\n" + long + "\r\n", []string{long}, Counts{Lines: 1, SyncBytes: 1}},
		{"one byte too long", "\n" + long + "y\nb\n", []string{"b"}, Counts{1, 1, 1, MaxLine + 2}},
		{"one byte too long with CRLF", "\n" + long + "y\r\nb\n", []string{"b"}, Counts{1, 1, 1, MaxLine + 2}},
		{"far too long, counted once", "\n" + strings.Repeat(long, 5) + "\nb\n", []string{"b"}, Counts{1, 1, 1, 5*MaxLine + 1}},
		{"too long and not over", "\n" + strings.Repeat(long, 2), nil, Counts{0, 1, 1, 2 * MaxLine}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for size := 1; size <= len(c.stream); size += 1 + size/7 {
				f := NewFramer(0)
				got := frame(f, slices.Collect(slices.Chunk([]byte(c.stream), size))...)
				if !slices.Equal(got, c.want) || f.Counts() != c.counts {
					t.Fatalf("chunks of %d: got %.60q, %+v\nwant %.60q, %+v", size, got, f.Counts(), c.want, c.counts)
				}
			}
		})
	}
}

// After Reset the first piece is dropped.
func TestFramer_ResetLosesSync(t *testing.T) {
	f := NewFramer(0)
	got := frame(f, []byte("\na=1\nhalf"))
	f.Reset()
	got = append(got, frame(f, []byte("of another=2\nb=3\n"))...)
	if want := []string{"a=1", "b=3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := (Counts{Lines: 2, SyncBytes: 1 + 4 + 13}); f.Counts() != want {
		t.Errorf("got %+v, want %+v", f.Counts(), want)
	}
}

// After Begin the next byte begins a line.
func TestFramer_BeginSynchronizes(t *testing.T) {
	f := NewFramer(0)
	got := frame(f, []byte("half"))
	f.Begin()
	got = append(got, frame(f, []byte("a=1\nb"))...)
	f.Begin() // already in sync
	got = append(got, frame(f, []byte("=2\n"), bytes.Repeat([]byte("x"), 2000))...)
	f.Begin() // an overlong line lasts to its newline
	got = append(got, frame(f, []byte("x\nc=3\n"))...)
	if want := []string{"a=1", "b=2", "c=3"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := (Counts{3, 4, 1, 2002}); f.Counts() != want {
		t.Errorf("got %+v, want %+v", f.Counts(), want)
	}
}

// A handler may call Reset within a line.
func TestFramer_ResetWithinALine(t *testing.T) {
	f := NewFramer(0)
	var got []string
	f.Feed([]byte("\na\nb\nc\nd\n"), func(line []byte) {
		got = append(got, string(line))
		if string(line) == "a" {
			f.Reset()
		}
	})
	if want := []string{"a", "c", "d"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Reset also ends an overlong line.
func TestFramer_ResetWhileDiscarding(t *testing.T) {
	f := NewFramer(0)
	frame(f, []byte("\n"), bytes.Repeat([]byte("x"), 2000))
	f.Reset()
	if got := frame(f, []byte("x\na\n")); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %q", got)
	}
	if want := (Counts{1, 3, 1, 2000}); f.Counts() != want {
		t.Errorf("got %+v, want %+v", f.Counts(), want)
	}
}

// A line that is whole in a chunk is a part of it.
func TestFramer_DoesNotCopyWholeLines(t *testing.T) {
	f := NewFramer(0)
	chunk := []byte("\na=1\r\n")
	f.Feed(chunk, func(line []byte) {
		if &line[0] != &chunk[1] {
			t.Error("the line is a copy")
		}
	})
}

// Lines of any length cost no allocation.
func TestFramer_AllocatesNothing(t *testing.T) {
	f := NewFramer(0)
	stream := bytes.Repeat([]byte("temp=23.51,hum=40.2,seq=123\r\n"), 20)
	lines := 0
	line := func([]byte) { lines++ }
	if n := testing.AllocsPerRun(100, func() {
		f.Feed(stream[:33], line)
		f.Feed(stream[33:100], line)
		f.Feed(stream[100:], line)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if lines == 0 {
		t.Error("no lines")
	}
}

// The lines and the counts of a stream do not depend on its chunks.
func TestFramer_IgnoresChunking(t *testing.T) {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"\n", "\r\n", "\r", "a=1", strings.Repeat("x", MaxLine-1), strings.Repeat("y", MaxLine+1)}),
		rapid.StringN(0, 20, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		stream := []byte(strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), ""))
		want, counts := slowLines(stream)
		f := NewFramer(0)
		var got []string
		for rest := stream; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "chunk")
			got = append(got, frame(f, rest[:n])...)
			rest = rest[n:]
		}
		if !slices.Equal(got, want) || f.Counts() != counts {
			t.Fatalf("got %.60q, %+v\nwant %.60q, %+v", got, f.Counts(), want, counts)
		}
	})
}

func FuzzFramer(f *testing.F) {
	f.Add([]byte("half\na=1\r\nb=2\n"), 3)
	f.Add(bytes.Repeat([]byte("x"), 3000), 1000)
	f.Add([]byte("\n"+strings.Repeat("x", MaxLine)+"\r\n"), 1)
	f.Add([]byte("a=1\rb=2\rc=3\n\rd=4\r"), 2)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		want, counts := slowLines(stream)
		size = max(1, min(size, len(stream)))
		framer := NewFramer(0)
		got := frame(framer, slices.Collect(slices.Chunk(stream, size))...)
		if !slices.Equal(got, want) || framer.Counts() != counts {
			t.Fatalf("chunks of %d: got %.60q, %+v\nwant %.60q, %+v", size, got, framer.Counts(), want, counts)
		}
	})
}

// An overlong line is reported at its end with its length, however it is chunked.
func TestFramer_ReportsLengthOfOverlongLines(t *testing.T) {
	text := "\n" + strings.Repeat("x", 64) + "\n" + strings.Repeat("y", 200) + "\r\nz\n"
	for size := 1; size <= len(text); size++ {
		var got []int
		lines, f := 0, NewFramer(64)
		f.Overlong = func(bytes int) { got = append(got, bytes) }
		for rest := text; rest != ""; rest = rest[min(size, len(rest)):] {
			f.Feed([]byte(rest[:min(size, len(rest))]), func([]byte) { lines++ })
		}
		if len(got) != 1 || got[0] != 200 || lines != 2 {
			t.Fatalf("chunks of %d: %v overlong, %d lines", size, got, lines)
		}
	}
}
