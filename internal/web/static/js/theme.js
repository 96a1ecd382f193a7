// The colours of the style sheets, for canvases.

let colours = null;

export function theme() {
  if (!colours) {
    const style = getComputedStyle(document.documentElement);
    colours = Object.fromEntries(["accent", "accent-soft", "line", "faint", "soft", "text", "card"].map((n) => [n, style.getPropertyValue("--" + n).trim()]));
  }
  return colours;
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (colours = null));
