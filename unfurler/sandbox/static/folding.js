// A card in the chat that is very high is folded until somebody wants the rest of it.

import { control, node } from "../drawing/dom.js";

const HIGHEST_PX = 480;
const unfolded = new Set();

/** The card, folded where it is too high; `key` tells the same card again when it is drawn anew. */
export function foldable(card, key) {
  const more = control("Show more", "unfold", () => {
    if (!unfolded.delete(key)) unfolded.add(key);
    fit();
  });
  const made = node("div", "foldable", card, more);
  function fit() {
    const high = card.scrollHeight > HIGHEST_PX;
    const open = unfolded.has(key);
    more.hidden = !high;
    more.textContent = open ? "Show less" : "Show more";
    more.setAttribute("aria-expanded", String(open));
    made.classList.toggle("folded", high && !open);
  }
  // What the keyboard reaches has to be seen.
  card.addEventListener("focusin", ({ target }) => {
    if (!made.classList.contains("folded") || !target.matches(":focus-visible")) return;
    unfolded.add(key);
    fit();
  });
  more.hidden = true;
  new ResizeObserver(fit).observe(card);
  return made;
}
