// Package strictyaml reads YAML files as a person who wrote one by hand wants
// them read: nothing unknown is passed over, and all that is wrong is told in
// one run, each with file, line and column, and what to do.
//
// A Document walks the nodes of one file. A Set takes the value of a key and
// tells what is wrong with it; what several keys together get wrong is told
// later, with ReportAt. One mistake is told once: Missing and Valid keep a check
// away from what could not be read in the first place.
//
// Duplicate keys, aliases, anchors, merges, tags, second documents and files
// above MaxSize are refused. Aliases are not followed, so that no small file
// grows into a large one.
//
// It is the one package that knows gopkg.in/yaml.v3, and knows nothing of what
// the files are for. It opens no file.
package strictyaml
