// Greenhouse: three sensors and two actuators.
//
//   A0  TMP36, temperature      10 mV a degree, 500 mV at 0 °C
//   A1  HIH-4030, humidity      about 31 mV a percent, 958 mV at 0 %
//   A2  photoresistor, light    0 to 1023
//   13  LED                     led=on, led=off
//   9   fan (PWM)               pwm=0 … pwm=255
//
// Prints once a second: temperature=23.50,humidity=40.2,light=511
// The README beside this library has the devices.yaml that goes with it.

#include <SerialGateway.h>

const int kLedPin = 13;
const int kFanPin = 9;

SerialGateway gateway(Serial);

void setLed(bool on) { digitalWrite(kLedPin, on); }

void setFan(int duty) { analogWrite(kFanPin, constrain(duty, 0, 255)); }

float millivolts(int pin) { return analogRead(pin) * (5000.0 / 1024); }

float temperature() { return (millivolts(A0) - 500) / 10; }

float humidity() { return (millivolts(A1) - 958) / 30.7; }

void setup() {
  Serial.begin(115200);
  pinMode(kLedPin, OUTPUT);
  pinMode(kFanPin, OUTPUT);
  gateway.on("led", setLed);
  gateway.on("pwm", setFan);
}

void loop() {
  gateway.begin();
  gateway.add("temperature", temperature(), 2);
  gateway.add("humidity", humidity(), 1);
  gateway.add("light", analogRead(A2));
  gateway.end();
  gateway.wait(1000);
}
