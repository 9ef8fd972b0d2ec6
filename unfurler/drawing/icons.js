// The icon names seen in working code (PROTOCOL 5.4), drawn from icons.svg; any other name draws nothing.

import { node } from "./dom.js";

const KNOWN = new Set([
  "slack", "space", "smile", "happiness", "checkbox-checked", "clock", "book", "twitter", "automation", "info-small",
  "animals-category",
]);
const SHEET = new URL("./icons.svg", import.meta.url).href;
const SVG = "http://www.w3.org/2000/svg";

export function symbol(name, classes = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `symbol ${classes}`.trim());
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SHEET}#${name}`);
  svg.append(use);
  return svg;
}

export function icon(apiIcon, style = "") {
  if (!apiIcon || !KNOWN.has(apiIcon.icon)) return null;
  return node("span", `icon ${style}`, symbol(apiIcon.icon));
}
