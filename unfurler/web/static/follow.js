// Loads the page again when one of the files that it shows was saved.

const EVERY_MS = 500;

setInterval(async () => {
  try {
    const answer = await fetch("/version");
    if (answer.ok && (await answer.text()) !== document.body.dataset.version) location.reload();
  } catch {
    // The server is away; the page goes on once it is back.
  }
}, EVERY_MS);
