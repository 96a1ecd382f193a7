//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/simulator"
)

// TestTorture_DamagedSpool flips bytes in the files of a killed gateway. The next start
// delivers all records except the damaged ones, and logs those.
func TestTorture_DamagedSpool(t *testing.T) {
	t.Parallel()
	r := newKeptRig(t)
	board := simulator.New(t, simulator.Spec{Lossless: true})
	file, state := r.configure(devicesFor(board)), filepath.Join(r.dir, "state")
	const lines = 1000
	p := launch(t, file)
	r.awaitLine(board, "ready=1", "devices/board/ready", "1")
	r.broker.Stop()
	for i := range lines {
		board.Println(fmt.Sprintf("n=%d", i))
	}
	awaitBacklog(t, state, fmt.Sprint(lines-1))
	p.kill()
	intact := spoolFiles(t, state)
	r.broker.Restart()

	var c tally
	rounds, hit := often(5, 100), 0
	for round := range rounds {
		flips := 1 + rand.N(8)
		writeSpool(t, state, damaged(intact, flips))
		before := r.heard.count("devices/board/n")
		p := launch(t, file)
		r.awaitLine(board, fmt.Sprintf("end=%d", round), "devices/board/end", fmt.Sprint(round))
		missing := lines - len(c.numbersOf(t, r.heard.on("devices/board/n")[before:]))
		c.read += lines
		hit += missing
		if missing > flips {
			c.lost += missing - flips
		}
		if text := p.log.String(); missing > 0 && !strings.Contains(text, "damaged lines in the spool skipped") && !strings.Contains(text, "incomplete last write removed") {
			t.Errorf("%d lines are missing, and nothing is logged:\n%s", missing, text)
		}
		p.kill()
	}
	c.row(fmt.Sprintf("spool damaged at random bytes %d times", rounds), fmt.Sprintf("lines in damaged places: %d", hit))
	c.sound(t)
}

// spoolFiles returns the files of a spool by name.
func spoolFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, pattern := range []string{"*.seg", "acks"} {
		names, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(name)] = data
		}
	}
	return files
}

func writeSpool(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name := range spoolFiles(t, dir) {
		_ = os.Remove(filepath.Join(dir, name))
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// damaged returns the files with a number of bytes changed at random.
func damaged(files map[string][]byte, flips int) map[string][]byte {
	copies, names := map[string][]byte{}, []string{}
	for name, data := range files {
		copies[name] = append([]byte(nil), data...)
		names = append(names, name)
	}
	for range flips {
		data := copies[names[rand.N(len(names))]]
		data[rand.N(len(data))] ^= byte(1 + rand.N(255))
	}
	return copies
}
