// The few things that every view needs. Text goes into the page as text only:
// there is no way here to make markup of it.

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

// text changes an element's text, if it is another.
export function text(e, s) {
  if (e.shown !== s) {
    e.shown = s;
    e.textContent = s;
  }
}

// attr changes an attribute, if it is another.
export function attr(e, name, value) {
  if (e.getAttribute(name) !== value) e.setAttribute(name, value);
}

// rows makes the children of a list follow an array of strings.
export function rows(list, texts) {
  const key = texts.join("\n");
  if (list.shown === key) return;
  list.shown = key;
  list.replaceChildren(...texts.map((t) => h("li", t)));
}
