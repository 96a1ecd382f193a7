// Asks for the token if the gateway requires one.

import { h, text } from "./dom.js";
import { login } from "./api.js";

export class Login {
  constructor(done) {
    const field = h("input.field", { type: "password", autocomplete: "current-password", "aria-label": "token", required: true });
    const wrong = h("p.wrong", { role: "alert" });
    const submit = async (e) => {
      e.preventDefault();
      try {
        const problem = await login(field.value);
        text(wrong, problem);
        if (!problem) done();
      } catch {
        text(wrong, "The gateway does not answer.");
      }
    };
    this.title = "Token";
    this.element = h("form.card.login", { onsubmit: submit }, h("h1", "Token"), h("p", "This gateway is open to the network, so it asks for a token. Its log names the file that holds the token."), field, wrong, h("button.button.main", "Open the dashboard"));
    this.field = field;
  }

  reset() {}
  update() {}
  second() {}
  lines() {}
}
