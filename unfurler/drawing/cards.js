// Elements of the content constructor (PROTOCOL 5.2), drawn as Space draws them.
// `press(action, text)` is called with the action of a button that sends something to the application.

import { anchor, node, shown, webAddress, words } from "./dom.js";
import { icon } from "./icons.js";
import { inline, markdown } from "./markdown.js";
import { time } from "./times.js";

const STYLES = new Set(["PRIMARY", "SECONDARY", "SUCCESS", "ERROR", "WARNING"]);
const SIZES = new Set(["LARGE", "REGULAR", "SMALL"]);
const KINDS = new Set(["PRIMARY", "REGULAR", "SECONDARY", "DANGER"]);
const styled = (style) => (STYLES.has(style) ? ` style-${style}` : "");
const sized = (size) => (SIZES.has(size) ? ` size-${size}` : "");

export function image(src, classes, alt = "") {
  const url = webAddress(src);
  if (!url) return null;
  const made = node("img", classes);
  made.alt = shown(alt);
  made.loading = "lazy";
  made.decoding = "async";
  made.referrerPolicy = "no-referrer";
  made.addEventListener("error", () => made.replaceWith(node("span", "missing", alt ? `No image: ${shown(alt)}` : "No image")));
  made.src = url.href;
  return made;
}

/** The place to come back to, on the organization's own address. */
function backUrl(context) {
  const server = webAddress(context.serverUrl);
  return server && server.origin !== location.origin ? server.href : location.href;
}

function button(element, context) {
  const { text, style, action, disabled } = element;
  const classes = `press kind-${KINDS.has(style) ? style : "REGULAR"}`;
  const leads = action.className === "NavigateUrlAction";
  const url = leads ? webAddress(action.url) : null;
  if (url && !disabled) {
    if (action.withBackUrl) url.searchParams.set("backUrl", backUrl(context));
    const link = node("a", classes, words(text));
    link.href = url.href;
    link.title = url.href;
    link.rel = "noopener noreferrer";
    if (action.openInNewTab) link.target = "_blank";
    return link;
  }
  const made = node("button", classes, words(text));
  made.type = "button";
  made.disabled = Boolean(disabled) || leads;
  made.addEventListener("click", async () => {
    // Not `disabled`, which would lose the focus.
    if (made.getAttribute("aria-busy") === "true") return;
    made.setAttribute("aria-busy", "true");
    try {
      await context.press(action, text);
    } finally {
      made.removeAttribute("aria-busy");
    }
  });
  return made;
}

function inlineElement(element, context, style = "") {
  switch (element.className) {
    case "MessageInlineText": return words(element.text, "span", styled(element.style ?? style));
    case "MessageTag": return words(element.text, "span", `tag${styled(element.style ?? "SECONDARY")}`);
    case "MessageIcon": return icon(element.icon, styled(element.style ?? style));
    case "MessageTimestamp":
      return time(element.ts, element.format ?? "FULL", `${styled(element.style ?? style)}${element.strikethrough ? " struck" : ""}`);
    case "MessageButton": return button(element, context);
    default: return unknown(element);
  }
}

function inlineElements(elements, context, { style = "", classes = "" } = {}) {
  return node("span", `inline${classes}`, ...elements.map((each) => inlineElement(each, context, style)));
}

function accessory(element, context) {
  if (!element) return null;
  const inner = element.className === "MessageImage" ? image(element.src, "") : inlineElement(element, context);
  return inner && node("div", "accessory", inner);
}

function field(element, fields, context) {
  const rich = element.className === "MessageFieldV2";
  return node(
    "div", "field",
    node("dt", sized(fields.nameTextSize), rich ? inlineElements(element.first, context) : words(element.first)),
    node("dd", sized(fields.valueTextSize), rich ? inlineElements(element.second, context) : markdown(element.second)),
  );
}

function block(element, context) {
  switch (element.className) {
    case "MessageText":
      return node(
        "div", `text${styled(element.style)}${sized(element.size)}`,
        markdown(element.content), accessory(element.accessory, context),
      );
    case "MessageFields":
      return node("dl", "fields", ...element.fields.map((each) => field(each, element, context)));
    case "MessageInlineGroup":
      return node(
        "div", `text${styled(element.textStyle)}${sized(element.textSize)}`,
        inlineElements(element.elements, context, { style: element.elementsStyle ?? "" }),
        accessory(element.accessory, context),
      );
    case "MessageControlGroup":
      return node("div", "controls", ...element.elements.map((each) => button(each, context)));
    case "MessageDivider":
      return node("hr");
    default:
      return unknown(element);
  }
}

const unknown = (element) => node("span", "quiet", `(${shown(element.className)} is not drawn)`);

function section(element, style, context) {
  if (element.className === "MessageDivider") return node("hr");
  if (element.className !== "MessageSection") return unknown(element);
  const bar = STYLES.has(element.style) ? element.style : style;
  return node(
    "div", `section bar-${bar}${sized(element.textSize)}`,
    element.header ? words(element.header, "div", "header") : null,
    ...element.elements.map((each) => block(each, context)),
    element.footer ? words(element.footer, "div", "footer") : null,
  );
}

function outline(element, style, context) {
  if (!element) return null;
  const classes = `outline${styled(style)}`;
  if (element.className === "MessageOutlineElements") return node("div", classes, inlineElements(element.elements, context));
  const text = node("span", "flow", ...inline(element.text));
  text.dir = "auto";
  return node("div", classes, icon(element.icon), text);
}

/** A card: unfurl content, or the block of a chat message. `context`: `{press, serverUrl}`. */
export function card(content, context) {
  if (content.className === "ApplicationUnfurlContent.Image") {
    const link = webAddress(content.url) ? anchor(content.url, words(content.title)) : words(content.title);
    return node(
      "div", "card picture",
      node("div", "outline", icon(content.icon), link),
      image(content.url, "image", content.title),
    );
  }
  const style = STYLES.has(content.style) ? content.style : "PRIMARY";
  return node(
    "div", "card",
    outline(content.outline, style, context),
    ...(content.sections ?? []).map((each) => section(each, style, context)),
  );
}
