// The emulated GitHub: something changes there, and the cards have to catch up.

import { attempt, call, say } from "./api.js";
import { $ } from "../drawing/dom.js";

let path = null;

export async function drawRecorded() {
  if (!path) path = (await call("recorded/forge")).paths.find((each) => each.endsWith("/hello-world/issues/1"));
  if (!path) return;
  const { title, state } = await call(`recorded/forge?${new URLSearchParams({ path })}`);
  $("recorded-state").textContent = `#1 ${title}: ${state}`;
  const toggle = $("recorded-toggle");
  toggle.hidden = false;
  toggle.textContent = state === "open" ? "Close the issue" : "Reopen the issue";
  toggle.onclick = () => attempt(async () => {
    const now = new Date().toISOString().replace(/\.\d+/, "");
    const closed = { state: "closed", state_reason: "completed", closed_at: now, updated_at: now };
    const open = { state: "open", state_reason: "reopened", closed_at: null, updated_at: now };
    await call("recorded/forge", { path, patch: state === "open" ? closed : open });
    await drawRecorded();
    say("Done. Now press Refresh on a card of that issue.");
  });
}
