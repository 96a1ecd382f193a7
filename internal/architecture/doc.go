// Package architecture holds no code, only the tests of the house as a whole:
// which room may import which, as docs/architecture.md shows the plan, and that
// the links of every page lead somewhere.
package architecture
