// The menu "Add" of a form in which a message is written: every way in for pictures that this browser has.

import { waysIn } from "../lib/attach-commands.js";
import { PopupMenu } from "./popup-menu.js";

const GAP = 4;
const EDGE = 8;

class AttachMenu extends PopupMenu {
  opener = null;

  /** Open above this button. */
  open(opener) {
    if (this.wasPressedShut()) return;
    this.opener = opener;
    this.openBelow(
      opener,
      waysIn.filter(({ isPossible }) => isPossible?.() ?? true),
    );
    const { top, bottom, left, right } = opener.getBoundingClientRect();
    const above = top - this.offsetHeight - GAP;
    this.style.top = `${above > EDGE ? above : bottom + GAP}px`;
    const start = getComputedStyle(this).direction === "rtl" ? right - this.offsetWidth : left;
    this.style.left = `${Math.max(EDGE, Math.min(start, innerWidth - this.offsetWidth - EDGE))}px`;
  }

  /** Close, where this is open, and return the form that it was open for. */
  takeForm() {
    if (!this.matches(":popover-open")) return null;
    this.hidePopover();
    return this.opener.closest("form");
  }
}

customElements.define("attach-menu", AttachMenu);
