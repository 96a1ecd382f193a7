// Package strictyaml reads YAML files that a person wrote by hand. It ignores
// nothing that it does not know, and reports all problems in one run: each with
// file, line and column, and with what to do.
//
// A Document walks the nodes of one file. A Set reads the value of a key and
// rejects a wrong one. Problems between several keys are reported later, with
// ReportAt. Each mistake is reported once: Missing and Valid keep later checks away
// from values that could not be read.
//
// Duplicate keys, aliases, anchors, merges, tags, second documents and files above
// MaxSize are rejected. Aliases are not followed, so that a small file cannot grow
// into a large one.
//
// This is the only package that knows gopkg.in/yaml.v3. It does not know what the
// files are for, and opens no file.
package strictyaml
