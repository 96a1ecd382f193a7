package extras_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The rules of arduino-lint for a library that is submitted to the library manager
// (--library-manager submit --compliance strict), by their IDs. The names of the
// subtests are the IDs, too. Not checked:
//
//	LP013, LP018          only for official libraries, and for those in the index
//	LP017, LP042          need the network: the name is new, the url answers
//	LP022                 needs the tags of a published repository
//	LP028 to LP030        for the field email, which maintainer replaces
//	LP045 to LP050        for fields and values that LP043 and LP006 exclude here
//	LP053 to LP055, LP058 the same

// fields is library.properties.
type fields map[string]string

func properties(t *testing.T) fields {
	t.Helper()
	text, err := os.ReadFile("../library.properties")
	if err != nil {
		t.Fatal(err) // LP001, LP002, LP003
	}
	all := fields{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || name == "" || all[name] != "" {
			t.Errorf("LP005: library.properties has the line %q", line)
		}
		all[name] = value
	}
	return all
}

// known are the fields of the library specification; license is read by arduino-cli.
var known = []string{"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url",
	"architectures", "includes", "license"}

var categories = []string{"Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing",
	"Data Storage", "Data Processing", "Other"}

var (
	nameChars = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.\-]*$`)
	semver    = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$`)
)

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.IsAbs() && u.Host != ""
}

// fieldRules report whether library.properties keeps to a rule.
var fieldRules = map[string]func(fields) bool{
	"LP006":             func(p fields) bool { return len(p) == len(known) }, // with LP007 and so on: none is misspelled
	"LP007-LP008":       func(p fields) bool { return p["name"] != "" },
	"LP009-LP010":       func(p fields) bool { return len(p["name"]) <= 32 },
	"LP011-LP015":       func(p fields) bool { return nameChars.MatchString(p["name"]) },
	"LP012-LP014":       func(p fields) bool { return !mentions(p["name"], "arduino") },
	"LP016":             func(p fields) bool { return !mentions(p["name"], "library") },
	"LP019-LP020-LP021": func(p fields) bool { return semver.MatchString(p["version"]) },
	"LP023-LP024":       func(p fields) bool { return p["author"] != "" },
	"LP025-LP026":       func(p fields) bool { return p["maintainer"] != "" },
	"LP027-LP057":       func(p fields) bool { return !mentions(p["maintainer"], "arduino") },
	"LP031-LP032":       func(p fields) bool { return p["sentence"] != "" },
	"LP034":             func(p fields) bool { return p["paragraph"] != "" },
	"LP036":             func(p fields) bool { return !strings.HasPrefix(p["paragraph"], p["sentence"]) },
	"LP037-LP038-LP039": func(p fields) bool { return slices.Contains(categories, p["category"]) },
	"LP040-LP041-LP056": func(p fields) bool { return isURL(p["url"]) },
	"LP043-LP044":       func(p fields) bool { return p["architectures"] == "*" },
	"LP051-LP052":       func(p fields) bool { return isFile("../src/" + p["includes"]) },
	"LS008":             func(p fields) bool { return isFile("../src/" + p["name"] + ".h") },
}

func mentions(text, word string) bool { return strings.Contains(strings.ToLower(text), word) }

func isFile(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// TestLint_Fields holds library.properties to the library manager's rules.
func TestLint_Fields(t *testing.T) {
	t.Parallel()
	p := properties(t)
	for id, holds := range fieldRules {
		t.Run(id, func(t *testing.T) {
			if !holds(p) {
				t.Errorf("library.properties breaks the rule %s of arduino-lint:\n%q", id, p)
			}
		})
	}
	for _, name := range known {
		if p[name] == "" {
			t.Errorf("library.properties has no %s", name)
		}
	}
}

// misspellings of the kind that arduino-lint knows; LP033 and LP035 use its whole list.
var misspellings = regexp.MustCompile(`(?i)\b(libary|recieve|seperate|sensores|adress|comunication|aquire|wich|teh|occured|wether)\b`)

// TestLint_Spelling: LP033 for the sentence, LP035 for the paragraph.
func TestLint_Spelling(t *testing.T) {
	t.Parallel()
	for field, text := range properties(t) {
		if wrong := misspellings.FindString(text); wrong != "" {
			t.Errorf("%s in library.properties has %q", field, wrong)
		}
	}
}

// top are the names that the folder of the library has, and no others. So no name is
// misspelled or in the wrong case (LP002, LP003, LS009, LS011, LS012, LD005, LD006), no
// second layout is there (LS010: utility), and README (LD001), LICENSE (LD002), examples
// (LD004) and library.properties (LP001) are. None is .gitmodules (LS004) or
// .development (LS006).
var top = []string{"LICENSE", "README.md", "examples", "extras", "keywords.txt", "library.json", "library.properties", "src"}

// TestLint_Folder looks at the names of the library's folder.
func TestLint_Folder(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(library)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if !slices.Equal(names, top) {
		t.Errorf("the library has %q, want %q", names, top)
	}
	headers, err := filepath.Glob("../src/*.h")
	if err != nil || len(headers) == 0 {
		t.Errorf("LS001: no header in src: %v", err)
	}
	folder, err := filepath.Abs(library)
	if base := filepath.Base(folder); err != nil || len(base) > 63 || !nameChars.MatchString(base) {
		t.Errorf("LS002, LS003: the folder is called %q: %v", base, err)
	}
	if isFile("../src/library.properties") {
		t.Error("LP004: src has a second library.properties")
	}
}

var wrongCase = regexp.MustCompile(`(?m)^\s*#\s*include\s*["<](a(?i:rduino)|ARDUINO)\.[hH][">]`)

// TestLint_Files looks at every file of the library.
func TestLint_Files(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(library, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch ext := filepath.Ext(path); {
		case entry.Type()&fs.ModeSymlink != 0:
			t.Errorf("LS005: %s is a symbolic link", path)
		case ext == ".exe":
			t.Errorf("LS007: %s", path)
		case ext == ".pde":
			t.Errorf("SS004: %s", path)
		case ext == ".ino":
			lintSketch(t, path)
		case ext == ".h" || ext == ".cpp":
			lintSource(t, path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// lintSketch checks the rules for examples, too.
func lintSketch(t *testing.T, path string) {
	t.Helper()
	inside, err := filepath.Rel(library, path)
	if folder, _, _ := strings.Cut(inside, string(filepath.Separator)); err != nil || folder != "examples" && folder != "extras" {
		t.Errorf("LD003: %s is a stray sketch", path)
	}
	name := strings.TrimSuffix(filepath.Base(path), ".ino")
	if name != filepath.Base(filepath.Dir(path)) || len(name) > 63 || !nameChars.MatchString(name) {
		t.Errorf("SS001, SS002, SS003: %s is not called like its folder", path)
	}
	lintSource(t, path)
}

func lintSource(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if wrong := wrongCase.Find(text); err != nil || wrong != nil {
		t.Errorf("LC001, SC001: %s has %q: %v", path, wrong, err)
	}
}

// TestLicense_IsThatOfTheRepository: the library is published without the rest.
func TestLicense_IsThatOfTheRepository(t *testing.T) {
	t.Parallel()
	own, err := os.ReadFile("../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.ReadFile("../../../LICENSE")
	if err != nil || string(own) != string(root) {
		t.Errorf("the library has another license than the repository: %v", err)
	}
}
