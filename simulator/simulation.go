package simulator

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
)

// Simulation is a running Scenario.
type Simulation struct {
	boards []*Board
	dir    string // temporary folder, removed on Close; "" is none
}

// Start plugs in every board of the scenario. Their links exist when it returns.
// The owner calls Run or Close.
func Start(scenario Scenario) (*Simulation, error) {
	s := &Simulation{}
	if err := s.start(scenario); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Simulation) start(scenario Scenario) error {
	dir := scenario.Dir
	if dir == "" {
		temporary, err := os.MkdirTemp("", "boards-")
		if err != nil {
			return fmt.Errorf("folder for the boards: %w", err)
		}
		dir, s.dir = temporary, temporary
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("folder for the boards: %w", err)
	}
	for _, spec := range scenario.Boards {
		board, err := plug(spec, dir)
		if err != nil {
			return err
		}
		s.boards = append(s.boards, board)
	}
	return nil
}

// Boards returns the boards in the order of the scenario.
func (s *Simulation) Boards() []*Board { return s.boards }

// Board returns the board with that name, nil if there is none.
func (s *Simulation) Board(name string) *Board {
	for _, b := range s.boards {
		if b.Name() == name {
			return b
		}
	}
	return nil
}

// Run keeps the boards running until ctx ends, then closes them.
func (s *Simulation) Run(ctx context.Context) error {
	<-ctx.Done()
	return s.Close()
}

// Close removes all ports and links. It may be called twice, and on nil.
func (s *Simulation) Close() error {
	if s == nil {
		return nil
	}
	var all []error
	for _, b := range s.boards {
		all = append(all, b.Close())
	}
	if s.dir != "" {
		all = append(all, os.RemoveAll(s.dir))
	}
	return errors.Join(all...)
}

//go:embed scenarios/greenhouse.yaml
var demo []byte

// DemoScenario returns scenarios/greenhouse.yaml: three boards for a first look.
// Their links go to a temporary folder unless the caller sets Dir.
func DemoScenario() Scenario {
	scenario, err := Load("greenhouse.yaml", demo)
	if err != nil {
		panic(err) // a test loads it
	}
	scenario.Dir = ""
	return scenario
}
