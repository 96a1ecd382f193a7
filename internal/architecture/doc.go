// Package architecture has no code, only tests over the whole repository: each package
// imports only what the plan of docs/architecture.md allows, each library is imported by
// one package, the page names every package, and every link leads somewhere.
package architecture
