// Commands reach their handlers, with values of the right kind only.
#include <limits.h>

#include "FakePort.h"
#include "SerialGateway.h"
#include "check.h"

static std::string log_;

static void setLed(bool on) { log_ += on ? "led on;" : "led off;"; }
static void setPwm(int value) { log_ += "pwm " + std::to_string(value) + ";"; }
static void setTime(long value) { log_ += "time " + std::to_string(value) + ";"; }
static void say(const char* text) { log_ += "say " + std::string(text) + ";"; }

// The board's answer to what comes, in one go.
static std::string obey(const std::string& coming, serialgateway::Counts* counts = nullptr) {
  FakePort port;
  SerialGateway gateway(port);
  log_.clear();
  gateway.on("led", setLed);
  gateway.on("pwm", setPwm);
  gateway.on("time", setTime);
  gateway.on("say", say);
  port.coming = coming;
  gateway.loop();
  if (counts) *counts = gateway.counts();
  return log_;
}

static bool refused(const std::string& coming) {
  serialgateway::Counts counts;
  return obey(coming, &counts).empty() && counts.refused == 1 && counts.unknown == 0;
}

static bool unknown(const std::string& coming) {
  serialgateway::Counts counts;
  return obey(coming, &counts).empty() && counts.refused == 0 && counts.unknown == 1;
}

TEST(bools) {
  EQUAL(obey("led=on\nled=off\n"), "led on;led off;");
  EQUAL(obey("led=1\nled=0\n"), "led on;led off;");
  EQUAL(obey("led=TRUE\nled=False\n"), "led on;led off;");
  for (const char* bad : {"led=\n", "led=2\n", "led=onn\n", "led= on\n", "led=on \n"}) {
    CHECK(refused(bad));
  }
}

TEST(numbers) {
  EQUAL(obey("pwm=0\npwm=255\npwm=-1\npwm=+7\n"), "pwm 0;pwm 255;pwm -1;pwm 7;");
  for (const char* bad : {"pwm=\n", "pwm=-\n", "pwm=1.5\n", "pwm=0x1\n", "pwm= 1\n", "pwm=1 \n",
                          "pwm=--1\n"}) {
    CHECK(refused(bad));
  }
}

TEST(numbers_fit_their_type) {
  std::string most = std::to_string(LONG_MAX), least = std::to_string(LONG_MIN);
  EQUAL(obey("time=" + most + "\ntime=" + least + "\n"), "time " + most + ";time " + least + ";");
  CHECK(refused("time=" + most.substr(0, most.size() - 1) + "8\n"));
  CHECK(refused("time=" + least.substr(0, least.size() - 1) + "9\n"));
  CHECK(refused("time=99999999999999999999999999\n"));
  CHECK(refused("pwm=" + std::to_string(static_cast<long>(INT_MAX) + 1) + "\n"));
  CHECK(refused("pwm=" + std::to_string(static_cast<long>(INT_MIN) - 1) + "\n"));
}

TEST(texts_are_passed_as_they_are) {
  EQUAL(obey("say=a=b, c\nsay=\n"), "say a=b, c;say ;");
}

TEST(endings) {
  EQUAL(obey("led=on\r\nled=off\rled=on\n"), "led on;led off;led on;");
  EQUAL(obey("\r\n\n\r"), "");
  EQUAL(obey("led=on"), "");
}

TEST(what_is_no_command_is_counted) {
  for (const char* bad : {"lamp=on\n", "LED=on\n", "led\n", "=on\n", "le=on\n", "ledd=on\n", " led=on\n"}) {
    CHECK(unknown(bad));
  }
}

TEST(the_last_handler_of_a_name_counts) {
  FakePort port;
  SizedSerialGateway<1, 16, 16> gateway(port);
  log_.clear();
  CHECK(gateway.on("x", setLed));
  CHECK(gateway.on("x", setPwm));
  port.coming = "x=1\n";
  gateway.loop();
  EQUAL(log_, "pwm 1;");
}

TEST(one_handler_too_many_is_refused) {
  FakePort port;
  SizedSerialGateway<1, 16, 16> gateway(port);
  CHECK(gateway.on("led", setLed));
  CHECK(!gateway.on("pwm", setPwm));
}

TEST(a_lambda_is_a_handler_too) {
  FakePort port;
  SerialGateway gateway(port);
  log_.clear();
  gateway.on("led", [](bool on) { log_ += on ? "on" : "off"; });
  port.coming = "led=on\n";
  gateway.loop();
  EQUAL(log_, "on");
}

RUN_TESTS
