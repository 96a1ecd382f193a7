// Connects the stream, the store and the open view.

import { h, text } from "./dom.js";
import { clock, many } from "./format.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { Boards } from "./boards.js";
import { Board } from "./board.js";
import { Chips } from "./chips.js";
import { Login } from "./login.js";

const store = new Store();
const main = document.getElementById("main");
const banner = document.getElementById("banner");
const chips = new Chips(document.getElementById("chips"));
let link = "opening";
let view = null;
let due = false;

const stream = new Stream({
  state(data) {
    store.state(data);
    if (link === "token" || !view) route();
    else view.reset();
    head();
  },
  update(data) {
    store.update(data);
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      view?.update();
    });
  },
  lines: (data) => view?.lines(data),
  link(state) {
    if (link === state) return;
    link = state;
    document.body.dataset.link = state;
    main.inert = state === "lost";
    if (state === "token") open(new Login(() => stream.open()));
    head();
  },
});

// named returns the board in the address: #/greenhouse; "" for #/.
const named = () => decodeURIComponent(location.hash.replace(/^#\/?/, ""));

// route opens the view for the address.
function route() {
  const id = named();
  open(id ? new Board(store, id) : new Boards(store));
  stream.watch(id);
  scrollTo(0, 0);
}

function open(next) {
  view = next;
  main.replaceChildren(view.element);
  document.title = view.title + " · Arduino gateway";
  view.field?.focus();
}

function head() {
  chips.show(store, link);
  banner.hidden = link !== "lost";
  if (link === "lost") text(banner, store.gateway ? `Reconnecting to the gateway. This page shows its state at ${clock(store.now() - (performance.now() - stream.heard))}.` : "Reconnecting to the gateway.");
  if (!store.gateway) return;
  const all = [...store.devices.values()];
  text(document.getElementById("gateway"), store.gateway.id);
  text(document.getElementById("count"), `${all.filter((d) => d.online).length} of ${many(all.length, "board", "boards")} online`);
}

addEventListener("hashchange", () => {
  if (link === "token") return;
  route();
  main.focus({ preventScroll: true });
});

setInterval(() => {
  head();
  if (store.gateway) view?.second();
}, 1000);

main.append(h("p.empty", "Connecting to the gateway…"));
stream.lines = named();
stream.open();
