package simulator

import (
	"maps"
	"math"
	"path/filepath"
	"slices"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// Load reads a scenario from YAML. name is that of the file, for messages and
// for the links of the boards: they go into its folder, or into dir, which is
// relative to it. The error is of type Problems and lists all mistakes.
func Load(name string, data []byte) (Scenario, error) {
	d := &decoder{strictyaml.Open(name, data, "it needs boards")}
	scenario := Scenario{Name: name, Dir: filepath.Dir(name)}
	d.scenario(&scenario)
	if found := d.Problems(); found.Err() != nil {
		return Scenario{}, newProblems(found)
	}
	return scenario, nil
}

// decoder knows what the keys of a scenario mean.
type decoder struct{ *strictyaml.Document }

func (d *decoder) scenario(s *Scenario) {
	var dir string
	var seed uint64
	d.Root(map[string]strictyaml.Set{
		"dir":  d.Text(&dir),
		"seed": strictyaml.Whole(d.Document, &seed, 0, math.MaxInt64),
		"boards": d.Each(func(key, name string, n *strictyaml.Node) {
			s.Boards = append(s.Boards, d.board(key, name, n))
		}),
	})
	if len(s.Boards) == 0 && d.Valid("boards") {
		d.ReportAt("boards", "no boards", "")
	}
	if filepath.IsAbs(dir) {
		s.Dir = dir
	} else {
		s.Dir = filepath.Join(s.Dir, dir)
	}
	for i := range s.Boards {
		d.finish(&s.Boards[i], s.Dir, seed)
	}
	s.usedLinks(func(board Spec, what string) { d.ReportAt(boardKey(board.Name)+".link", what, "") })
}

func boardKey(name string) string { return strictyaml.Join("boards", name) }

func (d *decoder) board(key, name string, n *strictyaml.Node) Spec {
	s := Spec{Name: name}
	d.Fields(map[string]strictyaml.Set{
		"link":          d.Text(&s.Link),
		"baud":          strictyaml.Whole(d.Document, &s.Baud, 50, 4_000_000),
		"pace":          d.Flag(&s.Pace),
		"lossless":      d.Flag(&s.Lossless),
		"reset_on_open": d.Flag(&s.ResetOnOpen),
		"boot":          d.Duration(&s.Boot, 0),
		"banner":        d.Texts(&s.Banner),
		"seed":          strictyaml.Whole(d.Document, &s.Seed, 0, math.MaxInt64),
		"every":         d.Duration(&s.Every, time.Millisecond),
		"flat_out":      d.Flag(&s.FlatOut),
		"lines":         strictyaml.Whole(d.Document, &s.Lines, 1, math.MaxInt64),
		"format":        strictyaml.Word(d.Document, &s.Format, Formats...),
		"line":          d.Text(&s.Line),
		"ending":        strictyaml.Word(d.Document, &s.Ending, device.LF, device.CRLF),
		"signals":       d.signals(&s.Signals),
		"state":         d.state(&s.State),
		"hello":         d.hello(&s.Hello),
		"commands":      d.commands(&s.Commands),
		"unknown":       d.Text(&s.Unknown),
		"faults":        d.faults(&s.Faults),
	})(key, n)
	return s
}

func (d *decoder) hello(to *string) strictyaml.Set {
	return d.Scalar("an ID", func(key string, n *strictyaml.Node) {
		if *to = n.Value; *to == "" {
			d.Reject(n, key, "missing ID", "leave the key out for a board that only prints lines")
		}
	})
}

// finish sets what depends on the whole file, and checks what depends on several
// keys.
func (d *decoder) finish(s *Spec, dir string, seed uint64) {
	s.Seed += seed
	if s.Link != "" && !filepath.IsAbs(s.Link) {
		s.Link = filepath.Join(dir, s.Link)
	}
	checked := s.withDefaults()
	for _, c := range checked.mistakes() {
		key := boardKey(s.Name)
		if c.key != "name" {
			key += "." + c.key
			if !d.Valid(key) {
				continue // already reported
			}
		}
		d.ReportAt(key, c.what, "")
	}
}

func (d *decoder) signals(to *[]Signal) strictyaml.Set {
	return d.Each(func(key, name string, n *strictyaml.Node) {
		*to = append(*to, d.signal(key, name, n))
	})
}

// waveKeys are the keys of each wave, besides those of every signal.
var waveKeys = map[Wave][]string{
	Constant: {"value"},
	Sine:     {"mean", "amplitude", "period"},
	Ramp:     {"from", "to", "period"},
	Walk:     {"start", "step", "min", "max"},
}

// signal reads a signal. Without decimals it is printed with two, as
// Serial.print prints a float.
func (d *decoder) signal(key, name string, n *strictyaml.Node) Signal {
	s := Signal{Name: name, Wave: Constant, Decimals: 2}
	ofWaves := map[string]strictyaml.Set{
		"value": d.Number(&s.Value), "mean": d.Number(&s.Mean), "amplitude": d.Number(&s.Amplitude),
		"from": d.Number(&s.From), "to": d.Number(&s.To), "start": d.Number(&s.Start),
		"step": d.Number(&s.Step), "min": d.Number(&s.Min), "max": d.Number(&s.Max),
		"period": d.Duration(&s.Period, time.Millisecond),
	}
	known := map[string]strictyaml.Set{
		"wave":  strictyaml.Word(d.Document, &s.Wave, Waves...),
		"noise": d.Number(&s.Noise), "decimals": strictyaml.Whole(d.Document, &s.Decimals, 0, 9),
		"unit": d.Text(&s.Unit),
	}
	takes, ok := waveKeys[waveOf(n)]
	if !ok { // the wave itself is the problem
		takes = slices.Collect(maps.Keys(ofWaves))
	}
	for _, key := range takes {
		known[key] = ofWaves[key]
	}
	d.Fields(known)(key, n)
	return s
}

// waveOf looks ahead: the wave decides which keys there are.
func waveOf(n *strictyaml.Node) Wave {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "wave" {
			return Wave(n.Content[i+1].Value)
		}
	}
	return Constant
}

func (d *decoder) state(to *[]Variable) strictyaml.Set {
	return d.Each(func(key, name string, n *strictyaml.Node) {
		v := Variable{Name: name}
		d.Text(&v.Value)(key, n)
		*to = append(*to, v)
	})
}

func (d *decoder) commands(to *[]Command) strictyaml.Set {
	return d.Items(func(key string, n *strictyaml.Node) {
		var c Command
		d.Fields(map[string]strictyaml.Set{
			"on": d.Text(&c.On), "takes": d.Text(&c.Takes), "set": d.Text(&c.Set), "to": d.Text(&c.To),
			"reply": d.Text(&c.Reply), "refuse": d.Text(&c.Refuse),
		})(key, n)
		*to = append(*to, c)
	})
}

func (d *decoder) faults(to *[]Fault) strictyaml.Set {
	return d.Items(func(key string, n *strictyaml.Node) {
		var f Fault
		d.Fields(map[string]strictyaml.Set{
			"at": d.Duration(&f.At, 0), "do": strictyaml.Word(d.Document, &f.Do, Faults...),
			"for": d.Duration(&f.For, time.Millisecond), "every": d.Duration(&f.Every, time.Millisecond),
		})(key, n)
		*to = append(*to, f)
	})
}
