// Package architecture holds no code, only the test that keeps the rooms of
// the house apart: which package may import which. docs/architecture.md shows
// the plan.
package architecture
