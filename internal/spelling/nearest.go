// Package spelling finds the known word that a misspelt word probably means. It has no
// words of its own.
package spelling

import "strings"

// Nearest returns the known word that a misspelt one probably means, "" if none is
// near: port for prot, baud for Baud and baudrate.
func Nearest(word string, known []string) string {
	word = strings.ToLower(word)
	best, distance := "", 3
	for _, candidate := range known {
		if d := editDistance(word, candidate, distance); d < distance && d <= maxErrors(candidate) {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return longer(word, known)
	}
	return best
}

// Hint returns a hint with the word that was probably meant, or with all known ones.
func Hint(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	return "known: " + strings.Join(known, ", ")
}

// maxErrors returns how many errors in a word still leave it recognizable.
func maxErrors(word string) int {
	switch {
	case len(word) < 3:
		return 0
	case len(word) < 6:
		return 1
	}
	return 2
}

// longer returns the known word that the word begins with, or that begins with it.
func longer(word string, known []string) string {
	for _, candidate := range known {
		short, long := min(len(word), len(candidate)), candidate
		if len(word) > len(long) {
			long = word
		}
		if short >= 3 && word[:short] == candidate[:short] && len(long) <= 3*short {
			return candidate
		}
	}
	return ""
}

// editDistance returns the number of letters to change, add, remove or swap with
// their neighbour, or most if there are more.
func editDistance(a, b string, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most {
		return most
	}
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
