// What an administrator of the organization does, and what may go wrong on Space's side.

import { attempt, call, ofOrganization, outcome, say } from "./api.js";
import { ask } from "./dialogs.js";
import { $, node, shown, words } from "../drawing/dom.js";
import { refreshSoon, state } from "./state.js";
import { now, time } from "../drawing/times.js";

const API = "/api/http";
const FAULTS = [
  { label: "Every answer takes two seconds", path: API, delay_s: 2, times: null },
  { label: "429: too many requests", path: API, status: 429, error: "rate-limited", headers: { "Retry-After": "2" }, times: null },
  { label: "500: the server fails", path: API, status: 500, times: null },
  { label: "Content is kept, but the answer is 500", path: "/unfurls/queue/content", status: 500, after: true, times: null },
  { label: "Connections are lost", path: API, drop: true, times: null },
  { label: "No tokens are given", path: "/oauth/token", status: 401, error: "invalid_client", times: null },
];

let drawn = "";

export async function drawAdmin() {
  const [{ faults }, { sent }, { violations }] = await Promise.all([
    call("faults"), call(ofOrganization("/sent")), call("violations"),
  ]);
  const own = violations.filter((each) => [null, state.organization].includes(each.clientId));
  const fresh = JSON.stringify([state.details, faults, sent.at(-1), sent.length, own.length]);
  $("clock-now").textContent = new Date(now()).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  if (fresh === drawn) return;
  drawn = fresh;
  drawApplication();
  drawRights();
  drawFaults(faults);
  drawSent(sent);
  $("violations").replaceChildren(...own.slice(-20).reverse().map(({ method, path, jsonPath, message }) =>
    node("li", "", `${method} ${shown(path)}: `, node("code", "", jsonPath), ` ${shown(message)}`)));
  $("no-violations").hidden = own.length > 0;
}

function drawApplication() {
  const { details } = state;
  const extensions = details.uiExtensions.map((each) => each.displayName ?? each.gettingStartedTitle ?? each.className.replace(/UiExtensionIn$/, ""));
  const facts = [
    ["Client id", details.clientId],
    ["Endpoint", details.endpoint],
    ["Server address", details.serverUrl],
    ["Installed", details.installed ? "yes" : "no, it refused the installation"],
    ["Extensions", extensions.join(", ") || "none registered"],
    ["Reported healthy", details.health ? new Date(details.health).toLocaleString() : "never"],
  ];
  $("application-facts").replaceChildren(...facts.map(([name, value]) => node("div", "field", node("dt", "", name), words(value, "dd"))));
  $("error-message").hidden = !details.errorMessage;
  $("error-message").textContent = details.errorMessage ? `The application says: ${shown(details.errorMessage)}` : "";
  if (document.activeElement !== $("server-url")) $("server-url").value = details.serverUrl;
  $("requeue").checked = details.requeueAfterAuth;
}

const row = (...cells) => node("tr", "", ...cells.map((cell, at) => {
  const made = node(at ? "td" : "th", "", cell);
  if (!at) made.scope = "row";
  return made;
}));

function drawRights() {
  const { rights, domains, patterns } = state.details;
  const tag = (good, text) => node("span", `tag style-${good ? "SUCCESS" : "WARNING"}`, text);
  $("rights").replaceChildren(
    ...rights.map(({ rightCode, status }) => row(words(rightCode, "code"), "permission", tag(status === "GRANTED", status.toLowerCase()))),
    ...domains.map(({ domain, approved }) => row(words(domain, "code"), "domain", tag(approved, approved ? "approved" : "waits"))),
    ...patterns.map(({ prefix, linkReplacement }) => row(words(prefix, "code"), "pattern", words(linkReplacement))),
  );
  $("no-rights").hidden = rights.length + domains.length > 0;
}

function drawFaults(active) {
  const own = active.filter((each) => each.label && [null, state.organization].includes(each.clientId));
  const focused = document.activeElement?.closest?.("#faults label")?.textContent;
  $("faults").replaceChildren(...FAULTS.map((fault) => {
    const now = own.find((each) => each.label === fault.label);
    const box = node("input");
    box.type = "checkbox";
    box.checked = Boolean(now);
    box.addEventListener("change", () => attempt(async () => {
      if (now) await call(`faults?id=${encodeURIComponent(now.id)}`, undefined, "DELETE");
      else await call("faults", { ...fault, clientId: fault.path === API || fault.after ? state.organization : null });
      refreshSoon();
    }));
    const label = node("label", "switch", box, fault.label);
    if (fault.label === focused) queueMicrotask(() => box.focus());
    return label;
  }));
}

function drawSent(sent) {
  $("sent").replaceChildren(...sent.slice(-15).reverse().map(({ at_ms, className, answer }) => row(
    shown(className ?? "not JSON"), time(at_ms, "TIME_ONLY"), answer.status ? String(answer.status) : "no answer", `${Math.round(answer.ms)} ms`,
  )));
}

/** A press of a button of the panel: does it, says what came of it, brings the page up to date. */
const doing = (work) => () => attempt(async () => {
  const said = await work();
  if (said) say(said);
  refreshSoon();
});

async function uninstall(force) {
  const question = force ? "Remove the application by force?" : "Uninstall the application?";
  if (!await ask({ question, description: "Its cards go with it.", okButtonText: "Uninstall", okButtonKind: "DANGER" })) return "";
  const { removed, delivery } = await call(ofOrganization("/uninstall"), { force });
  return removed ? `Uninstalled. ${force ? "The application was not told." : outcome("ApplicationUninstalledPayload", delivery)}`
    : "The application does not answer, so it is still there. It can be removed by force.";
}

const ACTIONS = {
  approve: async () => {
    await call(ofOrganization("/approve"), {});
    return "Approved.";
  },
  "revoke-rights": async () => {
    await call(ofOrganization("/revoke"), { rights: true, domains: false });
    return "Calls about previews are answered with 403 now.";
  },
  "revoke-domains": async () => {
    await call(ofOrganization("/revoke"), { rights: false, domains: true });
    return "Content is answered with NotApproved now.";
  },
  "rotate-keys": async () => {
    await call(ofOrganization("/keys/rotate"), { keep: 1 });
    return "A new key signs; the one before is still published.";
  },
  "replace-keys": async () => {
    await call(ofOrganization("/keys/rotate"), { keep: 0 });
    return "A new key signs; the others are gone.";
  },
  "change-secret": async () => outcome("ChangeClientSecretPayload", (await call(ofOrganization("/secret"), {})).delivery),
  "expire-tokens": async () => `${(await call(ofOrganization("/expire-tokens"), {})).expired} access tokens ended.`,
  "revoke-consent": async () =>
    `${(await call(ofOrganization("/revoke-consent"), { userId: state.person })).revoked} refresh tokens of yours were revoked.`,
  "reset-faults": async () => {
    await call("faults", undefined, "DELETE");
    return "Nothing fails any more.";
  },
  notify: async () => outcome("NewUnfurlQueueItemsPayload", await call(ofOrganization("/notify"), {})),
  uninstall: () => uninstall(false),
  "uninstall-force": () => uninstall(true),
};

export function setUpAdmin() {
  for (const button of document.querySelectorAll("[data-act]")) button.addEventListener("click", doing(ACTIONS[button.dataset.act]));
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", doing(async () => {
      await call("clock", { advance_s: Number(button.dataset.advance) });
      return "The clock was moved. It goes forwards only.";
    }));
  }
  $("requeue").addEventListener("change", doing(async () => {
    await call(ofOrganization("/requeue-after-auth"), { on: $("requeue").checked });
  }));
  $("server-url-form").addEventListener("submit", (event) => {
    event.preventDefault();
    doing(async () => outcome("ChangeServerUrlPayload", (await call(ofOrganization("/server-url"), { newServerUrl: $("server-url").value })).delivery))();
  });
  $("install-link-form").addEventListener("submit", (event) => {
    event.preventDefault();
    try {
      // Whatever server the link names: this one plays Space.
      location.assign(`/extensions/installedApplications/new${new URL($("install-link").value).search}`);
    } catch {
      say("This is not a link.");
    }
  });
  $("installer").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    doing(async () => {
      const asked = { endpoint: form.get("endpoint"), name: form.get("name"), approve: form.get("approve") === "on" };
      const { installed, delivery } = await call("installations", asked);
      return installed ? "Installed." : `${outcome("InitPayload", delivery)}, so it is not installed.`;
    })();
  });
}

