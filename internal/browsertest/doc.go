// Package browsertest drives Debian's Chromium, the browser that most people
// have, from tests.
package browsertest
