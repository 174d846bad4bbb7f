// The menu of a message: every command that is registered for it.

import { commandsOf, register } from "../lib/commands.js";
import { post } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { PopupMenu } from "./popup-menu.js";
import { notify } from "./toast-list.js";

class MessageMenu extends PopupMenu {
  #messageId = null;

  /** Open below this button of a message. */
  open(opener) {
    if (this.wasPressedShut()) return;
    this.#messageId = opener.closest("[data-message-id]").dataset.messageId;
    this.openBelow(opener, commandsOf("message"));
  }

  /** Close, and return the article that it was open for; null where that is not shown any more. */
  choose() {
    this.hidePopover();
    return this.#article;
  }

  get opener() {
    return this.#article?.querySelector("[aria-expanded]") ?? null;
  }

  /** Looked for each time: news of the message may have put a fresh article in its place. */
  get #article() {
    return document.querySelector("chat-thread").find(this.#messageId) ?? null;
  }
}

/** Hide a message with all that hangs on it; the page is told of the rest as every other one is. */
async function remove(article) {
  if (!article) return;
  const { messageId } = article.dataset;
  const isLast = !article.nextElementSibling;
  if (!(await post(`/messages/${messageId}/delete/`))) return notify(text("request-failed"));
  const undo = async () => {
    if (!(await post(`/messages/${messageId}/restore/`))) notify(text("request-failed"));
  };
  notify(text(isLast ? "message-deleted" : "messages-deleted"), { undo });
}

/** Copy the branch up to this message into a conversation of its own, and go there. */
async function beginChat(article) {
  if (!article) return;
  const answer = await post(`/messages/${article.dataset.messageId}/new-chat/`);
  if (answer) location.assign((await answer.json()).url);
  else notify(text("request-failed"));
}

async function reportConversation() {
  const { openReport } = await import("./report-dialog.js");
  const { conversationId } = document.querySelector("chat-conversation").dataset;
  await openReport(conversationId, document.querySelector("[data-title]").textContent);
}

const chosen = () => document.querySelector("message-menu").choose();

register(
  {
    id: "message.new-chat",
    label: "new-chat-from-here",
    icon: "compose",
    menu: "message",
    run: () => beginChat(chosen()),
  },
  {
    id: "message.tree",
    label: "all-versions",
    icon: "branch",
    menu: "message",
    async run() {
      chosen();
      const { openTree } = await import("./branch-tree.js");
      await openTree();
    },
  },
  {
    id: "message.report",
    label: "report",
    icon: "flag",
    menu: "message",
    run() {
      chosen();
      return reportConversation();
    },
  },
  {
    id: "message.delete",
    label: "delete",
    icon: "trash",
    menu: "message",
    run: () => remove(chosen()),
  },
);

customElements.define("message-menu", MessageMenu);
