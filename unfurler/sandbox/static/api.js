// Talking to the server.

import { $ } from "../drawing/dom.js";
import { state } from "./state.js";

export async function call(path, body, method = body === undefined ? "GET" : "POST") {
  const options = body === undefined
    ? { method }
    : { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(`/sandbox/${path}`, options);
  const parsed = await answer.json();
  if (!answer.ok) throw new Error(parsed.error_description ?? parsed.error ?? answer.statusText);
  return parsed;
}

export const ofOrganization = (path = "") => `installations/${encodeURIComponent(state.organization)}${path}`;

/** Tells the person at the page, for eyes and for screen readers. */
export function say(text) {
  $("notice").textContent = text;
}

export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    say(error.message);
    return null;
  }
}

const accepted = (delivery) => delivery && delivery.status >= 200 && delivery.status < 300;

/** What a delivery came to, in words. */
export function outcome(what, delivery) {
  if (!delivery) return `${what}: nothing was sent`;
  const how = accepted(delivery) ? "delivered" : `refused (${delivery.status || "no answer"})`;
  return `${what} was ${how} in ${Math.round(delivery.ms)} ms`;
}
