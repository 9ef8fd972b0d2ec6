// Draws the cards of a page whose content stands on it as JSON: `<div data-draws="ID">` is filled from the text of #ID.

import { card } from "./cards.js";
import { $, shown } from "./dom.js";

function press(action, text) {
  $("notice").textContent = `“${shown(text)}” would ask the application for ${shown(action.actionId ?? action.className)}.`;
}

for (const place of document.querySelectorAll("[data-draws]")) {
  place.append(card(JSON.parse($(place.dataset.draws).textContent), { press, serverUrl: location.origin }));
}
document.body.dataset.ready = "true";
