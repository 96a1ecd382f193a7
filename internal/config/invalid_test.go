package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the messages of testdata/invalid-*.yml")

// env is the environment of a gateway under systemd.
func env(key string) string {
	return map[string]string{"STATE_DIRECTORY": "/var/lib/gateway", "HOME": "/home/pi"}[key]
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Each file breaks a rule, and the .txt beside it has exactly the messages.
func TestParse_InvalidFiles(t *testing.T) {
	files, _ := filepath.Glob("testdata/invalid-*.yml")
	if len(files) < 100 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		c, problems := Parse(filepath.Base(file), read(t, file), env)
		got := problems.Error() + "\n"
		if c != nil || problems.Err() == nil {
			t.Errorf("%s is accepted", file)
		}
		messages := strings.TrimSuffix(file, ".yml") + ".txt"
		if *update {
			if err := os.WriteFile(messages, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := string(read(t, messages)); got != want {
			t.Errorf("%s\n got %swant %s", file, got, want)
		}
	}
}
