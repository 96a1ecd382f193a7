// Greenhouse: three sensors and three commands. The board describes them to the
// gateway with names, units and bounds.
//
//   A0  TMP36, temperature      10 mV per degree, 500 mV at 0 °C
//   A1  HIH-4030, humidity      about 31 mV per percent, 958 mV at 0 %
//   A2  photoresistor, light    0 to 1023
//   13  LED                     led=on, led=off
//   9   fan (PWM)               pwm=0 … pwm=255, unless it is automatic
//
// Prints once a second: temperature=23.50,humidity=40.2,light=511

#include <SerialGateway.h>

const int kLedPin = 13;
const int kFanPin = 9;

SerialGateway gateway(Serial);
bool automatic = false;

void setLed(bool on) { digitalWrite(kLedPin, on); }

void setFan(int duty) {
  if (automatic) {
    gateway.refuse(F("the fan runs by itself (mode=manual ends that)"));
    return;
  }
  analogWrite(kFanPin, duty);
}

void setMode(const char* mode) { automatic = strcmp(mode, "auto") == 0; }

float millivolts(int pin) { return analogRead(pin) * (5000.0 / 1024); }

float temperature() { return (millivolts(A0) - 500) / 10; }

float humidity() { return (millivolts(A1) - 958) / 30.7; }

void setup() {
  Serial.begin(115200);
  pinMode(kLedPin, OUTPUT);
  pinMode(kFanPin, OUTPUT);
  gateway.begin(F("greenhouse"));
  gateway.reading(F("temperature °C"));
  gateway.reading(F("humidity %"));
  gateway.reading(F("light"));
  gateway.on(F("led"), setLed);
  gateway.on(F("pwm 0..255"), setFan);
  gateway.on(F("mode auto|manual"), setMode);
}

void loop() {
  float now = temperature();
  if (automatic) analogWrite(kFanPin, now > 28 ? 255 : 0);
  gateway.beginLine();
  gateway.add(F("temperature"), now, 2);
  gateway.add(F("humidity"), humidity(), 1);
  gateway.add(F("light"), analogRead(A2));
  gateway.endLine();
  gateway.wait(1000);
}
