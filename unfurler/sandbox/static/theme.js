// Runs before the page is drawn, so that it does not flash in the other colours. A plain script for that reason.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Without storage the system's preference counts.
}
