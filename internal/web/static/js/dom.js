// What every view needs. Text goes into the page as text only: nothing here turns
// it into markup.

// h makes an element: h("li.name", {title: "x", onclick: f}, child, "text").
export function h(what, ...rest) {
  const [tag, ...classes] = what.split(".");
  const e = document.createElement(tag || "div");
  if (classes.length) e.className = classes.join(" ");
  for (const r of rest) {
    if (r === null || r === undefined) continue;
    if (typeof r === "string" || r instanceof Node) e.append(r);
    else if (Array.isArray(r)) e.append(...r);
    else for (const [k, v] of Object.entries(r)) set(e, k, v);
  }
  return e;
}

function set(e, key, value) {
  if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
  else if (value === false || value === undefined) e.removeAttribute(key);
  else e.setAttribute(key, value === true ? "" : value);
}

// text sets an element's text if it differs.
export function text(e, s) {
  if (e.shown !== s) {
    e.shown = s;
    e.textContent = s;
  }
}

// attr sets an attribute if it differs.
export function attr(e, name, value) {
  if (e.getAttribute(name) !== value) e.setAttribute(name, value);
}

// rows fills a list with an array of strings if they differ.
export function rows(list, texts) {
  const key = texts.join("\n");
  if (list.shown === key) return;
  list.shown = key;
  list.replaceChildren(...texts.map((t) => h("li", t)));
}
