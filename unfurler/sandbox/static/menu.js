// A menu of a message or a page: arrows walk, Escape closes, the focus goes back to its button.

import { node } from "../drawing/dom.js";
import { symbol } from "../drawing/icons.js";

let open = null;

export function menuButton(label, itemsOf) {
  const button = node("button", "more", symbol("more"));
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => (open?.button === button ? close() : show(button, itemsOf())));
  return button;
}

function show(button, items) {
  close();
  const list = node("div", "menu", ...items.map(({ text, act }) => {
    const item = node("button", "", text);
    item.type = "button";
    item.role = "menuitem";
    item.tabIndex = -1;
    item.addEventListener("click", () => {
      close();
      act();
    });
    return item;
  }));
  list.role = "menu";
  list.setAttribute("aria-label", button.getAttribute("aria-label"));
  list.addEventListener("keydown", walk);
  list.addEventListener("focusout", ({ relatedTarget }) => {
    if (!list.contains(relatedTarget) && relatedTarget !== button) close({ refocus: false });
  });
  button.after(list);
  button.setAttribute("aria-expanded", "true");
  open = { button, list };
  list.firstElementChild?.focus({ preventScroll: true });
}

function walk(event) {
  const items = [...open.list.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape") close();
  else if (event.key === "Tab") close({ refocus: false });
  else if (to !== undefined) items[to % items.length].focus();
  else return;
  if (event.key !== "Tab") event.preventDefault();
}

function close({ refocus = true } = {}) {
  if (!open) return;
  const { button, list } = open;
  open = null;
  const inside = list.contains(document.activeElement);
  list.remove();
  button.setAttribute("aria-expanded", "false");
  if (refocus && inside && button.isConnected) button.focus({ preventScroll: true });
}

/** Whether a menu is open inside that element, which should not be drawn anew just then. */
export const menuIsOpenIn = (within) => Boolean(open && within.contains(open.list));
