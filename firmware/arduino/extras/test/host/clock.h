// The clock of millis(). Each yield() takes a millisecond, and calls whileWaiting if a
// test has set it.
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <functional>

extern unsigned long now;
extern std::function<void()> whileWaiting;

#endif
