package architecture

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)|src="([^"]+)"`)
	fenced  = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// Each link of a page to a file of the repository leads to that file and its heading.
func TestLinks_LeadSomewhere(t *testing.T) {
	found := 0
	for _, page := range pages(t) {
		for _, match := range link.FindAllSubmatch(prose(t, page), -1) {
			target := string(match[1]) + string(match[2])
			if strings.Contains(target, "://") {
				continue
			}
			found++
			file, anchor, _ := strings.Cut(target, "#")
			at := page
			if file != "" {
				at = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(at); err != nil {
				t.Errorf("%s: %s: %v", page, target, err)
			} else if anchor != "" && !anchors(t, at)[anchor] {
				t.Errorf("%s: %s has no heading #%s", page, at, anchor)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d links were found", found)
	}
}

func pages(t *testing.T) (all []string) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == ".git":
			return fs.SkipDir
		case filepath.Ext(path) == ".md":
			all = append(all, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// prose returns a page without its code blocks.
func prose(t *testing.T, page string) []byte {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return fenced.ReplaceAll(text, nil)
}

// anchors returns a page's headings as links name them: who-may-ask for "Who may ask".
func anchors(t *testing.T, page string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, match := range heading.FindAllSubmatch(prose(t, page), -1) {
		name := dropped.ReplaceAll(bytes.ToLower(match[1]), nil)
		names[strings.ReplaceAll(string(name), " ", "-")] = true
	}
	return names
}
