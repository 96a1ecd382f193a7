package serialbridge

import "time"

// rarePoll is so rare that only an interruption can have ended a read.
const rarePoll = time.Hour
