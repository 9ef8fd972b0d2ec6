// The story of one link in one column: what this server knows, and what the application tells of its own part.

import { attempt, call, ofOrganization } from "./api.js";
import { $, keepingFocus, node, shown, words } from "../drawing/dom.js";
import { state } from "./state.js";
import { time } from "../drawing/times.js";

let signature = "";

export function inspect(itemId) {
  state.inspected = itemId;
  showSide("inspector");
  $("inspector-title").focus({ preventScroll: true });
  attempt(drawInspector);
}

export function showSide(which) {
  for (const name of ["try", "inspector"]) {
    $(`side-${name}`).hidden = name !== which;
    $(`tab-${name}`).setAttribute("aria-selected", String(name === which));
    $(`tab-${name}`).tabIndex = name === which ? 0 : -1;
  }
  document.body.classList.add("side-open");
  $("side-toggle").setAttribute("aria-expanded", "true");
}

export async function drawInspector() {
  if (!state.inspected || $("side-inspector").hidden) return;
  const query = new URLSearchParams({ item: state.inspected });
  const [story, inside] = await Promise.all([
    call(ofOrganization(`/story?${query}`)), call(ofOrganization(`/service-story?${query}`)),
  ]);
  const fresh = JSON.stringify([{ ...story, now_ms: 0 }, inside]);
  if (fresh === signature) return;
  signature = fresh;
  const { item } = story;
  const target = words(item.target, "p", "target");
  const facts = node(
    "p", "quiet",
    `Posted by ${shown(story.author ?? "nobody")} in ${shown(story.place)}. Item `, node("code", "", item.id),
    `, etag ${item.etag}, ${item.state}; it can be answered until `, time(story.expires_ms, "TIME_ONLY"), ".",
  );
  const opened = new Set([...$("story").querySelectorAll("details[open]")].map((each) => each.dataset.key));
  const events = withPasses(story.events, inside.passes ?? []);
  const first = events[0]?.at_ms ?? 0;
  keepingFocus($("side-inspector"), () => {
    $("inspected").replaceChildren(target, facts);
    $("story").replaceChildren(...events.flatMap((event, at) => entry(event, at, first, opened)));
    if (!events.some((each) => each.kind === "read")) $("story").append(silent(story));
    if (inside.silent) $("story").append(step("", "inside", shown(inside.silent)));
  });
}

/** What the application told stands in its place in time, but never before it read the item. */
function withPasses(events, passes) {
  const read = events.find((each) => each.kind === "read")?.at_ms ?? 0;
  const inside = passes.map(({ at, steps }) => ({ kind: "inside", at_ms: Math.max(Math.round(at * 1000), read), steps }));
  return [...events, ...inside].sort((a, b) => a.at_ms - b.at_ms);
}

/** Why there may be no preview, as far as it can be told from here. */
function silent({ events, endpoint }) {
  const refused = events.find((each) => each.kind === "sent" && !(each.answer.status >= 200 && each.answer.status < 300));
  return step("pending", "", refused
    ? `The application did not take the notification (${refused.answer.status || `no answer from ${endpoint}`}) and has not read the queue.`
    : "The application has not read this item yet.");
}

const json = (value) => node("pre", "", node("code", "", JSON.stringify(value, null, 2)));

function more(key, label, value, opened) {
  const made = node("details", "", node("summary", "", label), json(value));
  made.dataset.key = key;
  made.open = opened.has(key);
  made.lastElementChild.tabIndex = 0;
  return made;
}

function step(kind, when, text, ...rest) {
  const said = text ? node("p", "", text) : null;
  return node("li", `step ${kind}`, node("span", "when", when), node("div", "what", said, ...rest));
}

function entry(event, at, first, opened) {
  const when = `+${(event.at_ms - first).toLocaleString()} ms`;
  const key = `${event.kind}-${at}`;
  switch (event.kind) {
    case "posted":
      return step("good", "", "The link was put into the queue", more(key, "Queue item", event.queueItem, opened));
    case "sent": {
      const { status, ms } = event.answer;
      const good = status >= 200 && status < 300;
      return step(
        good ? "good" : "bad", when,
        `${shown(event.className)} was sent; answer ${status || "none"} in ${Math.round(ms)} ms`,
        more(key, "Payload", event.payload, opened),
        event.answer.body ? more(`${key}-answer`, "Answer", event.answer.body, opened) : null,
      );
    }
    case "read":
      return step("good", when, "The application read the item from the queue");
    case "content":
      return step(
        event.result === "Success" ? "good" : "bad", when,
        `Content came: ${event.result === "Success" ? "valid and shown" : RESULTS[event.result] ?? event.result}`,
        event.doubts.length ? node("ul", "doubts", ...event.doubts.map(({ path, message }) => node("li", "", node("code", "", path), ` ${shown(message)}`))) : null,
        more(key, "Content", event.content, opened),
      );
    case "refused":
      return step(
        "bad", when, `A call to ${event.path.replace(/^.*\/unfurls/, "…/unfurls")} was refused as a whole: ${event.status}`,
        event.faults.length ? node("ul", "doubts", ...event.faults.map(({ jsonPath, message }) => node("li", "", node("code", "", jsonPath), ` ${shown(message)}`))) : null,
        more(key, "What was sent", event.body, opened),
      );
    case "prompt":
      return step("good", when, "The author is asked to sign in", more(key, "Request", event.message, opened));
    case "inside":
      return event.steps.map(({ name, said, more, good }, nth) => step(
        `${good ? "good" : "bad"} inside`, nth ? "" : when, "",
        node("p", "", node("strong", "", shown(name)), ` ${shown(said)}`),
        more.length ? node("ul", "plain", ...more.map((each) => node("li", "", shown(each)))) : null,
      ));
    case "reset":
      return step("good", when, "Requests to sign in were reset");
    default:
      return step("", when, event.kind);
  }
}

const RESULTS = {
  QueueItemNotFound: "too late, the item has expired (QueueItemNotFound)",
  EntityNotFound: "the message or its link is gone (EntityNotFound)",
  NotApproved: "no administrator approved this domain (NotApproved)",
};
