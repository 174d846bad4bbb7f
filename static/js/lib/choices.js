// Choices that a person makes for every page: the server reads them from cookies, so that no page flickers.

export const A_YEAR = 365 * 86400;

/** Look like this from now on: "light", "dark", or "system" for what the system says. */
export function chooseTheme(theme) {
  keep("theme", theme, A_YEAR);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Have a message that was sent go to the top of the thread, or the page follow its answer. */
export function chooseSentToTop(isWanted) {
  keep("sent_to_top", isWanted ? "on" : "off", A_YEAR);
}

/** Fold the sidebar away, or bring it back; the focus goes to the button that undoes it. */
export function toggleSidebar(button) {
  const { dataset } = document.documentElement;
  dataset.sidebar = dataset.sidebar === "closed" ? "open" : "closed";
  keep("sidebar", dataset.sidebar, A_YEAR);
  const buttons = [...document.querySelectorAll('[data-command="sidebar.toggle"]')];
  buttons.find((other) => other !== button).focus();
}

/** Show the notice about the demo no more in this session. */
export function hideDemoNotice(button) {
  keep("demo_notice", "hidden");
  button.closest("[data-demo-notice]").remove();
  document.querySelector("[data-message]").focus();
}

/** Take shortcuts that are one sign, such as "/", or not: who types by voice sets them off by talking. */
export function takeSignKeys(areTaken) {
  keep("sign_keys", areTaken ? "on" : "off", A_YEAR);
}

export function signKeysAreOn() {
  return !document.cookie.includes("sign_keys=off");
}

/** Keep a choice in a cookie, so long or for this session. */
export function keep(name, value, seconds) {
  const age = seconds ? `; max-age=${seconds}` : "";
  document.cookie = `${name}=${value}; path=/; samesite=lax${age}`;
}
