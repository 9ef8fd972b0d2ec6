// The application's homepage in its frame, and Space's half of their conversation (PROTOCOL 7.1).

import { attempt, call, ofOrganization, say } from "./api.js";
import { ask } from "./dialogs.js";
import { $, webAddress } from "../drawing/dom.js";
import { extensions, me, refreshSoon, state } from "./state.js";

let subscribed = false;
let address = "";

const VARIABLES = {
  "--background-color": "--paper", "--text-color": "--text", "--secondary-text-color": "--quiet", "--link-color": "--link",
  "--ui-control-fill-color": "--accent", "--ui-control-accent-color": "--accent", "--input-background-color": "--paper",
  "--input-text-color": "--text", "--input-placeholder-color": "--quiet", "--list-item-hover-background-color": "--hover",
  "--success-color": "--success", "--warning-color": "--warning",
};

/** The registered address; one that begins with `/` is on the endpoint's origin. */
function homepageAddress() {
  const [extension] = extensions("ApplicationHomepageUiExtensionIn");
  if (!extension) return "";
  const url = webAddress(new URL(extension.iframeUrl ?? "/iframe/app-homepage", state.details.endpoint).href);
  return url?.href ?? "";
}

/** Loaded anew for another organization or person: the page learns who it is for only once. */
export function drawHomepage() {
  const url = homepageAddress();
  $("no-homepage").hidden = Boolean(url);
  $("homepage").hidden = !url;
  const wanted = url && `${url} ${state.organization} ${state.person}`;
  if (wanted === address) return;
  address = wanted;
  subscribed = false;
  if (url) $("homepage").src = url;
  else $("homepage").removeAttribute("src");
}

export function reloadHomepage() {
  address = "";
  drawHomepage();
}

export function themeProperties() {
  const style = getComputedStyle(document.documentElement);
  const properties = Object.entries(VARIABLES).map(([name, own]) => ({ name, value: style.getPropertyValue(own).trim() }));
  properties.push({ name: "--font-family", value: getComputedStyle(document.body).fontFamily });
  return { type: "ThemeProperties", isDark: isDark(), properties };
}

export function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export function tellTheme() {
  const frame = $("homepage");
  if (subscribed && address) frame.contentWindow?.postMessage(themeProperties(), new URL(frame.src).origin);
}

async function answer(request) {
  switch (request.type) {
    case "GetThemePropertiesRequest":
      subscribed = Boolean(request.subscribeForUpdates);
      return themeProperties();
    case "GetUserTokenRequest":
      return userToken(String(request.permissionScope ?? ""), request.askForConsent === true);
    case "ApprovePermissionsRequest":
      return approve(request);
    case "ShowConfirmDialogRequest":
      return ask(request);
    case "RedirectWithConfirmationRequest":
      return redirect(request);
    default:
      say(`The homepage asked for something that Space does not know: ${request.type}`);
      return null;
  }
}

async function userToken(scope, mayAsk) {
  const asked = { userId: state.person, scope };
  const given = await call(ofOrganization("/user-token"), asked);
  if (given.token) return given;
  const agreed = mayAsk && await ask({ question: "Let the application act for you?", description: scope, okButtonText: "Allow" });
  return agreed ? call(ofOrganization("/user-token"), { ...asked, consent: true }) : null;
}

async function approve({ permissionScope, unfurlDomains, purpose }) {
  if (!me()?.admin) return { success: false, message: "Only an administrator may approve permissions" };
  const lines = [permissionScope, unfurlDomains && `Domains: ${unfurlDomains}`, purpose].filter(Boolean);
  const agreed = await ask({ question: "Approve these permissions of the application?", description: lines.join("\n"), okButtonText: "Approve" });
  if (!agreed) return { success: false, message: "Not approved" };
  await call(ofOrganization("/approve"), { rights: Boolean(permissionScope), domains: Boolean(unfurlDomains) });
  refreshSoon();
  return { success: true, message: "" };
}

async function redirect({ redirectUrl }) {
  const url = webAddress(redirectUrl);
  if (url && await ask({ question: "Leave this page?", description: url.href, okButtonText: "Go there" })) location.assign(url.href);
  return null;
}

export function setUpHomepage() {
  addEventListener("message", (event) => {
    const frame = $("homepage");
    // Only the page in the frame is answered, and only while it is still the application's own.
    if (event.source !== frame.contentWindow || !address || event.origin !== new URL(frame.src).origin) return;
    const [port] = event.ports;
    if (!port || typeof event.data !== "object" || event.data === null) return;
    attempt(async () => port.postMessage(await answer(event.data)));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tellTheme);
  $("homepage-reload").addEventListener("click", reloadHomepage);
}
