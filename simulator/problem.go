package simulator

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong in a scenario file.
type Problem struct {
	File         string
	Line, Column int
	Key          string // boards.greenhouse.signals.temperature; "" is the file as a whole
	What         string
}

// String is FILE:LINE:COLUMN: KEY: what is wrong.
func (p Problem) String() string {
	place := fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
	if p.Key != "" {
		place += p.Key + ": "
	}
	return place + p.What
}

// Problems is the error of Load: all that is wrong, sorted by place.
type Problems []Problem

// Error gives a problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// nearest gives the known word that a misspelt one is likely meant to be, "" if
// none is near.
func nearest(word string, known []string) string {
	best, distance := "", 3
	for _, candidate := range known {
		if d := editDistance(word, candidate); d < distance && d < len(candidate) {
			best, distance = candidate, d
		}
	}
	return best
}

// editDistance counts the letters to change, add or drop; two letters that have
// changed places count as two.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
