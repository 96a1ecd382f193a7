// Ends its lines as some old terminals want them, with CR alone.
void setup() {
  Serial.begin(9600);
}

void loop() {
  Serial.print("light=");
  Serial.print(analogRead(A0));
  Serial.print(",dark=");
  Serial.print(analogRead(A1));
  Serial.print('\r');
}
