package ports

// foreignDrivers are drivers of the kernel for devices that are not boards, from
// drivers/usb/serial and drivers/net/usb. cdc_acm is none: boards use it as well.
var foreignDrivers = map[string]string{
	"option": "a modem", "sierra": "a modem", "qcserial": "a modem", "qcaux": "a modem", "qmi_wwan": "a modem",
	"hso": "a modem", "ipw": "a modem", "moto_modem": "a phone", "garmin_gps": "a GPS receiver", "navman": "a GPS receiver",
}

const (
	zigbee  = "a Zigbee adapter"
	zwave   = "a Z-Wave adapter"
	gps     = "a GPS receiver"
	printer = "a 3D printer"
	ups     = "a UPS"
)

// foreignProducts has only facts that others have collected. The first source of an
// entry stands above it:
//
//   - herdsman: Koenkk/zigbee-herdsman, src/adapter/adapterDiscovery.ts
//   - ha: home-assistant/core, homeassistant/generated/usb.py (zha, zwave_js and others)
//   - gpsd: gpsd/gpsd.rules
//   - klipper: Klipper3d/klipper, src/Kconfig
//   - openmoko: openmoko/openmoko-usb-oui, usb_product_ids.psv
//   - nut: networkupstools/nut, scripts/udev/nut-usbups.rules.in (the whole vendors)
//   - prusa: prusa3d, README of its firmwares (the whole vendor)
//
// IDs of chips that boards use too, such as 10c4:ea60, count only with words.
var foreignProducts = []foreignProduct{
	// herdsman
	{usb: "1cf1:0030", what: zigbee}, // ConBee II
	{words: "conbee", what: zigbee},
	{usb: "0451:16a8", what: zigbee}, // CC2531
	{usb: "0451:16c8", what: zigbee}, // CC2538
	{usb: "0451:bef3", what: zigbee}, // LaunchPads of Texas Instruments
	{words: "skyconnect", what: zigbee},
	{words: "slzb-", what: zigbee},
	{words: "sonoff*dongle", what: zigbee},
	{words: "sonoff*plus", what: zigbee},
	{words: "electrolama", what: zigbee},
	{words: "slae.sh", what: zigbee},
	{words: "tubeszb", what: zigbee},
	{words: "zigstar", what: zigbee},
	{words: "zigate", what: zigbee},
	{words: "zigbee", what: zigbee}, // such as Nordic's Zigbee NCP

	// ha
	{words: "home assistant connect zbt", what: zigbee},
	{usb: "10c4:ea60", words: "2652", what: zigbee},
	{usb: "10c4:8b34", words: "bv 2010/10", what: zigbee},
	{usb: "0658:0200", what: zwave}, // Aeotec Z-Stick, Z-WaveMe UZB
	{usb: "10c4:8a2a", what: "a Zigbee and Z-Wave adapter"},
	{words: "z-wave", what: zwave},
	{words: "nabu casa zwa-2", what: zwave},
	{usb: "10bf", what: "an Insteon modem"},
	{usb: "0572:1340", what: "a modem"},
	{usb: "0403:8a28", words: "rainforest", what: "an energy meter"},
	{usb: "04b4:0003", words: "rainforest", what: "an energy meter"},
	{usb: "10cf:0b1b", what: "a Velbus interface"},
	{usb: "10cf:0516", what: "a Velbus interface"},
	{usb: "10cf:0517", what: "a Velbus interface"},
	{usb: "10cf:0518", what: "a Velbus interface"},

	// gpsd
	{usb: "1546", what: "a GPS receiver or modem"}, // u-blox
	{usb: "091e", what: gps},                       // Garmin
	{usb: "067b:aaa0", what: gps},
	{usb: "0e8d:3329", what: gps},
	{usb: "1163:0100", what: gps}, // DeLorme
	{usb: "1163:0200", what: gps},
	{words: "gps", what: gps},
	{words: "gnss", what: gps},

	// prusa
	{usb: "2c99", what: printer},
	// klipper
	{usb: "1d50:614e", what: printer},
	// openmoko
	{usb: "1d50:6029", what: printer}, // Marlin
	// nut
	{usb: "051d", what: ups}, // APC
	{usb: "0463", what: ups}, // Eaton
	{usb: "0764", what: ups}, // CyberPower
	{usb: "09ae", what: ups}, // Tripp Lite
}
