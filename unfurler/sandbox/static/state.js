// Who looks at what. A tab is one person, so two tabs can be two people.

const kept = (name) => sessionStorage.getItem(name) ?? "";

export const state = {
  organization: kept("organization"),
  person: kept("person"),
  details: null,
  view: { kind: "channel", id: "" },
  inspected: null,
};

export function keep(name, value) {
  state[name] = value;
  sessionStorage.setItem(name, value);
  // The consent page, which is no part of this one, then knows who is asked.
  if (name === "person") document.cookie = `sandbox-person=${encodeURIComponent(value)}; SameSite=Lax; path=/`;
}

export const me = () => state.details?.users.find((user) => user.id === state.person) ?? null;

export function personName(id) {
  if (id === null) return applicationName();
  return state.details.users.find((user) => user.id === id)?.name ?? "Somebody";
}

export const applicationName = () => state.details?.application ?? "Application";

export const extensions = (className) => (state.details?.uiExtensions ?? []).filter((each) => each.className === className);

let ask = () => {};
/** Asks for the page to be brought up to date. */
export const refreshSoon = () => ask();
export const onRefresh = (how) => { ask = how; };
