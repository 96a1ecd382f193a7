package lineformat

import (
	"bytes"
	"regexp"
	"testing"

	"arduino-gateway/device"
)

func BenchmarkFramer(b *testing.B) {
	stream := bytes.Repeat([]byte("temp=23.51,hum=40.2,seq=123\r\n"), 1000)
	for _, size := range []int{16, 64, 4096} {
		b.Run("chunk"+count(size, "byte"), func(b *testing.B) {
			f := NewFramer(0)
			lines := 0
			b.SetBytes(int64(len(stream)))
			b.ReportAllocs()
			for b.Loop() {
				for at := 0; at < len(stream); at += size {
					f.Feed(stream[at:min(at+size, len(stream))], func([]byte) { lines++ })
				}
			}
			if lines == 0 {
				b.Fatal("no lines")
			}
		})
	}
}

func BenchmarkParser(b *testing.B) {
	columns := []string{"temperature", "humidity", "state"}
	pattern := regexp.MustCompile(`T=(?P<temperature>\S+) H=(?P<humidity>\S+)`)
	for _, c := range []struct {
		name, line string
		options    Options
	}{
		{"pairs", "temp=23.51,hum=40.2,seq=123", Options{Format: device.FormatPairs}},
		{"auto", "temp=23.51,hum=40.2,seq=123", Options{}},
		{"plotter", "temp:23.51\thum:40.2\tseq:123", Options{}},
		{"spaces", "Humidity: 40.00%  Temperature: 23.50°C 74.30°F", Options{}},
		{"numbers", "511,204,1023", Options{}},
		{"csv", "23.5,40 %,ok", Options{Format: device.FormatCSV, Columns: columns}},
		{"json", `{"temp":23.51,"hum":40.2,"seq":123}`, Options{Format: device.FormatJSON}},
		{"json nested", `{"bme":{"temp":23.51,"hum":40.2},"a":[1,2]}`, Options{Format: device.FormatJSON}},
		{"pattern", "T=23.51 H=40.2", Options{Format: device.FormatPattern, Pattern: pattern}},
		{"text", "temp=23.51,hum=40.2,seq=123", Options{Format: device.FormatText}},
		{"refused", "DHT22 ready", Options{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := NewParser(c.options)
			line := []byte(c.line)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = p.Parse(line)
			}
		})
	}
}
