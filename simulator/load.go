package simulator

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"time"

	"gopkg.in/yaml.v3"
)

// Load reads a scenario. The name is the file's, for messages and for the
// boards' links: they lie in its folder, or under dir, which is relative to it.
// The error is of type Problems and tells everything that is wrong.
func Load(name string, data []byte) (Scenario, error) {
	d := &decoder{file: name, places: map[string]*yaml.Node{}}
	scenario := Scenario{Name: name, Dir: filepath.Dir(name)}
	if root := d.root(data); root != nil {
		d.scenario(root, &scenario)
	}
	if err := d.sorted(); err != nil {
		return Scenario{}, err
	}
	return scenario, nil
}

func (d *decoder) scenario(root *yaml.Node, s *Scenario) {
	var dir string
	var seed uint64
	d.fields("", root, map[string]setter{
		"dir":  d.text(&dir),
		"seed": whole(d, &seed, 0, math.MaxInt64),
		"boards": func(key string, n *yaml.Node) {
			d.each(key, n, func(path, name string, _, value *yaml.Node) {
				s.Boards = append(s.Boards, d.board(path, name, value))
			})
		},
	})
	if len(s.Boards) == 0 && len(d.problems) == 0 {
		d.sayAt("boards", "there is no board")
	}
	if filepath.IsAbs(dir) {
		s.Dir = dir
	} else {
		s.Dir = filepath.Join(s.Dir, dir)
	}
	links := map[string]string{}
	for i := range s.Boards {
		board := &s.Boards[i]
		d.finish(board, s.Dir, seed)
		link := board.Link
		if link == "" {
			link = filepath.Join(s.Dir, board.Name)
		}
		if other, taken := links[link]; taken {
			d.sayAt("boards."+board.Name+".link", fmt.Sprintf("the link %s is that of board %q", link, other))
		}
		links[link] = board.Name
	}
}

func (d *decoder) board(key, name string, n *yaml.Node) Spec {
	s := Spec{Name: name}
	d.fields(key, n, map[string]setter{
		"link":          d.text(&s.Link),
		"baud":          whole(d, &s.Baud, 50, 4_000_000),
		"pace":          d.flag(&s.Pace),
		"lossless":      d.flag(&s.Lossless),
		"reset_on_open": d.flag(&s.ResetOnOpen),
		"boot":          d.duration(&s.Boot, 0),
		"banner":        d.texts(&s.Banner),
		"seed":          whole(d, &s.Seed, 0, math.MaxInt64),
		"every":         d.duration(&s.Every, time.Millisecond),
		"flat_out":      d.flag(&s.FlatOut),
		"lines":         whole(d, &s.Lines, 1, math.MaxInt64),
		"format":        word(d, &s.Format),
		"line":          d.text(&s.Line),
		"ending":        word(d, &s.Ending),
		"signals":       d.signals(&s.Signals),
		"state":         d.state(&s.State),
		"commands":      d.commands(&s.Commands),
		"unknown":       d.text(&s.Unknown),
		"faults":        d.faults(&s.Faults),
	})
	return s
}

// finish fills in what depends on the whole file, and checks what depends on
// several keys.
func (d *decoder) finish(s *Spec, dir string, seed uint64) {
	s.Seed += seed
	if s.Link != "" && !filepath.IsAbs(s.Link) {
		s.Link = filepath.Join(dir, s.Link)
	}
	checked := s.withDefaults()
	for _, c := range checked.complaints() {
		if c.key == "name" {
			d.sayAt("boards."+s.Name, c.what)
			continue
		}
		d.sayAt("boards."+s.Name+"."+c.key, c.what)
	}
}

func (d *decoder) texts(to *[]string) setter {
	return func(key string, n *yaml.Node) {
		d.items(key, n, func(key string, n *yaml.Node) {
			var text string
			d.text(&text)(key, n)
			*to = append(*to, text)
		})
	}
}

func (d *decoder) signals(to *[]Signal) setter {
	return func(key string, n *yaml.Node) {
		d.each(key, n, func(path, name string, _, value *yaml.Node) {
			*to = append(*to, d.signal(path, name, value))
		})
	}
}

// waveKeys are the keys that each wave takes, besides those of every signal.
var waveKeys = map[Wave][]string{
	Constant: {"value"},
	Sine:     {"mean", "amplitude", "period"},
	Ramp:     {"from", "to", "period"},
	Walk:     {"start", "step", "min", "max"},
}

// signal reads one; without decimals it is printed with two, as Serial.print
// prints a float.
func (d *decoder) signal(key, name string, n *yaml.Node) Signal {
	s := Signal{Name: name, Wave: Constant, Decimals: 2}
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "wave" {
				s.Wave = Wave(n.Content[i+1].Value)
			}
		}
	}
	ofWaves := map[string]setter{
		"value": d.number(&s.Value), "mean": d.number(&s.Mean), "amplitude": d.number(&s.Amplitude),
		"from": d.number(&s.From), "to": d.number(&s.To), "start": d.number(&s.Start),
		"step": d.number(&s.Step), "min": d.number(&s.Min), "max": d.number(&s.Max),
		"period": d.duration(&s.Period, time.Millisecond),
	}
	takes, ok := waveKeys[s.Wave]
	if !ok { // the wave itself is the problem, told later
		takes = slices.Collect(maps.Keys(ofWaves))
	}
	known := map[string]setter{
		"wave": word(d, &s.Wave), "noise": d.number(&s.Noise), "decimals": whole(d, &s.Decimals, 0, 9),
	}
	for _, key := range takes {
		known[key] = ofWaves[key]
	}
	d.fields(key, n, known)
	return s
}

func (d *decoder) state(to *[]Variable) setter {
	return func(key string, n *yaml.Node) {
		d.each(key, n, func(path, name string, _, value *yaml.Node) {
			v := Variable{Name: name}
			d.text(&v.Value)(path, value)
			*to = append(*to, v)
		})
	}
}

func (d *decoder) commands(to *[]Command) setter {
	return func(key string, n *yaml.Node) {
		d.items(key, n, func(key string, n *yaml.Node) {
			var c Command
			d.fields(key, n, map[string]setter{
				"on": d.text(&c.On), "set": d.text(&c.Set), "to": d.text(&c.To), "reply": d.text(&c.Reply),
			})
			*to = append(*to, c)
		})
	}
}

func (d *decoder) faults(to *[]Fault) setter {
	return func(key string, n *yaml.Node) {
		d.items(key, n, func(key string, n *yaml.Node) {
			var f Fault
			d.fields(key, n, map[string]setter{
				"at": d.duration(&f.At, 0), "do": word(d, &f.Do),
				"for": d.duration(&f.For, time.Millisecond), "every": d.duration(&f.Every, time.Millisecond),
			})
			*to = append(*to, f)
		})
	}
}
