// A small test framework: TEST(name) { CHECK(condition); EQUAL(got, want); } for each
// test, then RUN_TESTS at the end of the file. The first failed check ends the program.
#ifndef CHECK_H
#define CHECK_H

#include <stdlib.h>

#include <functional>
#include <iostream>
#include <string>
#include <vector>

struct Test {
  const char* name;
  void (*body)();
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

struct Registration {
  Registration(const char* name, void (*body)()) { tests().push_back({name, body}); }
};

#define TEST(name)                                    \
  static void name();                                 \
  static const Registration register_##name(#name, name); \
  static void name()

inline void fail(const char* file, int line, const std::string& what) {
  std::cerr << file << ":" << line << ": " << what << std::endl;
  exit(1);
}

#define CHECK(condition) \
  if (!(condition)) fail(__FILE__, __LINE__, "failed: " #condition)

template <typename Got, typename Want>
void equal(const char* file, int line, const Got& got, const Want& want) {
  if (got == want) return;
  std::cerr << "got  \"" << got << "\"\nwant \"" << want << "\"\n";
  fail(file, line, "not equal");
}

#define EQUAL(got, want) equal(__FILE__, __LINE__, got, want)

#define RUN_TESTS                                             \
  int main() {                                                \
    for (const Test& test : tests()) test.body();             \
    std::cout << "ok: " << tests().size() << " tests" << std::endl; \
  }

#endif
