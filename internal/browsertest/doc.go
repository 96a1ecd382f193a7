// Package browsertest drives Debian's Chromium from tests: it opens pages, clicks, types,
// takes pictures, and measures CPU time and memory.
//
// It knows nothing about the pages that it shows.
package browsertest
