// Prints a CSV file: a greeting, empty lines, the header, then numbers. The
// lines end in LF CR.
long n = 0;

void setup() {
  Serial.begin(9600);
  Serial.print("Hello, world\n\r\n\r");
  Serial.print("time,Light (raw),temperature\n\r");
}

void loop() {
  Serial.print(n++);
  Serial.print(",");
  Serial.print(analogRead(A0));
  Serial.print(",");
  Serial.print(n == 2 ? NAN : 23.5);
  Serial.print("\n\r");
  delay(20);
}
