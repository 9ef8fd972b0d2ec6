// The page: who looks at what, and when it is drawn anew. The server says when something happened.

import { drawAdmin, setUpAdmin } from "./admin.js";
import { attempt, call, ofOrganization, say } from "./api.js";
import { inApplicationChannel, setUpComposer } from "./composer.js";
import { $, node, reconcile, shown } from "../drawing/dom.js";
import { drawFeed, scrollToEnd } from "./feed.js";
import { drawHomepage, setUpHomepage, tellTheme } from "./homepage.js";
import { drawInspector, showSide } from "./inspector.js";
import { closeTip, drawPage, editing, setUpPages } from "./pages.js";
import { drawRecorded } from "./recorded.js";
import { applicationName, extensions, keep, onRefresh, refreshSoon, state } from "./state.js";
import { refreshTimes, setClock } from "../drawing/times.js";
import { setUpTour } from "./tour.js";

const PANELS = { channel: "chat", direct: "chat", application: "chat", page: "page", homepage: "home", admin: "admin" };
const SAFETY_MS = 15_000;
const seen = new Map();
let told = 0;

// Where one is: the part of the address after #

function readAddress() {
  const [kind, id = ""] = location.hash.slice(1).split("=");
  state.view = kind in PANELS ? { kind, id: decodeURIComponent(id) } : { kind: "channel", id: "" };
}

const addressOf = ({ kind, id }) => `#${kind}${id ? `=${encodeURIComponent(id)}` : ""}`;

function go(view) {
  const to = addressOf(view);
  if (location.hash === to) refreshSoon();
  else location.hash = to;
}

addEventListener("hashchange", () => {
  readAddress();
  closeTip();
  editing(false);
  document.body.classList.remove("nav-open", "side-open");
  $("nav-toggle").setAttribute("aria-expanded", "false");
  $("side-toggle").setAttribute("aria-expanded", "false");
  const before = document.activeElement;
  attempt(async () => {
    await refreshSoon();
    if (PANELS[state.view.kind] === "chat") scrollToEnd();
    // Whoever began to write meanwhile goes on writing.
    if ([before, document.body].includes(document.activeElement)) $("view-title").focus({ preventScroll: true });
  });
});

// Drawing

function fill(select, options, chosen) {
  const signature = JSON.stringify(options);
  if (select.dataset.signature !== signature) {
    select.dataset.signature = signature;
    select.replaceChildren(...options.map(([value, text]) => Object.assign(node("option", "", shown(text)), { value })));
  }
  if (options.some(([value]) => value === chosen)) select.value = chosen;
  return select.value;
}

function drawNav(list, entries) {
  reconcile(list, entries, ({ view }) => addressOf(view), ({ view, text, fresh = 0 }, before) => {
    const made = before ?? node("li", "", node("a"));
    const link = made.firstElementChild;
    link.href = addressOf(view);
    const label = fresh ? `${text} (${fresh} new)` : text;
    if (link.textContent !== shown(label)) link.textContent = shown(label);
    link.classList.toggle("fresh", fresh > 0);
    if (state.view.kind === view.kind && (state.view.id === view.id || (view.kind === "channel" && state.channel === view.id))) {
      link.setAttribute("aria-current", "page");
    } else {
      link.removeAttribute("aria-current");
    }
    return made;
  });
}

function drawAllNavs(fresh) {
  const { channels, users, pages } = state.details;
  const rooms = channels.filter((each) => each.member === null && !each.between.length);
  const others = users.filter((each) => each.id !== state.person);
  drawNav($("channels"), rooms.map((each) => ({ view: { kind: "channel", id: each.id }, text: `#${each.name}` })));
  drawNav($("directs"), [
    { view: { kind: "application", id: "" }, text: applicationName(), fresh },
    ...others.map((each) => ({ view: { kind: "direct", id: each.id }, text: each.name })),
  ]);
  drawNav($("pages"), pages.map((each) => ({ view: { kind: "page", id: each.kind }, text: each.title })));
  drawNav($("application-nav"), [
    { view: { kind: "homepage", id: "" }, text: "Homepage" },
    { view: { kind: "admin", id: "" }, text: "Administration" },
  ]);
}

/** The channel that the view shows; direct ones are made when somebody first looks into them. */
async function channelOf({ kind, id }) {
  const { channels } = state.details;
  if (kind === "application") {
    const found = channels.find((each) => each.member === state.person);
    return found?.id ?? (await call(ofOrganization("/channels"), { member: state.person })).channelId;
  }
  if (kind === "direct" && state.details.users.some((each) => each.id === id) && id !== state.person) {
    const found = channels.find((each) => each.between.includes(id) && each.between.includes(state.person));
    return found?.id ?? (await call(ofOrganization("/channels"), { between: [state.person, id] })).channelId;
  }
  const rooms = channels.filter((each) => each.member === null && !each.between.length);
  return (rooms.find((each) => each.id === id || each.name === id) ?? rooms[0]).id;
}

function titleOf({ kind, id }) {
  const { channels, users, pages } = state.details;
  switch (kind) {
    case "application": return applicationName();
    case "direct": return users.find((each) => each.id === id)?.name ?? "Direct messages";
    case "page": return pages.find((each) => [each.id, each.kind].includes(id))?.title ?? "Page";
    case "homepage": return `Homepage of ${applicationName()}`;
    case "admin": return "Administration";
    default: return `#${channels.find((each) => each.id === state.channel)?.name ?? ""}`;
  }
}

function showPanel() {
  const panel = PANELS[state.view.kind];
  for (const name of new Set(Object.values(PANELS))) $(`panel-${name}`).hidden = name !== panel;
  const title = shown(titleOf(state.view));
  if ($("view-title").textContent !== title) {
    $("view-title").textContent = title;
    document.title = `${title} · Space, emulated`;
  }
  const mute = inApplicationChannel() && !extensions("ChatBotUiExtensionIn").length;
  $("composer").hidden = mute;
  $("no-bot").hidden = !mute;
}

function unread(messages) {
  const key = `${state.organization} ${state.person}`;
  const latest = messages.length;
  if (inApplicationChannel() || !seen.has(key)) seen.set(key, latest);
  const fresh = Math.max(0, latest - seen.get(key));
  if (fresh && fresh !== told) say(`${applicationName()} wrote to you; see its channel under “Direct messages”.`);
  told = fresh;
  return fresh;
}

async function refresh() {
  const [{ installations }, clock] = await Promise.all([call("installations"), call("clock")]);
  setClock(clock.now_ms);
  keep("organization", fill($("organization"), installations.map((each) => [each.clientId, each.name]), state.organization));
  const none = !state.organization;
  document.body.classList.toggle("uninstalled", none);
  $("welcome").hidden = !none;
  if (none) {
    state.details = null;
    for (const name of ["chat", "page", "home"]) $(`panel-${name}`).hidden = true;
    $("panel-admin").hidden = false;
    $("view-title").textContent = "Install the application";
    return;
  }
  state.details = await call(ofOrganization());
  keep("person", fill($("person"), state.details.users.map((each) => [each.id, each.name]), state.person));
  const view = { ...state.view };
  const person = state.person;
  state.channel = await channelOf(view);
  const query = new URLSearchParams({ user: person, channel: state.channel });
  const [feed, page] = await Promise.all([
    call(ofOrganization(`/feed?${query}`)),
    view.kind === "page" ? call(ofOrganization(`/pages/${encodeURIComponent(view.id)}?${query}`)) : null,
  ]);
  // Somebody went elsewhere meanwhile, and it is drawn once more: nothing stands under another one's title.
  if (addressOf(state.view) !== addressOf(view)) return;
  showPanel();
  drawAllNavs(unread(feed.directMessages));
  if (PANELS[view.kind] === "chat") drawFeed(feed.messages);
  if (page) drawPage(page);
  if (view.kind === "homepage") drawHomepage();
  if (view.kind === "admin") await drawAdmin();
  await Promise.all([drawInspector(), drawRecorded()]);
  refreshTimes();
}

// When: one refresh at a time, and once more if somebody asked meanwhile.

let running = null;
let again = false;

function refreshOnce() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    do {
      again = false;
      await attempt(refresh);
    } while (again);
    running = null;
    document.body.dataset.ready = "true";
  })();
  return running;
}

onRefresh(refreshOnce);

const LOST = "The connection to the sandbox is lost; waiting for it to come back.";
let source = null;

/** A browser keeps few connections to one server open, so a tab that nobody sees gives its own back. */
function listen() {
  source?.close();
  source = null;
  if (document.hidden) return;
  source = new EventSource("/sandbox/changes");
  source.addEventListener("message", refreshOnce);
  source.addEventListener("error", () => say(LOST));
  source.addEventListener("open", () => {
    if ($("notice").textContent === LOST) say("");
  });
}

// Wiring

for (const [id, name] of [["organization", "organization"], ["person", "person"]]) {
  $(id).addEventListener("change", (event) => {
    keep(name, event.target.value);
    closeTip();
    if (name === "organization") {
      state.inspected = null;
      $("story").replaceChildren();
      $("inspected").replaceChildren();
    }
    refreshSoon();
  });
}

$("theme").addEventListener("change", ({ target }) => {
  const root = document.documentElement;
  if (target.value === "system") delete root.dataset.theme;
  else root.dataset.theme = target.value;
  try {
    localStorage.setItem("theme", target.value);
  } catch {
    // It then holds until the page is loaded again.
  }
  tellTheme();
});
$("theme").value = document.documentElement.dataset.theme ?? "system";

$("samples").addEventListener("click", (event) => {
  const link = event.target.closest("[data-link]")?.dataset.link;
  if (!link) return;
  const fillIn = () => {
    document.body.classList.remove("side-open");
    $("text").value = link;
    $("text").focus();
  };
  if (PANELS[state.view.kind] === "chat" && !$("composer").hidden) fillIn();
  else {
    addEventListener("hashchange", () => setTimeout(fillIn, 300), { once: true });
    go({ kind: "channel", id: "general" });
  }
});

for (const [button, className] of [["nav-toggle", "nav-open"], ["side-toggle", "side-open"]]) {
  $(button).addEventListener("click", () => {
    const open = document.body.classList.toggle(className);
    $(button).setAttribute("aria-expanded", String(open));
  });
}

for (const name of ["try", "inspector"]) {
  $(`tab-${name}`).addEventListener("click", () => {
    showSide(name);
    attempt(drawInspector);
  });
  $(`tab-${name}`).addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = name === "try" ? "inspector" : "try";
    showSide(other);
    $(`tab-${other}`).focus();
  });
}

// What slides in on a narrow screen begins below the bar, however many lines that takes.
new ResizeObserver(([bar]) => {
  document.documentElement.style.setProperty("--top", `${bar.target.offsetHeight}px`);
}).observe(document.querySelector(".top"));

document.querySelector(".skip").addEventListener("click", (event) => {
  // The part after # names the view, so the link is followed here.
  event.preventDefault();
  const box = $("text");
  (box.checkVisibility() ? box : $("view-title")).focus();
});

readAddress();
setUpComposer();
setUpPages();
setUpAdmin();
setUpHomepage();
setUpTour();
refreshOnce().then(() => {
  scrollToEnd();
  listen();
  document.addEventListener("visibilitychange", listen);
  // Times pass and items expire without anybody doing anything.
  setInterval(refreshOnce, SAFETY_MS);
});
