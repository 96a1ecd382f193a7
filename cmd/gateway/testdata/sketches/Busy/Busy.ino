// Busy hears nothing for 400 ms of every 500, prints 20 readings a second, and
// keeps books of the commands that it runs, which outlive a reset.
//
//   put=17 and anything     counted, and whether it came in order
//   tell=3                  prints how often each of 64 numbers was run: times=0111…
//   tell=32                 prints total=…,sum=…,disordered=…

#include <SerialGateway.h>

const int kMost = 2048;

SerialGateway gateway(Serial);
unsigned long readings = 0;

struct Books {
  unsigned long magic;
  unsigned long ran, sum;
  unsigned disordered;
  unsigned last;
  byte runs[kMost / 4];  // two bits for each number
};
Books books __attribute__((section(".noinit")));

void put(const char* text) {
  unsigned n = atoi(text);
  books.ran++;
  if (n <= books.last) books.disordered++;
  books.last = n;
  while (*text) books.sum += static_cast<byte>(*text++);
  if (n >= kMost) return;
  byte shift = n % 4 * 2;
  byte before = books.runs[n / 4] >> shift & 3;
  if (before < 3) books.runs[n / 4] += 1 << shift;
}

int telling = -1;

void tell(int part) { telling = part; }

void tellNow() {
  gateway.beginLine();
  if (telling == 32) {
    gateway.add(F("total"), books.ran);
    gateway.add(F("sum"), books.sum);
    gateway.add(F("disordered"), books.disordered);
  } else {
    char digits[65];
    for (int i = 0; i < 64; i++) {
      int n = telling * 64 + i;
      digits[i] = '0' + (books.runs[n / 4] >> n % 4 * 2 & 3);
    }
    digits[64] = '\0';
    gateway.add(F("times"), digits);
  }
  if (gateway.endLine()) telling = -1;
}

void setup() {
  Serial.begin(115200);
  if (books.magic != 0xB00C5) {
    memset(&books, 0, sizeof books);
    books.magic = 0xB00C5;
  }
  gateway.begin(F("busy"));
  gateway.reading(F("n"));
  gateway.on(F("put 40"), put);
  gateway.on(F("tell 0..32"), tell);
}

void loop() {
  for (int i = 0; i < 10; i++) {
    if (gateway.print(F("n"), readings)) readings++;
    gateway.wait(10);
    if (telling >= 0) tellNow();
  }
  delay(400);  // what a sketch does that hears nothing
}
