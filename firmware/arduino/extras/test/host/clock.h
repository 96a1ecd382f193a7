// The clock behind millis(). Each yield() takes a millisecond, and calls what
// a test has put in whileWaiting.
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <functional>

extern unsigned long now;
extern std::function<void()> whileWaiting;

#endif
