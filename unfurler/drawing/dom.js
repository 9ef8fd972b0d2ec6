// Nodes. Nothing foreign is ever parsed as HTML: every node is made here and filled as text.

export const $ = (id) => document.getElementById(id);

export function node(name, classes = "", ...children) {
  const made = document.createElement(name);
  if (classes.trim()) made.className = classes.trim();
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A button of this page. */
export function control(text, classes, act) {
  const made = node("button", classes, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

export function webAddress(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:"].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

// What turns text round is drawn as a sign, what cannot be seen is left out: a text shows what it says.
// ZWJ and ZWNJ stay, scripts and emoji need them.
const TURNING = /[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/g;
const UNSEEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u200B\u2060-\u2064\u206A-\u206F\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E0FFF}]/gu;

// More marks on one letter than any language needs would be drawn over the lines around it.
const PILES = /(\p{M}{3})\p{M}+/gu;

export const shown = (text) => String(text).replace(UNSEEN, "").replace(TURNING, "\uFFFD").replace(PILES, "$1");

/** Foreign text that does not change the order of what stands around it. */
export function words(text, name = "span", classes = "") {
  const made = node(name, classes, shown(text));
  made.dir = "auto";
  return made;
}

// What a reader takes for an address: anything with a scheme or www, a bare host only if it is all there is, for
// "hello.py" is none.
const HOST = "((?:[\\p{L}\\p{N}-]+\\.)+[\\p{L}\\p{N}-]{2,})";
const CLAIMS = [
  new RegExp(`(?:https?:\\/\\/|\\bwww\\.)(?:[^/\\s]*@)?${HOST}`, "iu"),
  new RegExp(`^\\s*((?:[\\p{L}\\p{N}-]+\\.)+(?:com|org|net|io|dev|app|edu|gov|example))(?:[/?#:]\\S*)?\\s*$`, "iu"),
];

/** A link to a web address; where its words name another host than it leads to, the true one is added. */
export function anchor(address, ...children) {
  const url = webAddress(address);
  if (!url) return node("span", "", ...children);
  const link = node("a", "", ...children);
  link.href = url.href;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.title = url.href;
  const claimed = CLAIMS.map((claim) => claim.exec(link.textContent)?.[1]).find(Boolean);
  const bare = (host) => host.toLowerCase().replace(/^www\./, "");
  if (claimed && link.textContent !== address && bare(claimed) !== bare(url.hostname)) {
    link.append(node("span", "leads", ` (leads to ${url.hostname})`));
  }
  return link;
}

const FOCUSABLE = "a[href], button, input, textarea, select, summary, [tabindex]";
const focusable = (within) => [...within.querySelectorAll(FOCUSABLE)].filter((each) => !each.disabled);

const alike = (within, one) => focusable(within).filter((each) => each.tagName === one.tagName);

/**
 * Runs `redraw`, then puts the focus back where it was inside `within`: same words, else same place among things of
 * its kind counted from the end (More becomes Less, and what is above it grows), else the whole.
 */
export function keepingFocus(within, redraw) {
  const before = document.activeElement;
  if (!before || before === within || !within.contains(before)) return redraw();
  const kind = alike(within, before);
  const fromEnd = kind.length - kind.indexOf(before);
  const text = before.textContent;
  const result = redraw();
  if (before.isConnected && document.activeElement === before) return result;
  const now = alike(within, before);
  const target = now.find((each) => each.textContent === text) ?? now[now.length - fromEnd] ?? within;
  target.focus({ preventScroll: true });
  return result;
}

/** Brings the children of `list` in line with `entries`, touching only what changed. `draw` gives a node. */
export function reconcile(list, entries, keyOf, draw) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let changed = false;
  entries.forEach((entry, at) => {
    const key = keyOf(entry);
    const made = draw(entry, known.get(key) ?? null);
    made.dataset.key = key;
    if (made !== known.get(key)) changed = true;
    known.delete(key);
    if (list.children[at] !== made) list.insertBefore(made, list.children[at] ?? null);
  });
  for (const [, child] of known) {
    child.remove();
    changed = true;
  }
  return changed;
}
