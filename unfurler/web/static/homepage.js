// The homepage inside Space. Who looks at it is told by Space's page around this one, by a message channel; every call
// of ours carries the token that it gives. Nothing that comes from a server is ever taken for markup.

const parent = window.parent;

/** Ask the surrounding page; resolves with its answer, or null where it does not answer. */
function ask(request) {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    const late = setTimeout(() => resolve(null), 10_000);
    channel.port1.onmessage = (event) => {
      clearTimeout(late);
      resolve(event.data);
    };
    parent.postMessage(request, "*", [channel.port2]);
  });
}

let token = null;

async function freshToken() {
  const answer = await ask({ type: "GetUserTokenRequest", permissionScope: "", askForConsent: false });
  token = answer?.token ?? null;
  return token;
}

/** One of our own calls. A token that ran out is asked for anew, once. */
async function call(what, body = {}) {
  for (const again of [false, true]) {
    if ((token === null || again) && (await freshToken()) === null) return null;
    const answer = await fetch(`/space/homepage/${what}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.status !== 401) return answer;
  }
  return null;
}

function element(name, text, properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  if (text) made.textContent = text;
  return made;
}

function button(text, act) {
  const made = element("button", text, { type: "button" });
  made.addEventListener("click", async () => {
    made.disabled = true;
    await act();
    await show();
  });
  return made;
}

const audiences = [
  ["", "Ask me for each link"],
  ["show", "Show them in full"],
  ["title", "Only the title"],
  ["never", "Show nothing"],
];

function row(system) {
  const place = { provider: system.provider, site: system.site };
  const made = element("tr");
  made.append(element("th", system.title, { scope: "row" }));
  const account = element("td");
  if (system.account) {
    account.append(`Signed in as ${system.account.name} `);
    account.append(button("Sign out", () => call("sign-out", { id: system.account.id })));
  } else {
    account.append(
      button("Sign in", async () => {
        const answer = await call("sign-in", place);
        if (answer?.ok) await ask({ type: "RedirectWithConfirmationRequest", redirectUrl: (await answer.json()).url });
      }),
    );
  }
  made.append(account, choices(system, place));
  return made;
}

function choices(system, place) {
  const cell = element("td");
  const select = element("select", "", { ariaLabel: `Who may see private links to ${system.title} that I post` });
  for (const [value, text] of audiences) {
    select.append(element("option", text, { value, selected: value === (system.audience ?? "") }));
  }
  const asks = element("input", "", { type: "checkbox", checked: !system.never_ask });
  const keep = () => call("choice", { ...place, audience: select.value || null, never_ask: !asks.checked });
  select.addEventListener("change", keep);
  asks.addEventListener("change", keep);
  const label = element("label");
  label.append(asks, " Ask me to sign in");
  cell.append(select, element("br"), label);
  return cell;
}

function administration(state) {
  const select = document.getElementById("rule");
  select.value = state.rule;
  select.onchange = () => call("rule", { rule: select.value });
  const language = document.getElementById("language");
  language.value = state.language;
  language.onchange = () => language.checkValidity() && call("language", { language: language.value });
  document.getElementById("export").onclick = async () => {
    const answer = await call("clicks", { form: "csv" });
    if (!answer?.ok) return;
    const link = element("a", "", { href: URL.createObjectURL(await answer.blob()), download: "clicks.csv" });
    link.click();
  };
  const undone = Object.entries(state.undone);
  document.getElementById("undone").textContent = undone.length
    ? `Not done yet: ${undone.map(([step, why]) => `${step} (${why})`).join(", ")}. It is tried again by itself.`
    : "Set-up is complete.";
}

async function show() {
  const answer = await call("state");
  const status = document.getElementById("who");
  if (!answer?.ok) {
    status.textContent = "Open this page inside Space to see your sign-ins.";
    return;
  }
  const state = await answer.json();
  status.hidden = true;
  document.getElementById("systems").replaceChildren(...state.systems.map(row));
  document.getElementById("mine").hidden = state.systems.length === 0;
  document.getElementById("administration").hidden = !state.administers;
  if (state.administers) administration(state);
}

function dress(theme) {
  for (const { name, value } of theme?.properties ?? []) document.documentElement.style.setProperty(name, value);
  if (theme) document.documentElement.style.colorScheme = theme.isDark ? "dark" : "light";
}

if (parent !== window) {
  window.addEventListener("message", (event) => {
    if (event.source === parent && event.data?.type === "ThemeProperties") dress(event.data);
  });
  ask({ type: "GetThemePropertiesRequest", subscribeForUpdates: true }).then(dress);
  show();
} else {
  document.getElementById("who").textContent = "Open this page inside Space to see your sign-ins.";
}
