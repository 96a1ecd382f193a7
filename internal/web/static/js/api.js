// The HTTP API, as docs/api.md describes it.

export class NeedsToken extends Error {}

async function ask(path, options) {
  const r = await fetch("/api/v1/" + path, { signal: AbortSignal.timeout(25000), ...options });
  if (r.status === 401 && path !== "login") throw new NeedsToken("missing token");
  return r;
}

const post = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

// history returns {step_ms, epoch_ms, readings} of a device.
export async function history(id, last) {
  const r = await ask(`devices/${encodeURIComponent(id)}/history?last=${last}`);
  if (!r.ok) throw new Error("history: HTTP status " + r.status);
  return r.json();
}

// send runs a command and returns its result; its status is "unknown" if the gateway
// does not answer.
export async function send(id, command, value) {
  try {
    const r = await ask(`devices/${encodeURIComponent(id)}/commands/${encodeURIComponent(command)}`, post({ value: String(value) }));
    const body = await r.json();
    return body.status ? body : { status: "failed", error: body.error || "the gateway answered with HTTP status " + r.status };
  } catch (e) {
    return { status: "unknown", error: "the gateway did not answer: " + e.message };
  }
}

// login returns why a token was refused, or "".
export async function login(token) {
  const r = await ask("login", post({ token }));
  return r.ok ? "" : (await r.json()).error;
}

// needsToken reports whether the gateway requires a token.
export async function needsToken() {
  try {
    return (await ask("gateway")).status === 401;
  } catch (e) {
    return e instanceof NeedsToken;
  }
}
