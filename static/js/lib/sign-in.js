// The way to sign in again, for who is signed out while a page is open.

import { text } from "./strings.js";

/** A link to the sign-in, by default one that leads back to this page. */
export function signInLink(href = `/accounts/login/?next=${encodeURIComponent(location.pathname)}`) {
  return Object.assign(document.createElement("a"), { href, textContent: text("sign-in") });
}
