package serialbridge

import "time"

// lookSeldom is a poll so rare that only an interruption can be what ended a read.
const lookSeldom = time.Hour
