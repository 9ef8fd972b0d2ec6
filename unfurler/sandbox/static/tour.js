// A short tour, shown once and whenever somebody asks for it. It stands beside the page and blocks nothing.

import { $ } from "../drawing/dom.js";

const STEPS = [
  ["log", "This is an emulated Space. People wrote messages with links, and the application turned each link into a card. Its buttons work."],
  ["log", "Press Close as completed on the last card. The application asks you, in a direct message, to sign in to an emulated GitHub. Then press again here: the issue is closed, and Undo takes that back."],
  ["composer", "Paste a link here and send it. The person you are can be changed at the top, and so can the organization."],
  ["pages nav-toggle", "In documents, issues and code reviews a preview is a tooltip: point at a link, or reach it with Tab."],
  ["side-toggle side", "Links to try, the recorded world that you can change, and the inspector, which tells the whole story of one link."],
  ["application-nav nav-toggle", "What an administrator does: install, approve, rotate keys, break things, move the clock. The application's own homepage is here too."],
];
let at = 0;

const done = () => {
  try {
    return localStorage.getItem("tour") === "done";
  } catch {
    return true;
  }
};

export function setUpTour() {
  $("tour-next").addEventListener("click", () => (at + 1 < STEPS.length ? show(at + 1) : close()));
  $("tour-end").addEventListener("click", close);
  $("tour-start").addEventListener("click", () => {
    show(0);
    $("tour-next").focus();
  });
  $("tour").addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  if (!done()) show(0);
}

function show(step) {
  at = step;
  const [where, text] = STEPS[at];
  mark(where);
  $("tour").hidden = false;
  $("tour-text").textContent = text;
  $("tour-count").textContent = `${at + 1} of ${STEPS.length}`;
  $("tour-next").textContent = at + 1 < STEPS.length ? "Next" : "Done";
}

function mark(where) {
  document.querySelectorAll(".pointed-at").forEach((each) => each.classList.remove("pointed-at"));
  // On a narrow screen what is meant is behind a button.
  const places = (where ?? "").split(" ").map((id) => $(id));
  places.find((each) => each?.checkVisibility())?.classList.add("pointed-at");
}

function close() {
  const inside = $("tour").contains(document.activeElement);
  $("tour").hidden = true;
  mark(null);
  try {
    localStorage.setItem("tour", "done");
  } catch {
    // Then it comes again next time.
  }
  if (inside) $("tour-start").focus();
}
