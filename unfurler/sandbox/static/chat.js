// The chat page: asks the control endpoints once a second and draws what changed.
// Nothing foreign is ever parsed as HTML: every node is made here and filled by textContent.

const PAUSE_MS = 1000;
const $ = (id) => document.getElementById(id);
const page = { organization: null, details: null, person: "", channel: "" };

// Nodes

function node(name, classes = "", ...children) {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function isWebAddress(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

function anchor(url, ...children) {
  if (!isWebAddress(url)) return node("span", "", ...children);
  const link = node("a", "", ...children);
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

// Text: the subset of Markdown that Space's text elements know (PROTOCOL 5.3)

const SPAN = "((?:\\\\.|[^\\\\])+?)";
const INLINE = new RegExp(
  [
    "\\\\([!-/:-@\\[-`{-~])", // 1: an escaped character
    "`([^`\\n]+)`", // 2: code
    `\\*\\*${SPAN}\\*\\*`, // 3: bold
    `~~${SPAN}~~`, // 4: struck
    `(?<!\\w)_(?!\\s)${SPAN}(?<!\\s)_(?!\\w)`, // 5: emphasis
    `\\*(?!\\s)${SPAN}(?<!\\s)\\*`, // 6: emphasis in an outline
    `\\[((?:\\\\.|[^\\]\\\\])*)\\]\\(([^()\\s]*)\\)`, // 7, 8: a link
    "(https?://[^\\s<>\"`]*[^\\s<>\"`.,;:!?)\\]*_~])", // 9: a bare address
  ].join("|"),
  "s",
);

function inline(text) {
  const parts = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    if (found.index) parts.push(rest.slice(0, found.index));
    const [whole, escaped, code, bold, struck, slanted, starred, label, target, address] = found;
    if (escaped) parts.push(escaped);
    else if (code) parts.push(node("code", "", code));
    else if (bold) parts.push(node("strong", "", ...inline(bold)));
    else if (struck) parts.push(node("s", "", ...inline(struck)));
    else if (slanted ?? starred) parts.push(node("em", "", ...inline(slanted ?? starred)));
    else if (target !== undefined) parts.push(anchor(target, ...inline(label)));
    else parts.push(anchor(address, address));
    rest = rest.slice(found.index + whole.length);
  }
  if (rest) parts.push(rest);
  return parts;
}

const BLOCKS = [
  { starts: /^\s*>\s?/, make: (lines) => node("blockquote", "", ...blocks(lines.join("\n"))) },
  { starts: /^\s*[*+-]\s+/, make: (lines) => node("ul", "", ...lines.map((line) => node("li", "", ...inline(line)))) },
  { starts: /^\s*\d+\.\s+/, make: (lines) => node("ol", "", ...lines.map((line) => node("li", "", ...inline(line)))) },
];

function blocks(text) {
  const made = [];
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  while (lines.length) {
    if (lines[0].startsWith("```")) {
      lines.shift();
      const end = lines.findIndex((line) => line.startsWith("```"));
      const code = lines.splice(0, end < 0 ? lines.length : end);
      lines.shift();
      made.push(node("pre", "", node("code", "", code.join("\n"))));
      continue;
    }
    const kind = BLOCKS.find(({ starts }) => starts.test(lines[0]));
    if (kind) {
      const own = [];
      while (lines.length && kind.starts.test(lines[0])) own.push(lines.shift().replace(kind.starts, ""));
      made.push(kind.make(own));
      continue;
    }
    const own = [];
    while (lines.length && lines[0].trim() && !lines[0].startsWith("```") && !BLOCKS.some(({ starts }) => starts.test(lines[0]))) {
      own.push(lines.shift());
    }
    if (own.length) made.push(node("p", "", ...inline(own.join("\n"))));
    while (lines.length && !lines[0].trim()) lines.shift();
  }
  return made;
}

const markdown = (text) => node("div", "flow", ...blocks(text));

// Elements of the content constructor (PROTOCOL 5.2)

const GLYPHS = {
  "checkbox-checked": "☑", clock: "🕒", book: "📖", smile: "🙂", happiness: "😀", automation: "⚙",
  "info-small": "ℹ", space: "◆", slack: "#", twitter: "𝕏", "animals-category": "🐾",
};
const styled = (style) => (style ? ` style-${style}` : "");
const sized = (size) => (size ? ` size-${size}` : "");

function icon(named, style) {
  if (!named) return null;
  const made = node("span", `icon${styled(style)}`, GLYPHS[named.icon] ?? named.icon.slice(0, 1).toUpperCase());
  made.title = named.icon;
  made.setAttribute("aria-hidden", "true");
  return made;
}

function timestamp({ ts, format, style, strikethrough }) {
  const at = new Date(ts);
  if (Number.isNaN(at.valueOf())) return node("span", "", "an impossible time");
  const made = node("time", `${styled(style)}${strikethrough ? " struck" : ""}`, timeText(at, format));
  made.dateTime = at.toISOString();
  made.title = at.toLocaleString();
  made.dataset.format = format ?? "";
  return made;
}

function timeText(at, format) {
  if (format === "RELATIVE_TO_NOW") return relativeText(at);
  if (format === "DATE_ONLY") return at.toLocaleDateString();
  if (format === "TIME_ONLY") return at.toLocaleTimeString();
  return at.toLocaleString();
}

function relativeText(at) {
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  let amount = (at - Date.now()) / 1000;
  for (const [unit, size] of [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12]]) {
    if (Math.abs(amount) < size) return words.format(Math.round(amount), unit);
    amount /= size;
  }
  return words.format(Math.round(amount), "year");
}

function image(src, classes, alt = "") {
  if (!isWebAddress(src)) return node("span", "quiet", "an image without a web address");
  const made = node("img", classes);
  made.src = src;
  made.alt = alt;
  made.loading = "lazy";
  made.referrerPolicy = "no-referrer";
  return made;
}

function button(element, press) {
  const { text, style, action, disabled } = element;
  if (action.className === "NavigateUrlAction" && !disabled && isWebAddress(action.url)) {
    const link = anchor(withBackUrl(action), text);
    link.className = `press kind-${style}`;
    if (!action.openInNewTab) link.removeAttribute("target");
    return link;
  }
  const made = node("button", `press kind-${style}`, text);
  made.type = "button";
  made.disabled = Boolean(disabled);
  made.addEventListener("click", async () => {
    made.setAttribute("aria-busy", "true");
    await press(action.actionId ?? text, text);
    made.removeAttribute("aria-busy");
  });
  return made;
}

function withBackUrl({ url, withBackUrl: wanted }) {
  const address = new URL(url);
  if (wanted) address.searchParams.set("backUrl", `${page.details?.serverUrl ?? location.origin}/`);
  return address.href;
}

function inlineElement(element, press) {
  switch (element.className) {
    case "MessageInlineText": return node("span", styled(element.style), element.text);
    case "MessageTag": return node("span", `tag${styled(element.style)}`, element.text);
    case "MessageIcon": return icon(element.icon, element.style);
    case "MessageTimestamp": return timestamp(element);
    case "MessageButton": return button(element, press);
    default: return unknown(element);
  }
}

const inlineGroup = (elements, press, classes = "") =>
  node("span", `inline${classes}`, ...elements.map((element) => inlineElement(element, press)));

function accessory(element) {
  if (!element) return null;
  const inner = element.className === "MessageImage" ? image(element.src, "") : inlineElement(element);
  return node("div", "accessory", inner);
}

function field(element, fields, press) {
  const v2 = element.className === "MessageFieldV2";
  return node(
    "div", "",
    node("dt", sized(fields.nameTextSize), v2 ? inlineGroup(element.first, press) : element.first),
    node("dd", sized(fields.valueTextSize), v2 ? inlineGroup(element.second, press) : markdown(element.second)),
  );
}

function block(element, press) {
  switch (element.className) {
    case "MessageText":
      return node("div", `text${styled(element.style)}${sized(element.size)}`, markdown(element.content), accessory(element.accessory));
    case "MessageFields":
      return node("dl", "fields", ...element.fields.map((each) => field(each, element, press)));
    case "MessageInlineGroup":
      return node(
        "div", `text${styled(element.textStyle ?? element.elementsStyle)}${sized(element.textSize)}`,
        inlineGroup(element.elements, press), accessory(element.accessory),
      );
    case "MessageControlGroup":
      return node("div", "controls", ...element.elements.map((each) => button(each, press)));
    case "MessageDivider":
      return node("hr");
    default:
      return unknown(element);
  }
}

const unknown = (element) => node("span", "quiet", `(${element.className})`);

function section(element, style, press) {
  if (element.className === "MessageDivider") return node("hr");
  return node(
    "div", `section bar-${element.style ?? style}${sized(element.textSize)}`,
    element.header ? node("div", "header", element.header) : null,
    ...element.elements.map((each) => block(each, press)),
    element.footer ? node("div", "footer", element.footer) : null,
  );
}

function outline(element, press) {
  if (!element) return null;
  if (element.className === "MessageOutlineElements") return node("div", "outline", inlineGroup(element.elements, press));
  return node("div", "outline", icon(element.icon), " ", ...inline(element.text));
}

function card(content, press) {
  if (content.className === "ApplicationUnfurlContent.Image") {
    return node("div", "card", node("div", "outline", icon(content.icon), " ", content.title), image(content.url, "image", content.title));
  }
  const style = content.style ?? "PRIMARY";
  return node("div", "card", outline(content.outline, press), ...content.sections.map((each) => section(each, style, press)));
}

// Messages

function personName(id) {
  if (id === null) return page.details.name;
  return page.details.users.find((user) => user.id === id)?.name ?? "Somebody";
}

function item(entry) {
  const press = (action, text) => pressItem(entry.id, action, text);
  const made = [];
  if (entry.prompt && entry.authorId === page.person) {
    const prompt = card(entry.prompt, press);
    prompt.classList.add("prompt");
    prompt.prepend(node("div", "state", "Only you see this"));
    made.push(prompt);
  }
  if (entry.content) made.push(card(entry.content, press));
  else if (!made.length) made.push(node("div", "card", node("div", "state", `${entry.target}: ${words(entry)}`)));
  return node("div", "", ...made);
}

const words = ({ state, overdue }) => (state === "waiting" && overdue ? "no preview so far" : WORDS[state]);

const WORDS = {
  waiting: "waiting for the application…",
  "auth-requested": "waiting for its author to sign in",
  expired: "no preview came in time",
  shown: "",
};

function message(entry) {
  const by = node("div", "byline", node("strong", "", personName(entry.author)), " ", timestamp({ ts: entry.created, format: "TIME_ONLY" }));
  const where = entry.items?.[0]?.context?.className;
  if (where && where !== "ChatMessageUnfurlContext") by.append(" ", node("span", "tag style-SECONDARY", where));
  if (entry.edited) by.append(" (edited)");
  let body = null;
  if (!entry.content) body = node("div", "body", markdown(entry.text));
  else if (entry.content.className === "ChatMessage.Text") body = node("div", "body", markdown(entry.content.text));
  else body = card(entry.content, (action, text) => pressMessage(entry.id, action, text));
  const made = node("li", "message", by, body, ...(entry.items ?? []).map(item));
  made.dataset.key = entry.id;
  return made;
}

function draw(list, entries) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const focused = document.activeElement?.closest?.(".message") ? document.activeElement.textContent : null;
  const focusedKey = document.activeElement?.closest?.(".message")?.dataset.key;
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let changed = false;
  entries.forEach((entry, at) => {
    const signature = JSON.stringify([entry, page.person]);
    let shown = known.get(entry.id);
    known.delete(entry.id);
    if (!shown || shown.signature !== signature) {
      const fresh = message(entry);
      fresh.signature = signature;
      if (shown) shown.replaceWith(fresh);
      shown = fresh;
      changed = true;
      if (entry.id === focusedKey) refocus(fresh, focused, shown);
    }
    if (list.children[at] !== shown) list.insertBefore(shown, list.children[at] ?? null);
    if (entry.id === focusedKey && !shown.contains(document.activeElement)) refocus(shown, focused);
  });
  known.forEach((child) => child.remove());
  if (changed && atEnd) list.scrollTop = list.scrollHeight;
}

function refocus(fresh, text) {
  [...fresh.querySelectorAll("button, a")].find((each) => each.textContent === text)?.focus({ preventScroll: true });
}

// Talking to the server

async function call(path, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(path, options);
  const parsed = await answer.json();
  if (!answer.ok) throw new Error(parsed.error ?? answer.statusText);
  return parsed;
}

const ofOrganization = (path) => `/sandbox/installations/${encodeURIComponent(page.organization)}${path}`;

function say(text) {
  $("notice").textContent = text;
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
}

async function deliver(path, body, text) {
  await attempt(async () => {
    const { deliveries } = await call(ofOrganization(path), { ...body, userId: page.person });
    const { status, ms } = deliveries[0];
    say(`“${text}” was ${status >= 200 && status < 300 ? "delivered" : `refused (${status || "no answer"})`} in ${Math.round(ms)} ms`);
    await refresh();
  });
}

const pressItem = (itemId, action, text) => deliver("/press", { itemId, button: action }, text);
const pressMessage = (messageId, action, text) => deliver("/press-message", { messageId, button: action }, text);

function fill(select, options, chosen) {
  const signature = JSON.stringify(options);
  if (select.dataset.signature !== signature) {
    select.dataset.signature = signature;
    select.replaceChildren(...options.map(([value, text]) => Object.assign(node("option", "", text), { value })));
  }
  if (options.some(([value]) => value === chosen)) select.value = chosen;
  return select.value;
}

async function refresh() {
  const { installations } = await call("/sandbox/installations");
  page.organization = fill($("organization"), installations.map((each) => [each.clientId, each.name]), page.organization);
  $("welcome").hidden = installations.length > 0;
  $("composer").hidden = installations.length === 0;
  if (!page.organization) {
    $("welcome").textContent = "No organization has the application yet. Install it with the form below the links.";
    $("install").open = true;
    $("messages").replaceChildren();
    $("direct").replaceChildren();
    return;
  }
  page.details = await call(ofOrganization(""));
  page.person = fill($("person"), page.details.users.map((each) => [each.id, each.name]), page.person);
  const channels = page.details.channels.filter((each) => each.member === null);
  page.channel = fill($("channel"), channels.map((each) => [each.id, `#${each.name}`]), page.channel);
  const query = new URLSearchParams({ channel: page.channel, user: page.person });
  const feed = await call(ofOrganization(`/feed?${query}`));
  draw($("messages"), feed.messages);
  draw($("direct"), feed.directMessages);
  for (const each of document.querySelectorAll('time[data-format="RELATIVE_TO_NOW"]')) {
    const text = relativeText(new Date(each.dateTime));
    if (each.textContent !== text) each.textContent = text;
  }
}

async function keepRefreshing() {
  await attempt(refresh);
  setTimeout(keepRefreshing, PAUSE_MS);
}

// The recorded world

async function drawRecorded() {
  const { paths } = await call("/sandbox/recorded/github");
  const path = paths.find((each) => each.endsWith("/issues/1"));
  if (!path) return;
  const { title, state } = await call("/sandbox/recorded/github", { path, patch: {} });
  $("recorded-state").textContent = `#1 ${title}: ${state}`;
  const toggle = $("recorded-toggle");
  toggle.hidden = false;
  toggle.textContent = state === "open" ? "Close the issue" : "Reopen the issue";
  toggle.onclick = () => attempt(async () => {
    const now = new Date().toISOString().replace(/\.\d+/, "");
    const closed = { state: "closed", state_reason: "completed", closed_at: now, updated_at: now };
    const open = { state: "open", state_reason: "reopened", closed_at: null, updated_at: now };
    await call("/sandbox/recorded/github", { path, patch: state === "open" ? closed : open });
    await drawRecorded();
  });
}

// Wiring

for (const [id, name] of [["organization", "organization"], ["person", "person"], ["channel", "channel"]]) {
  $(id).addEventListener("change", (event) => {
    page[name] = event.target.value;
    attempt(refresh);
  });
}

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  attempt(async () => {
    const { items } = await call(ofOrganization("/messages"), { text, author: page.person, channel: page.channel });
    $("text").value = "";
    say(items.length || !/https?:/i.test(text) ? "" : "No registered domain covers this link, so Space does not ask for a preview.");
    await refresh();
    $("messages").scrollTop = $("messages").scrollHeight;
  });
});

$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});

$("samples").addEventListener("click", (event) => {
  const link = event.target.closest("[data-link]")?.dataset.link;
  if (!link) return;
  $("text").value = link;
  $("text").focus();
});

$("installer").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    say("Installing…");
    const { installed, delivery } = await call("/sandbox/installations", Object.fromEntries(new FormData(event.target)));
    say(installed ? "Installed." : `The application refused the installation: ${delivery.status || "no answer"}`);
    await refresh();
  });
});

if ($("recorded-toggle")) attempt(drawRecorded);
keepRefreshing();
