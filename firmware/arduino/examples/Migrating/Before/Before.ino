// Before: a sketch that uses only Serial. It prints two readings, and takes led=on,
// led=off and fan=0 … fan=255. The gateway reads it unchanged. After does the same with
// SerialGateway.

char line[32];
byte length = 0;

void obey() {
  if (strcmp(line, "led=on") == 0) digitalWrite(LED_BUILTIN, HIGH);
  if (strcmp(line, "led=off") == 0) digitalWrite(LED_BUILTIN, LOW);
  if (strncmp(line, "fan=", 4) == 0) analogWrite(9, atoi(line + 4));
}

void listen() {
  while (Serial.available()) {
    char c = Serial.read();
    if (c == '\n') {
      line[length] = '\0';
      length = 0;
      obey();
    } else if (length < sizeof line - 1) {
      line[length++] = c;
    }
  }
}

void setup() {
  Serial.begin(115200);
  pinMode(LED_BUILTIN, OUTPUT);
}

void loop() {
  Serial.print(F("temperature="));
  Serial.print(analogRead(A0) * 0.488 - 50, 1);
  Serial.print(F(",light="));
  Serial.println(analogRead(A1));
  unsigned long start = millis();
  while (millis() - start < 1000) listen();
}
