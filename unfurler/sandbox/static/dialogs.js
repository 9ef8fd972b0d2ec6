// Questions that wait for an answer.

import { control, node, words } from "../drawing/dom.js";

/** Whether the person agreed. `okButtonKind` may be DANGER. */
export function ask({ question, description = "", okButtonText = "OK", okButtonKind = "PRIMARY" }) {
  return new Promise((resolve) => {
    const title = words(question, "h2");
    title.id = "question";
    const yes = control("", `press kind-${okButtonKind === "DANGER" ? "DANGER" : "PRIMARY"}`, () => dialog.close("yes"));
    yes.append(words(okButtonText));
    const no = control("Cancel", "press kind-REGULAR", () => dialog.close("no"));
    const dialog = node(
      "dialog", "question",
      title,
      description ? words(description, "p", "lines") : null,
      node("div", "controls", yes, no),
    );
    dialog.setAttribute("aria-labelledby", title.id);
    const before = document.activeElement;
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}
