// Board is the greenhouse of vectors.txt on a FakePort. It records what happens.
#ifndef BOARD_H
#define BOARD_H

#include <string>
#include <vector>

#include "FakePort.h"
#include "SerialGateway.h"
#include "clock.h"

struct Board {
  FakePort port;
  SerialGateway gateway{port};

  // The events since the last take(): "runs led on", "from !ok 1 taken=28 ~2691".
  std::vector<std::string> happened;

  Board();
  ~Board();

  // Runs loop() until nothing more happens, and records the lines that it prints.
  void work();

  // Returns the events, and forgets them.
  std::vector<std::string> take();

  // Records that a handler ran.
  void runs(const std::string& what);

 private:
  void recordLines();
  std::string printed_;  // not yet a whole line
};

// Returns a line with its checksum, as the gateway computes it.
std::string summed(const std::string& line);

#endif
