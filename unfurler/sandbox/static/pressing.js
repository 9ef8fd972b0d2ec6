// Buttons of cards and messages, and what the application answers to them.

import { attempt, call, ofOrganization, outcome, say } from "./api.js";
import { ask } from "./dialogs.js";
import { refreshSoon, state } from "./state.js";

export const cardContext = (press) => ({ press, serverUrl: state.details?.serverUrl ?? "" });

/** An AppUserActionExecutionResult, shown as Space shows it (PROTOCOL 9.3). */
export async function showResult(what, delivery) {
  const result = delivery?.body?.className ? delivery.body : null;
  switch (result?.className) {
    case "AppUserActionExecutionResult.Success":
      return say(result.message || outcome(what, delivery));
    case "AppUserActionExecutionResult.Failure":
      return say(`It did not work: ${result.message}`);
    case "AppUserActionExecutionResult.AuthCodeFlowRequired":
      return askForConsent(result.permissionsToRequest ?? []);
    default:
      return say(outcome(what, delivery));
  }
}

async function askForConsent(permissions) {
  const lines = permissions.map(({ scope, purpose }) => `${scope}, to ${purpose}`);
  const agreed = await ask({
    question: "Let the application act for you?",
    description: lines.join("\n"),
    okButtonText: "Allow",
  });
  if (!agreed) return say("Not allowed; nothing was done.");
  const scope = permissions.map((each) => each.scope).join(" ");
  const { delivery } = await call(ofOrganization("/consent"), { userId: state.person, scope });
  return say(`${outcome("The permission", delivery)}. Now choose it again.`);
}

function pressing(path, body, withResult) {
  return (action, text) => attempt(async () => {
    const asked = { ...body, button: action.actionId ?? text, payload: action.payload ?? null, userId: state.person };
    const { deliveries } = await call(ofOrganization(path), asked);
    const what = `“${text}”`;
    if (withResult) await showResult(what, deliveries[0]);
    else say(outcome(what, deliveries[0]));
    refreshSoon();
  });
}

export const pressItem = (itemId) => pressing("/press", { itemId }, false);
export const pressMessage = (messageId) => pressing("/press-message", { messageId }, true);

export async function chooseMenuItem(extension, where) {
  await attempt(async () => {
    const asked = { menuItemUniqueCode: extension.menuItemUniqueCode, userId: state.person, ...where };
    const { delivery } = await call(ofOrganization("/menu"), asked);
    await showResult(`“${extension.displayName}”`, delivery);
    refreshSoon();
  });
}
