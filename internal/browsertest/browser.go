package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience limits steps that may be slow on a busy machine. No test waits that long.
const patience = 60 * time.Second

// Screen is the screen that shows a page.
type Screen struct {
	Width, Height int64
	Dark, Phone   bool
}

// The usual screens.
var (
	Desktop = Screen{Width: 1280, Height: 900}
	Phone   = Screen{Width: 360, Height: 740, Phone: true}
)

// InDarkMode returns the same screen with the dark colour scheme.
func (s Screen) InDarkMode() Screen { s.Dark = true; return s }

// Page is the only tab of its own browser.
type Page struct {
	t   testing.TB
	ctx context.Context

	trace *trace // nil: not recording

	mu     sync.Mutex
	errors []string
}

// Open starts a browser with an empty profile and opens a page, until the end of the
// test. The test fails if the page reports an error: a script that failed, or something
// that the security policy blocked.
func Open(t testing.TB, url string, screen Screen) *Page {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, // Chromium has none for root
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	p := &Page{t: t}
	ctx, stop = chromedp.NewContext(ctx, chromedp.WithListener(p.hear), chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(stop)
	p.ctx = ctx
	p.within("start chromium (hint: make test installs it)", func() error {
		_, err := chromedp.Call(ctx, log.Enable, cdp.Empty{})
		return err
	})
	p.Show(screen)
	t.Cleanup(p.check)
	p.Go(url)
	return p
}

// hear records the errors of the page. Refused requests do not count; the test checks
// them itself.
func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		p.errors = append(p.errors, text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			p.errors = append(p.errors, e.Entry.Text)
		}
	case *tracing.EventDataCollected, *tracing.EventTracingComplete:
		p.trace.hear(event)
	}
}

// check fails the test if the page reported errors.
func (p *Page) check() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.errors) > 0 {
		p.t.Errorf("errors of the page:\n%s", strings.Join(p.errors, "\n"))
	}
}

// within fails the test if do fails or takes too long.
func (p *Page) within(what string, do func() error) {
	p.t.Helper()
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		if err != nil {
			p.t.Fatalf("browser: %s: %v", what, err)
		}
	case <-time.After(patience):
		p.t.Fatalf("browser: %s: not within %v", what, patience)
	}
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.within(what, func() error { return chromedp.Do(p.ctx, steps...) })
}

// call runs a command of the DevTools protocol.
func call[P, R any](p *Page, command cdp.Command[P, R], params P) (answer R) {
	p.t.Helper()
	p.within(command.Method, func() (err error) {
		answer, err = chromedp.Call(p.ctx, command, params)
		return err
	})
	return answer
}

// Show shows the page on another screen.
func (p *Page) Show(s Screen) {
	p.t.Helper()
	scheme, scale := "light", 1.0
	if s.Dark {
		scheme = "dark"
	}
	if s.Phone {
		scale = 2
	}
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: s.Width, Height: s.Height, DeviceScaleFactor: scale, Mobile: s.Phone})
	call(p, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: s.Phone})
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// Go opens an address.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.do("open "+url, chromedp.Navigate(url))
}

// Value returns the value of a JavaScript expression. It waits for a promise.
func Value[T any](p *Page, expression string) (v T) {
	p.t.Helper()
	p.within(expression, func() (err error) {
		v, err = chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
		return err
	})
	return v
}

// Await waits until a JavaScript expression is true, and returns how long it took. An
// expression that throws counts as false.
func (p *Page) Await(expression string) time.Duration {
	p.t.Helper()
	begin := time.Now()
	for !Value[bool](p, "(() => { try { return !!("+expression+") } catch { return false } })()") {
		if time.Since(begin) > patience {
			p.t.Fatalf("browser: never true: %s\nthe page shows:\n%s", expression, Value[string](p, "document.body.innerText"))
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(begin)
}

// Drawn returns a JavaScript expression for Await: whether the canvas that matches a
// selector has something drawn on it.
func Drawn(selector string) string {
	return fmt.Sprintf(`(() => { const c = document.querySelector(%q); return c && c.width > 1 && c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v) })()`, selector)
}

// Click clicks the first element that matches a selector, as a person would.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Type types text into the element that matches a selector.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Keys that are not characters.
const (
	Left   = kb.ArrowLeft
	Escape = kb.Escape
)

// Press presses keys at the focus: characters, or the keys above.
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do("press a key", chromedp.KeyEvent(keys))
}

// Shot saves a picture of the screen among the test's artifacts, which
// `go test -artifacts` keeps. The test fails if the page is wider than the screen.
func (p *Page) Shot(name string) {
	p.t.Helper()
	if over := Value[int](p, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		p.t.Errorf("%s: the page is %d pixels too wide", name, over)
	}
	var picture []byte
	p.within("take a picture", func() (err error) {
		picture, err = chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		return err
	})
	file := filepath.Join(p.t.ArtifactDir(), name+".png")
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
