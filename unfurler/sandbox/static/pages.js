// A document, an issue, a code review: texts in which links have their preview as a tooltip.

import { attempt, call, ofOrganization } from "./api.js";
import { $, control, keepingFocus, node, shown } from "../drawing/dom.js";
import { itemParts } from "./feed.js";
import { symbol } from "../drawing/icons.js";
import { inspect } from "./inspector.js";
import { markdown, trimmed } from "../drawing/markdown.js";
import { menuButton } from "./menu.js";
import { chooseMenuItem } from "./pressing.js";
import { extensions, refreshSoon, state } from "./state.js";

const MENUS = {
  document: "DocumentMenuItemUiExtensionIn", issue: "IssueMenuItemUiExtensionIn", review: "CodeReviewMenuItemUiExtensionIn",
};
const KINDS = { document: "Document", issue: "Issue", review: "Code review" };
const OPENS_MS = 150;
const CLOSES_MS = 300;

let page = null;
let tip = null;
let timer = 0;

export function drawPage(entry) {
  const changed = page?.id !== entry.id || page?.text !== entry.text
    || Object.keys(page.items).join() !== Object.keys(entry.items).join();
  page = entry;
  $("page-kind").textContent = KINDS[entry.kind];
  $("page-title").textContent = shown(entry.title);
  if (changed) {
    closeTip();
    $("page-text").replaceChildren(entry.text ? written(entry.text) : node("p", "quiet", "Nothing is written here yet."));
    drawMenu();
  }
  if (tip) fillTip();
}

function drawMenu() {
  const items = extensions(MENUS[page.kind]);
  const list = items.map((each) => ({ text: each.displayName, act: () => chooseMenuItem(each, { pageId: page.id }) }));
  $("page-menu").replaceChildren(...(list.length ? [menuButton(`Menu of the ${KINDS[page.kind].toLowerCase()}`, () => list)] : []));
}

const written = (text) => markdown(text, { link: withPreview, patterns: state.details.patterns });

function withPreview(address, link) {
  if (!(trimmed(address) in page.items)) return link;
  const peek = node("button", "peek", symbol("look"));
  peek.type = "button";
  peek.setAttribute("aria-label", `Preview of ${shown(address).slice(0, 200)}`);
  peek.setAttribute("aria-expanded", "false");
  const whole = node("span", "previewed", link, peek);
  const open = () => openTip(trimmed(address), whole);
  peek.addEventListener("click", () => (tip?.anchor === whole && tip.pinned ? closeTip() : pin(open)));
  whole.addEventListener("mouseenter", () => soon(open, OPENS_MS));
  whole.addEventListener("mouseleave", () => soon(closeUnlessUsed, CLOSES_MS));
  link.addEventListener("focus", () => link.matches(":focus-visible") && open());
  return whole;
}

function pin(open) {
  open();
  tip.pinned = true;
}

function soon(what, ms) {
  clearTimeout(timer);
  timer = setTimeout(what, ms);
}

function openTip(address, anchor) {
  clearTimeout(timer);
  if (tip?.anchor === anchor) return;
  closeTip();
  const box = node("div", "tip");
  box.role = "dialog";
  box.tabIndex = -1;
  box.setAttribute("aria-label", `Preview of ${shown(address).slice(0, 200)}`);
  box.addEventListener("mouseenter", () => clearTimeout(timer));
  box.addEventListener("mouseleave", () => soon(closeUnlessUsed, CLOSES_MS));
  tip = { address, anchor, box, signature: "", pinned: false };
  // Right behind its link, so that Tab leads from the link into it.
  anchor.append(box);
  anchor.querySelector(".peek").setAttribute("aria-expanded", "true");
  anchor.addEventListener("focusout", leave);
  fillTip();
}

function leave({ relatedTarget }) {
  if (tip && !tip.pinned && relatedTarget && !tip.anchor.contains(relatedTarget)) closeTip();
}

function fillTip() {
  const item = page.items[tip.address];
  if (!item) return closeTip();
  const signature = JSON.stringify([item.content, item.prompt, item.state, item.overdue]);
  if (signature !== tip.signature) {
    tip.signature = signature;
    keepingFocus(tip.box, () => {
      const look = control("Inspect", "inspect", () => inspect(item.id));
      tip.box.replaceChildren(...itemParts(item), look);
    });
  }
  place();
  return undefined;
}

/** Under its link, pushed back into the text's width. */
function place() {
  const { box, anchor } = tip;
  const around = $("page-text").getBoundingClientRect();
  const link = anchor.getClientRects()[0] ?? anchor.getBoundingClientRect();
  const last = [...anchor.firstElementChild.getClientRects()].at(-1) ?? link;
  const width = Math.min(448, around.width);
  box.style.width = `${width}px`;
  box.style.left = `${Math.max(0, Math.min(link.left - around.left, around.width - width))}px`;
  box.style.top = `${last.bottom - around.top + 4}px`;
}

const used = () => tip && (tip.pinned || tip.box.contains(document.activeElement) || tip.box.matches(":hover") || tip.anchor.matches(":hover"));

function closeUnlessUsed() {
  if (!used()) closeTip();
}

export function closeTip() {
  clearTimeout(timer);
  if (!tip) return;
  const { box, anchor } = tip;
  tip = null;
  const inside = box.contains(document.activeElement);
  anchor.removeEventListener("focusout", leave);
  box.remove();
  const peek = anchor.querySelector(".peek");
  peek?.setAttribute("aria-expanded", "false");
  if (inside) peek?.focus({ preventScroll: true });
}

export function setUpPages() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeTip();
  });
  document.addEventListener("pointerdown", (event) => {
    if (tip && !tip.anchor.contains(event.target)) closeTip();
  });
  addEventListener("resize", () => tip && place());
  $("page-edit").addEventListener("click", () => {
    closeTip();
    $("page-source").value = page?.text ?? "";
    editing(true);
    $("page-source").focus();
  });
  $("page-cancel").addEventListener("click", () => editing(false));
  $("page-form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      await call(ofOrganization(`/pages/${page.id}`), { text: $("page-source").value, author: state.person });
      editing(false);
      refreshSoon();
    });
  });
}

export function editing(on) {
  $("page-form").hidden = !on;
  $("page-text").hidden = on;
  $("page-edit").hidden = on;
  if (!on && document.activeElement === document.body) $("page-edit").focus();
}
