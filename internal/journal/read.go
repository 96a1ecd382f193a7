package journal

import (
	"bytes"
	"encoding/json"
)

// begin begins each record of a command. It is nowhere else in one, since quotation marks
// in a text are escaped.
var begin = []byte(`{"id":`)

// read reads the records, and returns how many places are damaged. A damaged place costs
// the record that it is in, and none of those around it. The end of the file may be half
// a record, for example after the disk was full.
func (j *Journal) read(data []byte) (damaged int) {
	note := func(whole bool, record []byte, last bool) {
		if !whole && (!last || bytes.HasSuffix(record, []byte("\n"))) {
			damaged++
		}
	}
	missing := len(data) == 0
	first, data := cutRecord(data, 0)
	var h head
	if !missing {
		_, whole := decode(first, &h)
		note(whole, first, len(data) == 0)
	}
	j.speaks = h.Speaks
	for len(data) > 0 {
		var record []byte
		record, data = cutRecord(data, 1)
		c := &Command{size: len(record)}
		ok, whole := decode(record, c)
		if ok && c.ID != 0 {
			j.put(c)
			j.trim()
		}
		note(whole, record, len(data) == 0)
	}
	j.rebooted = damaged > 0 || !missing && h.Boot != boot()
	return damaged
}

// cutRecord cuts the data before the first record of a command that begins at from or
// later.
func cutRecord(data []byte, from int) (record, rest []byte) {
	if i := bytes.Index(data[from:], begin); i >= 0 {
		return data[:from+i], data[from+i:]
	}
	return data, nil
}

// decode reads the record at the beginning of a text. It is whole if nothing but its line
// ending follows.
func decode(text []byte, record any) (ok, whole bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	ok = d.Decode(record) == nil
	return ok, ok && int64(len(text))-d.InputOffset() <= 1
}
