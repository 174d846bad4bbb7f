// The menu of a conversation in the list: every command that is registered for it.

import { commandsOf, register } from "../lib/commands.js";
import "./conversation-list.js";
import { copyConversation } from "./copying.js";
import { deleteConversation } from "./deletion.js";
import { PopupMenu } from "./popup-menu.js";
import { beginRenaming } from "./rename-form.js";

class ConversationMenu extends PopupMenu {
  #conversationId = null;

  /** Open below this button of an item. */
  open(opener) {
    if (this.wasPressedShut()) return;
    this.#conversationId = opener.closest("[data-conversation]").dataset.conversation;
    // a fresh item may have come while this script did
    const commands = commandsOf("conversation").filter(({ isPossible }) => isPossible?.() ?? true);
    this.openBelow(this.opener ?? opener, commands);
  }

  /** Close, and return the item that it was open for. */
  choose() {
    this.hidePopover();
    return this.#item;
  }

  get opener() {
    return this.#item?.querySelector("[aria-expanded]") ?? null;
  }

  /** Looked for each time: news of the conversation put a fresh item in its place. */
  get #item() {
    return document.querySelector("conversation-list").itemOf(this.#conversationId);
  }
}

const seals = "seals" in document.querySelector("conversation-menu").dataset;
const chosen = () => document.querySelector("conversation-menu").choose();

register(
  {
    id: "conversation.rename",
    label: "rename",
    icon: "pencil",
    menu: "conversation",
    run: () => beginRenaming(chosen()),
  },
  {
    id: "conversation.copy",
    label: "copy-conversation",
    icon: "copy",
    menu: "conversation",
    run: () => copyConversation(chosen().dataset.conversation),
  },
  {
    id: "conversation.readers",
    label: "readers",
    icon: "eye",
    menu: "conversation",
    isPossible: () => seals,
    async run() {
      const item = chosen();
      const { openReaders } = await import("./readers-dialog.js");
      await openReaders(item.dataset.conversation, item.querySelector("a").textContent);
    },
  },
  {
    id: "conversation.report",
    label: "report",
    icon: "flag",
    menu: "conversation",
    async run() {
      const item = chosen();
      const { openReport } = await import("./report-dialog.js");
      await openReport(item.dataset.conversation, item.querySelector("a").textContent);
    },
  },
  {
    id: "conversation.delete",
    label: "delete",
    icon: "trash",
    menu: "conversation",
    run: () => deleteConversation(chosen()),
  },
);

customElements.define("conversation-menu", ConversationMenu);
