// This file is saved as Latin-1, as older editors do: ° is one byte.
void setup() {
  Serial.begin(9600);
  Serial.println("Überwachung des Gewächshauses");
}

void loop() {
  Serial.print("Temperatur: ");
  Serial.print(23.5);
  Serial.print(" °C, Höhe: ");
  Serial.print(analogRead(A0));
  Serial.println(" µT");
}
