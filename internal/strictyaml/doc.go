// Package strictyaml reads YAML files as a person who wrote one by hand wants
// them read: nothing unknown is passed over, and all that is wrong is told in
// one run, each with file, line and column, and what to do.
//
// A Document walks the nodes of one file. Setters take the values; Say tells
// what is wrong with one, also later, when several keys turn out not to fit
// each other. Duplicate keys, aliases, merges and second documents are refused.
//
// It is the one package that knows gopkg.in/yaml.v3, and knows nothing of what
// the files are for.
package strictyaml
