package simulator

import "arduino-gateway/internal/strictyaml"

// Problem is one mistake in the file of a scenario.
type Problem struct {
	File         string
	Line, Column int    // counted from 1
	Key          string // such as boards.greenhouse.baud; "" is the whole file
	What         string // what is wrong
	Hint         string // what to do; "" if that is not known
}

// String returns FILE:LINE:COLUMN: KEY: what is wrong (hint: what to do).
func (p Problem) String() string { return p.yaml().String() }

func (p Problem) yaml() strictyaml.Problem {
	return strictyaml.Problem{File: p.File, Line: p.Line, Column: p.Column, Key: p.Key, What: p.What, Hint: p.Hint}
}

// Problems is the error of Load: all mistakes of a file, sorted by place.
type Problems []Problem

// Error returns one line a problem.
func (ps Problems) Error() string {
	all := make(strictyaml.Problems, len(ps))
	for i, p := range ps {
		all[i] = p.yaml()
	}
	return all.Error()
}

func newProblems(found strictyaml.Problems) Problems {
	all := make(Problems, len(found))
	for i, p := range found {
		all[i] = Problem{File: p.File, Line: p.Line, Column: p.Column, Key: p.Key, What: p.What, Hint: p.Hint}
	}
	return all
}
