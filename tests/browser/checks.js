// What a careful person would look for on a page, as one list of complaints.
() => {
  const complaints = [];
  const complain = (what, element) => complaints.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const shown = [...document.body.querySelectorAll("*")].filter(visible);

  // Names

  const named = (element) => {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
    const labels = [...(element.labels ?? [])].map((each) => each.textContent);
    const texts = [element.getAttribute("aria-label"), ...ids.map((id) => document.getElementById(id)?.textContent), ...labels];
    if (!["INPUT", "TEXTAREA", "SELECT", "IFRAME"].includes(element.tagName)) texts.push(element.textContent);
    return [...texts, element.title].some((text) => text?.trim());
  };
  const named_roles = "a[href], button, input, select, textarea, iframe, dialog, nav, [role=dialog], [role=log], [role=menu], [role=listbox], [role=tablist], [role=tabpanel]";
  for (const each of shown.filter((element) => element.matches(named_roles))) if (!named(each)) complain("no name", each);
  for (const each of document.querySelectorAll("img")) if (!each.hasAttribute("alt")) complain("no alt", each);
  for (const each of document.querySelectorAll("[aria-controls], [aria-labelledby], [aria-describedby]")) {
    for (const name of ["aria-controls", "aria-labelledby", "aria-describedby"]) {
      for (const id of (each.getAttribute(name) ?? "").split(/\s+/).filter(Boolean)) {
        if (!document.getElementById(id)) complain(`${name} leads nowhere`, each);
      }
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  for (const id of new Set(ids.filter((each, at) => ids.indexOf(each) !== at))) complain("an id twice", document.getElementById(id));
  if (!document.documentElement.lang) complain("no language", document.documentElement);
  if (document.querySelectorAll("h1").length !== 1) complain("not one h1", document.body);

  // Structure

  const within = { "li": "ul, ol, [role=listbox]", "[role=menuitem]": "[role=menu]", "[role=tab]": "[role=tablist]", "[role=option]": "[role=listbox]", "dt": "dl", "dd": "dl" };
  for (const [inner, outer] of Object.entries(within)) {
    for (const each of document.querySelectorAll(inner)) if (!each.parentElement.closest(outer)) complain(`outside of ${outer}`, each);
  }
  for (const each of document.querySelectorAll("a button, button a, button button, a a")) complain("a control in a control", each);
  for (const each of document.querySelectorAll("[tabindex]")) if (each.tabIndex > 0) complain("a tabindex above 0", each);
  // What scrolls can be reached by the keyboard.
  for (const each of shown) {
    const style = getComputedStyle(each);
    const scrolls = ["auto", "scroll"].includes(style.overflowX) && each.scrollWidth > each.clientWidth + 1;
    if (scrolls && each.tabIndex < 0 && !each.querySelector("a[href], button, input, select, textarea")) complain("scrolls, but not by keyboard", each);
  }

  // Contrast

  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (text) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((each) => (each /= 255) <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const found = rgba(getComputedStyle(each).backgroundColor);
      if (found[3] === 255) return found;
    }
    return rgba("Canvas");
  };
  const ratios = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !visible(element) || ["NOSCRIPT", "SCRIPT", "OPTION"].includes(element.tagName)) continue;
    if (element.closest(".visually-hidden, .skip")) continue;
    const style = getComputedStyle(element);
    const pair = [light(rgba(style.color)), light(ground(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    ratios.push(ratio);
    if (ratio < 4.5) complain(`contrast ${ratio.toFixed(2)}`, element);
  }

  // Places

  if (document.documentElement.scrollWidth > innerWidth) complain(`wider than the window by ${document.documentElement.scrollWidth - innerWidth}`, document.documentElement);
  for (const each of document.querySelectorAll(".log, .page, .admin, .side, .nav, .card, .tip, .message")) {
    if (visible(each) && each.scrollWidth > each.clientWidth + 1) complain(`overflows by ${each.scrollWidth - each.clientWidth}`, each);
  }
  for (const card of document.querySelectorAll(".card")) {
    const leaves = [...card.querySelectorAll("*")].filter((each) => visible(each) && !each.children.length && (each.textContent.trim() || each.tagName === "IMG") && !each.closest("pre, svg"));
    // Each line of a text by itself: a text that goes on in the next line is not a rectangle.
    const lines = leaves.map((each) => [...each.getClientRects()]);
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
    const box = card.getBoundingClientRect();
    leaves.forEach((each, at) => {
      if (lines[at].some((line) => line.right > box.right + 1 || line.left < box.left - 1)) complain("out of its card", each);
      for (let other = at + 1; other < leaves.length; other += 1) {
        if (lines[at].some((line) => lines[other].some((its) => meet(line, its)))) complain(`on top of ${leaves[other].outerHTML.slice(0, 60)}`, each);
      }
    });
  }
  return { complaints, texts: ratios.length, worst: Math.min(...ratios) };
}
