// Board is the greenhouse of vectors.txt, on a FakePort, and writes down what
// happens to it.
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

  // What has happened since: "runs led on", "from !ok 1 taken=28 ~2691".
  std::vector<std::string> happened;

  Board();
  ~Board();

  // Lets it do what there is to do, and takes down what it prints.
  void work();

  // Gives what has happened, and forgets it.
  std::vector<std::string> take();

  // A handler has been called.
  void runs(const std::string& what);

 private:
  void hearLines();
  std::string printed_;  // no whole line yet
};

// A line with its checksum, as the gateway computes it.
std::string summed(const std::string& line);

#endif
