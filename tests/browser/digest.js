// What a picture of the page shows, as text: what stands where in what, without times and what else changes each time.
() => {
  const lines = [];
  const steady = (text) => text.replace(/\s+/g, " ").trim().replace(" (not changed)", "").replace(/127\.0\.0\.1:\d+/g, "127.0.0.1");
  function walk(element, depth) {
    if (!element.checkVisibility() || ["SCRIPT", "svg", "OPTION"].includes(element.tagName)) return;
    const name = [element.tagName.toLowerCase(), ...element.classList].join(".");
    const own = [...element.childNodes].filter((each) => each.nodeType === Node.TEXT_NODE).map((each) => each.data).join(" ");
    const text = element.closest("#story, #inspected") ? steady(own).replace(/\d+(,\d{3})*/g, "0") : steady(own);
    const shown = element.tagName === "TIME" || element.closest("#inspected code") ? "…" : text;
    lines.push(`${" ".repeat(depth)}${name}${shown ? ` ${shown}` : ""}`);
    for (const child of element.children) walk(child, depth + 1);
  }
  walk(document.body, 0);
  return `${lines.join("\n")}\n`;
}
