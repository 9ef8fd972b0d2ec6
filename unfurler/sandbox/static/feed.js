// Messages with their cards. What did not change is not touched, so that focus and selection stay where they are.

import { attempt, call, ofOrganization } from "./api.js";
import { card } from "../drawing/cards.js";
import { $, control, keepingFocus, node, reconcile, shown, words } from "../drawing/dom.js";
import { foldable } from "./folding.js";
import { inspect } from "./inspector.js";
import { markdown } from "../drawing/markdown.js";
import { menuButton, menuIsOpenIn } from "./menu.js";
import { cardContext, chooseMenuItem, pressItem, pressMessage } from "./pressing.js";
import { extensions, personName, refreshSoon, state } from "./state.js";
import { time } from "../drawing/times.js";

const PLACES = {
  DocumentAppUnfurlContext: "in a document", IssueUnfurlContext: "in an issue", CodeReviewUnfurlContext: "in a review",
};
const WORDS = {
  waiting: "waiting for the application…",
  "auth-requested": "waiting for its author to sign in",
  expired: "no preview came in time",
};

const stateWords = ({ state: now, overdue }) => (now === "waiting" && overdue ? "no preview so far" : WORDS[now] ?? "");

/** What an item shows to the person at the page: a request to sign in, a card, or why there is none. */
export function itemParts(entry) {
  const context = cardContext(pressItem(entry.id));
  const parts = [];
  if (entry.prompt) {
    const prompt = card(entry.prompt, context);
    prompt.classList.add("prompt");
    prompt.prepend(node("div", "state", "Only you see this"));
    parts.push(prompt);
  }
  if (entry.content) parts.push(card(entry.content, context));
  else if (!parts.length) parts.push(node("div", "state", words(entry.target), `: ${stateWords(entry)}`));
  return parts;
}

function item(entry, before) {
  const signature = JSON.stringify([entry.content, entry.prompt, entry.content ? "" : stateWords(entry), state.details.serverUrl]);
  if (before?.signature === signature) return before;
  const made = before ?? node("div", "item");
  keepingFocus(made, () => {
    const look = control("Inspect", "inspect", () => inspect(entry.id));
    look.setAttribute("aria-label", `Inspect the preview of ${shown(entry.target).slice(0, 200)}`);
    const parts = itemParts(entry).map((each) => (each.matches(".card") ? foldable(each, entry.id) : each));
    made.replaceChildren(...parts, look);
  });
  made.signature = signature;
  made.tabIndex = -1;
  made.dataset.key = entry.id;
  return made;
}

function body(entry) {
  if (!entry.content) return markdown(entry.text, { patterns: state.details.patterns });
  if (entry.content.className === "ChatMessage.Text") return markdown(entry.content.text);
  return foldable(card(entry.content, cardContext(pressMessage(entry.id))), entry.id);
}

function menuItems(entry) {
  const own = entry.author === state.person;
  const mine = ({ visibilityFilters }) => own || !(visibilityFilters ?? []).some((each) => each.className === "ChatMessageEditableByMe");
  return [
    ...(entry.items ?? []).map((each) => ({ text: `Inspect ${shown(each.target).slice(0, 80)}`, act: () => inspect(each.id) })),
    ...extensions("ChatMessageMenuItemUiExtensionIn").filter(mine).map((each) => ({
      text: each.displayName,
      act: () => chooseMenuItem(each, { messageId: entry.id }),
    })),
    {
      text: "Delete the message",
      act: () => attempt(async () => {
        await call(ofOrganization("/delete-message"), { messageId: entry.id });
        refreshSoon();
      }),
    },
  ];
}

function message(entry, before) {
  const signature = JSON.stringify([entry.text, entry.content, entry.edited, personName(entry.author)]);
  let made = before;
  if (!made) {
    made = node("li", "message");
    made.parts = { head: node("div", "byline"), body: node("div", "body"), items: node("div", "items") };
    made.append(made.parts.head, made.parts.body, made.parts.items);
  }
  if (made.signature !== signature && !menuIsOpenIn(made)) {
    const who = words(personName(entry.author), "strong");
    const place = PLACES[entry.items?.[0]?.context?.className];
    const badge = entry.author === null ? node("span", "tag style-SECONDARY", "application") : null;
    made.parts.head.replaceChildren(
      who, ...(badge ? [badge] : []), time(entry.created, "TIME_ONLY"),
      ...(place ? [place] : []), ...(entry.edited ? ["(edited)"] : []),
      menuButton(`Menu of the message from ${personName(entry.author)}`, () => menuItems(entry)),
    );
    keepingFocus(made.parts.body, () => made.parts.body.replaceChildren(body(entry)));
    made.parts.body.tabIndex = -1;
    made.signature = signature;
  }
  reconcile(made.parts.items, entry.items ?? [], (each) => each.id, item);
  return made;
}

export function drawFeed(entries) {
  const log = $("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const heightBefore = log.scrollHeight;
  reconcile($("messages"), entries, (each) => each.id, message);
  $("empty").hidden = entries.length > 0;
  if (atEnd && log.scrollHeight !== heightBefore) log.scrollTop = log.scrollHeight;
}

export function scrollToEnd() {
  $("log").scrollTop = $("log").scrollHeight;
}
