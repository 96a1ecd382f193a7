// Package backlog keeps the lines of a device in the spool: it gives a line its
// form on disk, and the session its lines back.
//
// It knows what a record means, which the spool does not, and where records
// lie, which the gateway and the sessions do not.
package backlog
