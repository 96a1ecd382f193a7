package health

import (
	"net/http"
	"runtime"
	"strconv"

	"arduino-gateway/internal/status"
)

// contentType is that of Prometheus's text format.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// Metrics serves the metrics in Prometheus's text format.
func Metrics(g Gateway) http.Handler {
	p := newPoller(g)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := p.poll(r.Context())
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(appendMetrics(nil, s, thisProcess()))
	})
}

// appendMetrics appends all metrics. The format has a comment for the help, one for
// the kind, and one line for each sample:
//
//	# HELP gateway_device_online Whether the device's status is online.
//	# TYPE gateway_device_online gauge
//	gateway_device_online{device="greenhouse"} 1
func appendMetrics(b []byte, s status.Snapshot, p process) []byte {
	b = appendHead(b, "gateway_build_info", gauge, "The running version; always 1.")
	b = append(b, "gateway_build_info{version="...)
	b = append(appendLabel(b, s.Version), ",goversion="...)
	b = append(appendLabel(b, runtime.Version()), "} 1\n"...)
	b = appendPlain(b, ofAll, s)
	for _, f := range ofDevices {
		b = appendHead(b, f.name, f.kind, f.help)
		for _, d := range s.Devices {
			b = append(append(b, f.name...), "{device="...)
			b = append(appendLabel(b, d.ID), "} "...)
			b = appendNumber(b, f.value(d))
		}
	}
	return appendPlain(b, ofProcess, p)
}

func appendPlain[T any](b []byte, families []family[T], of T) []byte {
	for _, f := range families {
		b = appendHead(b, f.name, f.kind, f.help)
		b = append(append(b, f.name...), ' ')
		b = appendNumber(b, f.value(of))
	}
	return b
}

func appendHead(b []byte, name, kind, help string) []byte {
	b = append(append(append(append(b, "# HELP "...), name...), ' '), help...)
	b = append(append(append(append(b, "\n# TYPE "...), name...), ' '), kind...)
	return append(b, '\n')
}

// appendLabel quotes a value. It escapes only backslashes, quotation marks and line
// feeds.
func appendLabel(b []byte, value string) []byte {
	b = append(b, '"')
	for i := range len(value) {
		switch value[i] {
		case '\\', '"':
			b = append(b, '\\', value[i])
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, value[i])
		}
	}
	return append(b, '"')
}

func appendNumber(b []byte, v float64) []byte {
	return append(strconv.AppendFloat(b, v, 'f', -1, 64), '\n')
}
