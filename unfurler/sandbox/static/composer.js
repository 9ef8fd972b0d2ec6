// The box in which people write; with the application's commands where it has a chatbot.

import { attempt, call, ofOrganization, say } from "./api.js";
import { $, node, shown } from "../drawing/dom.js";
import { scrollToEnd } from "./feed.js";
import { extensions, refreshSoon, state } from "./state.js";

let commands = [];
let chosen = -1;

export const inApplicationChannel = () => state.view.kind === "application";

export function setUpComposer() {
  const box = $("text");
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send(box);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (walkCommands(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      $("composer").requestSubmit();
    }
  });
  box.addEventListener("input", () => listCommands(box));
  box.addEventListener("blur", () => setTimeout(hideCommands, 150));
}

async function send(box) {
  const text = box.value.trim();
  if (!text || !state.channel) return;
  hideCommands();
  await attempt(async () => {
    const sent = { text, author: state.person, channel: state.channel };
    const { items } = await call(ofOrganization("/messages"), sent);
    box.value = "";
    const uncovered = /https?:\/\//i.test(text) && !items.length;
    say(uncovered ? "No registered domain covers this link, so Space does not ask for a preview." : "");
    await refreshSoon();
    scrollToEnd();
  });
}

/** Space asks for the list whenever somebody types in the application's channel (PROTOCOL 9.1). */
async function listCommands(box) {
  const typed = box.value;
  // With a blank the command is chosen, and what follows are its arguments.
  if (!inApplicationChannel() || !/^\/\S*$/.test(typed) || !extensions("ChatBotUiExtensionIn").length) return hideCommands();
  const answer = await attempt(() => call(ofOrganization("/commands"), { userId: state.person }));
  // Answers may overtake each other; one to what stood there before says nothing about what stands there now.
  if (box.value !== typed) return undefined;
  if (!answer) return hideCommands();
  const begun = typed.slice(1).toLowerCase();
  commands = answer.commands.filter(({ name }) => String(name).toLowerCase().startsWith(begun));
  chosen = commands.length ? 0 : -1;
  drawCommands();
  return undefined;
}

function drawCommands() {
  const list = $("commands");
  list.replaceChildren(...commands.map(({ name, description }, at) => {
    const option = node("li", "", node("strong", "", `/${shown(name)}`), " ", node("span", "quiet", shown(description)));
    option.role = "option";
    option.id = `command-${at}`;
    option.setAttribute("aria-selected", String(at === chosen));
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(at);
    });
    return option;
  }));
  list.hidden = !commands.length;
  $("text").setAttribute("aria-expanded", String(!list.hidden));
  if (chosen >= 0) $("text").setAttribute("aria-activedescendant", `command-${chosen}`);
  else $("text").removeAttribute("aria-activedescendant");
}

function hideCommands() {
  commands = [];
  chosen = -1;
  drawCommands();
}

function take(at) {
  const box = $("text");
  box.value = `/${commands[at].name} `;
  hideCommands();
  box.focus();
}

function walkCommands(event) {
  if (!commands.length) return false;
  const box = $("text");
  const whole = box.value === `/${commands[chosen].name}`;
  if (event.key === "ArrowDown") chosen = (chosen + 1) % commands.length;
  else if (event.key === "ArrowUp") chosen = (chosen - 1 + commands.length) % commands.length;
  else if (event.key === "Escape") hideCommands();
  else if (event.key === "Tab" || (event.key === "Enter" && !whole)) take(chosen);
  else return false;
  event.preventDefault();
  if (commands.length) drawCommands();
  return true;
}
