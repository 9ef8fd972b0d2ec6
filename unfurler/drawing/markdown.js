// The Markdown that Space's texts know (PROTOCOL 5.3). One pass, no backtracking: 10,000 hostile characters cost nothing.

import { anchor, node, shown } from "./dom.js";

const PUNCTUATION = /[!-/:-@[-`{-~]/;
const WORD = /[\p{L}\p{N}_]/u;
const ADDRESS = /https?:\/\/[^\s<>"`]+/iy;
const NUMBER = /\d+(?![\p{L}\p{N}_])/uy;
const LINK = /\[((?:\\.|[^[\]\\])*)\]\(([^()\s]*)\)/suy;
const TAGS = { "**": "strong", "~~": "s", _: "em", "*": "em" };
const TRAILING = ".,;:!?'*_~|]}";
const DEEPEST = 5;

/** Without the punctuation of the sentence around it; the server cuts links in the same way. */
export function trimmed(address) {
  let end = address.length;
  let unopened = address.split(")").length - address.split("(").length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1];
    if (last === ")" && unopened > 0) unopened -= 1;
    else if (!TRAILING.includes(last)) break;
  }
  return address.slice(0, end);
}

class Inline {
  constructor(text, options) {
    this.text = text;
    this.options = options;
    this.frames = [{ mark: null, parts: [] }];
    this.plain = "";
    this.fences = fencesOf(text);
  }

  parse() {
    for (let at = 0; at < this.text.length; ) at = this.step(at);
    this.flush();
    return this.literal(0);
  }

  step(at) {
    const { text } = this;
    const letter = text[at];
    if (letter === "\\" && at + 1 < text.length && PUNCTUATION.test(text[at + 1])) {
      this.plain += text[at + 1];
      return at + 2;
    }
    if (letter === "`") return this.code(at);
    if (letter === "[") return this.link(at);
    const made = this.pattern(at);
    if (made) return made;
    if (letter === "h" || letter === "H") return this.address(at);
    const mark = text.startsWith("**", at) ? "**" : text.startsWith("~~", at) ? "~~" : letter === "_" || letter === "*" ? letter : null;
    if (mark) return this.mark(mark, at);
    this.plain += letter;
    return at + 1;
  }

  code(at) {
    let end = at;
    while (this.text[end] === "`") end += 1;
    const length = end - at;
    const closing = this.fences.after(length, end);
    if (closing === null) {
      this.plain += this.text.slice(at, end);
      return end;
    }
    let inner = this.text.slice(end, closing);
    if (/^ .*\S.* $/s.test(inner) || /^ `|` $/.test(inner)) inner = inner.replace(/^ | $/g, "");
    this.add(node("code", "", shown(inner)));
    return closing + length;
  }

  link(at) {
    LINK.lastIndex = at;
    const found = this.options.inLink ? null : LINK.exec(this.text);
    if (!found) {
      this.plain += "[";
      return at + 1;
    }
    const label = new Inline(found[1], { ...this.options, inLink: true }).parse();
    this.add(this.linked(found[2], label));
    return at + found[0].length;
  }

  address(at) {
    ADDRESS.lastIndex = at;
    const apart = at === 0 || !WORD.test(this.text[at - 1]);
    const found = apart && !this.options.inLink ? ADDRESS.exec(this.text) : null;
    if (!found) {
      this.plain += this.text[at];
      return at + 1;
    }
    const address = trimmed(found[0]);
    this.add(this.linked(address, [address]));
    return at + address.length;
  }

  /** A prefix that the application registered, with a number: where it ends, 0 where there is none (PROTOCOL 1.6). */
  pattern(at) {
    if (this.options.inLink || (at > 0 && WORD.test(this.text[at - 1]))) return 0;
    for (const { prefix, linkReplacement } of this.options.patterns ?? []) {
      if (!this.text.startsWith(prefix, at)) continue;
      NUMBER.lastIndex = at + prefix.length;
      const number = NUMBER.exec(this.text)?.[0];
      if (number) {
        this.add(this.linked(linkReplacement.replace("<?>", number), [prefix + number]));
        return at + prefix.length + number.length;
      }
    }
    return 0;
  }

  linked(address, label) {
    const made = anchor(address, ...label);
    return this.options.link ? this.options.link(address, made) : made;
  }

  mark(mark, at) {
    const before = this.text[at - 1] ?? " ";
    const after = this.text[at + mark.length] ?? " ";
    const open = this.frames.findIndex((frame) => frame.mark === mark);
    const closes = open > 0 && /\S/.test(before) && !(mark === "_" && WORD.test(after));
    const opens = open < 0 && /\S/.test(after) && !(mark === "_" && WORD.test(before));
    if (closes) {
      this.flush();
      const inner = this.literal(open);
      this.frames.length = open;
      this.add(inner.length ? node(TAGS[mark], "", ...inner) : mark + mark);
    } else if (opens) {
      this.flush();
      this.frames.push({ mark, parts: [] });
    } else {
      this.plain += mark;
    }
    return at + mark.length;
  }

  /** The parts from that frame on, with the marks of frames that nothing closed. */
  literal(from) {
    return this.frames.slice(from).flatMap((frame, at) => (at || from === 0) && frame.mark ? [frame.mark, ...frame.parts] : frame.parts);
  }

  add(part) {
    this.flush();
    this.frames.at(-1).parts.push(part);
  }

  flush() {
    if (this.plain) this.frames.at(-1).parts.push(shown(this.plain));
    this.plain = "";
  }
}

/** Where runs of backticks of each length stand, each looked up once. */
function fencesOf(text) {
  const byLength = new Map();
  for (const run of text.matchAll(/`+/g)) {
    const places = byLength.get(run[0].length) ?? [];
    places.push(run.index);
    byLength.set(run[0].length, places);
  }
  return {
    after(length, from) {
      const places = byLength.get(length) ?? [];
      while (places.length && places[0] < from) places.shift();
      return places[0] ?? null;
    },
  };
}

const ITEM = /^(\s*)(?:([*+-])|(\d{1,9})\.)\s+(.*)$/s;
const QUOTE = /^\s{0,3}>\s?/;
const FENCE = /^\s{0,3}(`{3,})[^`]*$/;

function starts(line) {
  return FENCE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

function blocks(lines, options, depth = 0) {
  const made = [];
  const left = [...lines].reverse();
  const peek = () => left.at(-1);
  while (left.length) {
    const fence = FENCE.exec(peek());
    if (!peek().trim()) {
      left.pop();
    } else if (fence) {
      left.pop();
      const own = [];
      while (left.length && !(peek().trim().startsWith(fence[1]) && /^`+$/.test(peek().trim()))) own.push(left.pop());
      left.pop();
      const pre = node("pre", "", node("code", "", shown(own.join("\n"))));
      // It scrolls by itself, so the keyboard has to reach it.
      pre.tabIndex = 0;
      made.push(pre);
    } else if (QUOTE.test(peek()) && depth < DEEPEST) {
      const own = [];
      while (left.length && QUOTE.test(peek())) own.push(left.pop().replace(QUOTE, ""));
      made.push(node("blockquote", "", ...blocks(own, options, depth + 1)));
    } else if (ITEM.test(peek()) && depth < DEEPEST) {
      const [, indent, , number] = ITEM.exec(peek());
      // Numbers after dots begin another list.
      const goesOn = (line) => {
        const item = ITEM.exec(line);
        return item ? item[1].length >= indent.length + 2 || (item[3] === undefined) === (number === undefined) : /^\s{2,}/.test(line);
      };
      const own = [left.pop()];
      while (left.length && peek().trim() && goesOn(peek())) own.push(left.pop());
      made.push(list(own, options, depth));
    } else {
      const own = [left.pop()];
      while (left.length && peek().trim() && !(starts(peek()) && depth < DEEPEST)) own.push(left.pop());
      const paragraph = node("p", "", ...inline(own.join("\n"), options));
      paragraph.dir = "auto";
      made.push(paragraph);
    }
  }
  return made;
}

function list(lines, options, depth) {
  const [, indent, , number] = ITEM.exec(lines[0]);
  const made = node(number === undefined ? "ul" : "ol");
  if (number !== undefined && Number(number) !== 1) made.start = Number(number);
  let own = null;
  const finish = () => {
    if (own) made.append(node("li", "", ...inline(own.text, options), ...blocks(own.inner, options, depth + 1)));
  };
  for (const line of lines) {
    const item = ITEM.exec(line);
    // Nested by three blanks; two will do, as more than the marker's own place.
    if (item && item[1].length < indent.length + 2) {
      finish();
      own = { text: item[4], inner: [] };
    } else {
      own.inner.push(line.replace(/^\s{2,3}/, ""));
    }
  }
  finish();
  return made;
}

/** Parts of one line of text. `options.link(address, anchor)` may dress up a link, `options.patterns` make more of them. */
export const inline = (text, options = {}) => new Inline(text, options).parse();

export function markdown(text, options = {}) {
  return node("div", "flow", ...blocks(String(text).replaceAll("\r\n", "\n").split("\n"), options));
}
