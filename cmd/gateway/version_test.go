package main

import (
	"runtime/debug"
	"testing"
)

// The version is the tag of the commit; a version that the toolchain makes up is devel.
func TestVersion_Stamped(t *testing.T) {
	for _, c := range []struct{ main, revision, modified, version, commit string }{
		{"", "", "", "devel", "unknown"},
		{"(devel)", "", "", "devel", "unknown"},
		{"v0.0.0-20261130201247-d1eefd5a0b1c", "d1eefd5", "false", "devel", "d1eefd5"},
		{"v1.2.4-0.20261130201247-d1eefd5a0b1c+dirty", "d1eefd5", "true", "devel", "d1eefd5 (modified)"},
		{"v1.2.3", "d1eefd5", "false", "v1.2.3", "d1eefd5"},
		{"v2.0.0-rc.1", "d1eefd5", "false", "v2.0.0-rc.1", "d1eefd5"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: c.main}}
		if c.revision != "" {
			info.Settings = []debug.BuildSetting{{Key: "vcs.revision", Value: c.revision}, {Key: "vcs.modified", Value: c.modified}}
		}
		if version, commit := stamped(info); version != c.version || commit != c.commit {
			t.Errorf("%q: %s, %s; want %s, %s", c.main, version, commit, c.version, c.commit)
		}
	}
}
