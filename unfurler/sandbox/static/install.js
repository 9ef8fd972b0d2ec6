// The page of an install link: installs what the link describes.

const form = document.getElementById("install");
const said = document.getElementById("said");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const asked = {
    endpoint: fields.get("endpoint"),
    name: fields.get("organization"),
    application: fields.get("application"),
    state: fields.get("state") || null,
    approve: fields.get("approve") === "on",
    codeFlow: fields.get("code-flow") === "on",
    redirectUris: String(fields.get("redirect-uris") ?? "").split("\n").filter(Boolean),
  };
  said.textContent = "Installing…";
  try {
    const answer = await fetch("/sandbox/installations", {
      method: "POST", body: JSON.stringify(asked), headers: { "Content-Type": "application/json" },
    });
    const { installed, delivery, clientId, error } = await answer.json();
    if (error) throw new Error(error);
    said.textContent = installed
      ? "Installed."
      : `The application refused the installation: ${delivery.status || "no answer"}`;
    if (installed) {
      sessionStorage.setItem("organization", clientId);
      document.getElementById("done").hidden = false;
      document.getElementById("done").focus();
      await offerGettingStarted(clientId);
    }
  } catch (error) {
    said.textContent = error.message;
  }
});

/** The button at the end of the dialog that the application may register (PROTOCOL 4.4). */
async function offerGettingStarted(clientId) {
  const details = await (await fetch(`/sandbox/installations/${encodeURIComponent(clientId)}`)).json();
  const found = details.uiExtensions?.find((each) => each.className === "GettingStartedUiExtensionIn");
  if (!found) return;
  const link = document.getElementById("getting-started");
  const url = new URL(found.gettingStartedUrl, location.href);
  if (!["http:", "https:"].includes(url.protocol)) return;
  link.textContent = found.gettingStartedTitle;
  link.href = url.href;
  link.hidden = false;
}
