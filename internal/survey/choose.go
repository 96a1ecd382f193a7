package survey

import (
	"fmt"

	"arduino-gateway/internal/ports"
)

// Skipped is a port that init does not listen to.
type Skipped struct {
	Port ports.Port
	Why  string
	Fix  string // the command that fixes it; "" if unknown
}

// Choose splits the ports into those to listen to and those to skip.
func Choose(all []ports.Port) (worth []ports.Port, skipped []Skipped) {
	for _, p := range all {
		if s, skip := unusable(p); skip {
			skipped = append(skipped, s)
		} else {
			worth = append(worth, p)
		}
	}
	return worth, skipped
}

func unusable(p ports.Port) (Skipped, bool) {
	for _, problem := range p.Problems {
		if p.Path == "" || keepsFromUse(problem.Kind) {
			return Skipped{p, problem.What, problem.Fix}, true
		}
	}
	if p.Foreign != "" {
		return Skipped{p, "it " + p.Foreign + "; if you want its lines, name its port in devices.yaml", ""}, true
	}
	if p.Holder != nil { // the gateway itself, which is not a problem elsewhere
		return Skipped{p, fmt.Sprintf("%v has it open", p.Holder), ""}, true
	}
	return Skipped{}, false
}

// keepsFromUse reports whether a problem must be fixed before the port is opened.
func keepsFromUse(kind string) bool {
	switch kind {
	case ports.ModemManager, ports.Brltty:
		return false
	}
	return true
}
