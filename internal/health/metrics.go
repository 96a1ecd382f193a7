package health

import (
	"time"

	"arduino-gateway/internal/status"
)

// family is one metric, with one sample for each T.
type family[T any] struct {
	name, kind, help string
	value            func(T) float64
}

const (
	counter = "counter"
	gauge   = "gauge"
)

// ofDevices are the metrics with the label device.
var ofDevices = []family[status.Device]{
	{"gateway_device_online", gauge, "Whether the device's status is online.", func(d status.Device) float64 { return flag(d.Online) }},
	{"gateway_device_last_line_timestamp_seconds", gauge, "When the last line was read; 0 for none yet.", func(d status.Device) float64 { return seconds(d.LastLine) }},
	{"gateway_device_lines_total", counter, "Lines that were read and understood.", func(d status.Device) float64 { return float64(d.Counts.Lines) }},
	{"gateway_device_lines_refused_total", counter, "Lines that were not understood.", func(d status.Device) float64 { return float64(d.Counts.Refused) }},
	{"gateway_device_lines_partly_total", counter, "Lines of which a part was not understood.", func(d status.Device) float64 { return float64(d.Counts.Partly) }},
	{"gateway_device_lines_damaged_total", counter, "Lines dropped because of a wrong or missing checksum.", func(d status.Device) float64 { return float64(d.Counts.Damaged) }},
	{"gateway_device_lines_overlong_total", counter, "Lines dropped because they were longer than max_line.", func(d status.Device) float64 { return float64(d.Counts.Overlong) }},
	{"gateway_device_readings_out_of_bounds_total", counter, "Readings outside min and max, which are not published.", func(d status.Device) float64 { return float64(d.Counts.OutOfBounds) }},
	{"gateway_device_lines_unprinted_total", counter, "Lines that the board reports as dropped.", func(d status.Device) float64 { return float64(d.Counts.Unprinted) }},
	{"gateway_device_commands_sent_total", counter, "Commands written to the board.", func(d status.Device) float64 { return float64(d.Counts.Sent) }},
	{"gateway_device_commands_rejected_total", counter, "Commands rejected before a byte was written.", func(d status.Device) float64 { return float64(d.Counts.Rejected) }},
	{"gateway_device_commands_unsent_total", counter, "Commands that failed or expired.", func(d status.Device) float64 { return float64(d.Counts.Unsent) }},
	{"gateway_serial_opens_total", counter, "Times that the port was opened.", func(d status.Device) float64 { return float64(d.Traffic.Opens) }},
	{"gateway_serial_usb_resets_total", counter, "Times that the watchdog reset the USB adapter of a silent board.", func(d status.Device) float64 { return float64(d.Traffic.USBResets) }},
	{"gateway_serial_received_bytes_total", counter, "Bytes read from the port.", func(d status.Device) float64 { return float64(d.Traffic.BytesRead) }},
	{"gateway_serial_sent_bytes_total", counter, "Bytes written to the port.", func(d status.Device) float64 { return float64(d.Traffic.BytesWritten) }},
	{"gateway_mqtt_connected", gauge, "Whether the device's session is connected.", func(d status.Device) float64 { return flag(d.Session.Connected) }},
	{"gateway_mqtt_subscribed", gauge, "Whether the broker has granted the device's subscription to commands.", func(d status.Device) float64 { return flag(d.Session.Subscribed) }},
	{"gateway_mqtt_connects_total", counter, "Times that a broker accepted the device's session.", func(d status.Device) float64 { return float64(d.Traffic.Connects) }},
	{"gateway_mqtt_connection_losses_total", counter, "Connections lost.", func(d status.Device) float64 { return float64(d.Traffic.Losses) }},
	{"gateway_mqtt_failed_attempts_total", counter, "Attempts to connect that no broker accepted.", func(d status.Device) float64 { return float64(d.Traffic.Attempts) }},
	{"gateway_mqtt_published_messages_total", counter, "PUBLISH packets handed to a connection.", func(d status.Device) float64 { return float64(d.Traffic.Messages) }},
	{"gateway_mqtt_acknowledged_lines_total", counter, "Lines whose messages the broker has all acknowledged.", func(d status.Device) float64 { return float64(d.Traffic.Acked) }},
	{"gateway_mqtt_stalled", gauge, "Whether lines wait and the broker acknowledges none, though the device's session is connected.", func(d status.Device) float64 { return flag(!d.Session.Stalled.IsZero()) }},
	{"gateway_mqtt_dropped_results_total", counter, "Results of commands dropped because too many waited for the broker.", func(d status.Device) float64 { return float64(d.Session.DroppedResults) }},
	{"gateway_mqtt_late_lines_total", counter, "Lines published to the topic for late lines.", func(d status.Device) float64 { return float64(d.Traffic.Late) }},
	{"gateway_mqtt_refused_messages_total", counter, "Messages put aside because the broker does not take them.", func(d status.Device) float64 { return float64(d.Session.Refused) }},
	{"gateway_spool_lines", gauge, "Lines waiting for the broker.", func(d status.Device) float64 { return float64(d.Waiting.Lines) }},
	{"gateway_spool_waiting_bytes", gauge, "Bytes of the waiting lines.", func(d status.Device) float64 { return float64(d.Waiting.Bytes) }},
	{"gateway_spool_oldest_timestamp_seconds", gauge, "When the oldest waiting line was read; 0 for none.", func(d status.Device) float64 { return seconds(d.Waiting.Oldest) }},
	{"gateway_spool_dropped_lines_total", counter, "Lines dropped because the spool was full.", func(d status.Device) float64 { return float64(d.Waiting.Dropped) }},
}

// ofAll are the metrics without a label.
var ofAll = []family[status.Snapshot]{
	{"gateway_connected", gauge, "Whether the gateway's own session is connected.", func(s status.Snapshot) float64 { return flag(s.Broker.Connected) }},
	{"gateway_refused_messages_total", counter, "Messages of the gateway's own session put aside because the broker does not take them.", func(s status.Snapshot) float64 { return float64(s.Broker.Refused) }},
	{"gateway_spool_writable", gauge, "Whether the spool can be written to disk.", func(s status.Snapshot) float64 { return flag(s.Spool.DiskDown.IsZero()) }},
	{"gateway_spool_disk_bytes", gauge, "Bytes of the spool on disk.", func(s status.Snapshot) float64 { return float64(s.Spool.Bytes) }},
	{"gateway_spool_max_bytes", gauge, "Bytes that the spool may take on disk.", func(s status.Snapshot) float64 { return float64(s.Spool.MaxBytes) }},
	{"gateway_spool_memory_bytes", gauge, "Bytes of lines that are in memory only.", func(s status.Snapshot) float64 { return float64(s.Spool.MemoryBytes) }},
	{"gateway_spool_written_bytes_total", counter, "Bytes written to the spool.", func(s status.Snapshot) float64 { return float64(s.Spool.Written) }},
	{"gateway_spool_syncs_total", counter, "Times that a file of the spool was synced.", func(s status.Snapshot) float64 { return float64(s.Spool.Syncs) }},
	{"gateway_spool_damaged_total", counter, "Places in the spool's files without a valid record.", func(s status.Snapshot) float64 { return float64(s.Spool.Damaged) }},
}

// ofProcess are the metrics that all Prometheus clients have under these names.
var ofProcess = []family[process]{
	{"process_start_time_seconds", gauge, "When the process started, in Unix time.", func(p process) float64 { return p.started }},
	{"process_cpu_seconds_total", counter, "User and system CPU time.", func(p process) float64 { return p.cpu }},
	{"process_resident_memory_bytes", gauge, "Resident memory.", func(p process) float64 { return p.resident }},
	{"process_open_fds", gauge, "Open file descriptors.", func(p process) float64 { return p.descriptors }},
	{"go_goroutines", gauge, "Goroutines that exist.", func(p process) float64 { return p.goroutines }},
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
