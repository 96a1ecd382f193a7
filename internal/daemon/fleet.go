package daemon

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	"arduino-gateway/internal/autodetect"
	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/filewatch"
	"arduino-gateway/internal/logging"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/supervisor"
	"arduino-gateway/internal/web"
	"arduino-gateway/mqttbridge"
)

// saveAgainEvery is the time between two tries to save state that could not be saved.
const saveAgainEvery = 10 * time.Second

// fleet runs the devices and follows the changes of the configuration. It decides
// nothing: internal/reload does. Only the goroutine of Run starts and stops devices,
// so one reload is over before the next begins.
type fleet struct {
	log     *slog.Logger
	deps    dependencies
	members *members
	own     *mqttbridge.Session // the gateway's own
	twins   *twinGuard
	broker  *broker.Broker // nil if none is built in
	page    *web.Server
	hangups <-chan os.Signal
	source  source
	watch   *filewatch.Watcher

	// Of the goroutine of Run.
	state    reload.State       // what runs
	session  mqttbridge.Options // of all sessions, made from the state
	units    *supervisor.Units
	adoption *adoption
	cleaner  *cleaner
	refused  bool // the last configuration that was read

	mismatches *mismatches
	bauds      *foundBauds
}

// String names the fleet in logs.
func (f *fleet) String() string { return "devices" }

// Run runs the devices until ctx ends, and returns when all are down.
func (f *fleet) Run(ctx context.Context) error {
	defer f.units.Close()
	for _, d := range f.state.Config.Devices {
		f.units.Start(d.ID, f.members.get(d.ID).part())
	}
	f.cleaner.start(f)
	plugged, stop := f.deps.tracker.Subscribe()
	defer stop()
	again := time.NewTicker(saveAgainEvery)
	defer again.Stop()
	f.rejoin(ctx) // ports may have appeared since the configuration was read
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-plugged:
			f.rejoin(ctx)
		case err := <-f.units.Failed():
			return err
		case <-f.hangups:
			f.watch.MarkRead() // or the change that the signal is about would be reported twice
			f.reload(ctx, true)
		case <-f.watch.Changed():
			f.reload(ctx, false)
		case b := <-f.adoption.detector.Detected():
			f.adopt(ctx, b)
		case <-f.mismatches.marked:
			f.dropMismatched(ctx)
		case <-f.bauds.noted:
			f.bauds.save(f.state.Config)
		case <-again.C:
			f.saveAgain()
		case r := <-f.adoption.forgets:
			r.answer <- f.forget(ctx, r.device)
		case done := <-f.cleaner.done:
			f.cleaner.finish(ctx, f, done)
		}
	}
}

// saveAgain saves the state that could not be saved before.
func (f *fleet) saveAgain() {
	f.cleaner.file.Retry()
	f.members.pauses.file.Retry()
	f.bauds.file.Retry()
	f.adoption.registry.SaveAgain()
}

// reload reads the configuration again and applies its changes. asked says that a user
// asked for it, and waits for an answer in the log.
func (f *fleet) reload(ctx context.Context, asked bool) {
	answer := logging.Always(ctx)
	p, session, err := f.decide(answer)
	repaired := f.refused && err == nil
	f.refused = err != nil
	if err != nil {
		f.log.ErrorContext(answer, "reload refused: the gateway keeps its configuration", "error", err)
		return
	}
	if len(p.Changes) == 0 && (asked || repaired) {
		f.log.InfoContext(answer, "reloaded: nothing has changed")
	}
	f.logAndApply(ctx, p, session)
	if asked {
		f.adoption.detector.Retry()
	}
}

// decide reads the configuration and compares it with the one that runs. It changes
// nothing if it returns an error.
func (f *fleet) decide(ctx context.Context) (p reload.Plan, session mqttbridge.Options, err error) {
	wanted, err := f.source.read(ctx, f.log, f.watch)
	if err != nil {
		return p, session, err
	}
	wanted, overruled := f.join(wanted)
	p = reload.Decide(f.state, withToken(ctx, f.state, wanted, f.log))
	if session, err = f.sessionOptions(p.State); err == nil {
		f.overrule(overruled)
	}
	return p, session, err
}

// become applies another state, whose sessions have the same options; detected are the
// boards behind devices that it starts.
func (f *fleet) become(ctx context.Context, next reload.State, detected ...autodetect.Detection) {
	f.logAndApply(ctx, reload.Decide(f.state, next), f.session, detected...)
}

// logAndApply logs a plan and applies it, unless ctx ends; detected are the boards
// behind devices that it starts.
func (f *fleet) logAndApply(ctx context.Context, p reload.Plan, session mqttbridge.Options, detected ...autodetect.Detection) {
	for _, c := range p.Changes {
		f.logChange(logging.Always(ctx), c)
	}
	if f.apply(ctx, p, session, detected) {
		f.cleaner.start(f)
	}
}

// logChange logs a change, and shows it to those who monitor the device.
func (f *fleet) logChange(ctx context.Context, c reload.Change) {
	level := slog.LevelInfo
	if c.Restart {
		level = slog.LevelWarn
	}
	var attrs []any
	if c.Device != "" {
		attrs = append(attrs, "device", c.Device)
		f.deps.hub.Note(c.Device, time.Now(), c.Text)
	}
	if len(c.Keys) > 0 {
		attrs = append(attrs, "keys", strings.Join(c.Keys, ", "))
	}
	f.log.Log(ctx, level, c.Text, attrs...)
}

// apply applies a plan. All that stops is down before anything starts, because both
// may use the same port or client ID. It returns false if ctx ends before that.
func (f *fleet) apply(ctx context.Context, p reload.Plan, session mqttbridge.Options, detected []autodetect.Detection) (done bool) {
	if f.units.Stop(ctx, append(f.cleaner.keys(), p.Stop...)...) != nil {
		return false
	}
	f.leave(ctx, p)
	f.state, f.session = p.State, session
	f.applySettings(ctx, p)
	for _, d := range p.Tune {
		f.members.configure(d).tune()
	}
	for _, d := range p.Reconnect {
		f.queue(d.ID) // for another QoS
		f.members.configure(d).session.Reconfigure(deviceSession(f.session, f.state.Config, d))
	}
	for _, d := range p.Start {
		f.members.put(f.newMember(d))
		for _, b := range detected {
			if b.ID == d.ID {
				replay(f.members.get(d.ID).device, b)
			}
		}
		f.units.Start(d.ID, f.members.get(d.ID).part())
	}
	f.cleaner.learn(f.deps.history)
	f.keep(p.State.Config)
	return true
}

// keep forgets the devices that a configuration does not have.
func (f *fleet) keep(c *config.Config) {
	f.deps.history.Retain(f.members.keep(c))
	f.twins.reconfigure(ownSession(f.session, c), c)
	if f.broker != nil {
		f.broker.Protect(ownTopics(f.session, c))
	}
}

// applySettings applies what changed beside the devices. The detector closes a port
// before its new device opens it, and Home Assistant's announcer knows a device before
// that prints a line.
func (f *fleet) applySettings(ctx context.Context, p reload.Plan) {
	c := p.State.Config
	if p.SetUsers {
		if err := f.broker.SetUsers(p.State.Files.Users); err != nil {
			f.log.Error("built-in broker keeps its users", "error", err)
		}
	}
	if p.Spool {
		f.deps.spool.SetBounds(c.Spool.MaxSize, c.Spool.Sync)
	}
	if p.HTTP {
		f.deps.history.SetKeep(c.HTTP.Listen != "")
		f.page.Reconfigure(pageSettings(p.State, f.log))
	}
	f.adoption.detector.SetScope(ctx, scopeOf(c))
	announce(f.deps.announcer, c)
	if p.Own {
		f.own.Reconfigure(ownSession(f.session, c))
	}
}
