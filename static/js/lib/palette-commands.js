// Commands that only the palette gives: elsewhere each has a thing of its own to click.

import { register } from "./commands.js";
import "./attach-commands.js";

const find = (selector) => document.querySelector(selector);
const administration = () => find('.account [href="/admin/"]');
const shownItem = () => find("[data-conversation]:has(> [aria-current])");

register(
  {
    id: "conversation.rename-shown",
    label: "rename-shown",
    icon: "pencil",
    isPossible: () => shownItem() !== null,
    run: renameShown,
  },
  {
    id: "conversation.tree",
    label: "all-versions",
    icon: "branch",
    isPossible: () => find("[data-message-id]") !== null,
    run: openTree,
  },
  {
    id: "conversation.copy-shown",
    label: "copy-shown",
    icon: "copy",
    isPossible: () => "saved" in find("chat-conversation").dataset,
    run: copyShown,
  },
  {
    id: "conversation.report-shown",
    label: "report-shown",
    icon: "flag",
    isPossible: () => "saved" in find("chat-conversation").dataset,
    run: reportShown,
  },
  {
    id: "conversation.readers-shown",
    label: "readers-shown",
    icon: "eye",
    isPossible: () =>
      "seals" in find("conversation-menu").dataset && "saved" in find("chat-conversation").dataset,
    run: showReaders,
  },
  {
    id: "conversation.delete-shown",
    label: "delete-shown",
    icon: "trash",
    isPossible: () => shownItem() !== null,
    run: deleteShown,
  },
  { id: "pictures.open", label: "my-pictures", icon: "picture", run: () => location.assign("/pictures/") },
  { id: "account.open", label: "account", icon: "person", run: () => find("[data-account]").click() },
  {
    id: "administration.open",
    label: "administration",
    icon: "review",
    isPossible: () => administration() !== null,
    run: () => administration().click(),
  },
  {
    id: "account.sign-out",
    label: "sign-out",
    icon: "leave",
    run: () => find("[data-sign-out]").requestSubmit(),
  },
  { id: "theme.system", label: "theme-system", icon: "system", run: () => choose("system") },
  { id: "theme.light", label: "theme-light", icon: "sun", run: () => choose("light") },
  { id: "theme.dark", label: "theme-dark", icon: "moon", run: () => choose("dark") },
);

async function renameShown() {
  const { beginRenaming } = await import("../elements/rename-form.js");
  if (!shownItem().checkVisibility()) revealSidebar();
  beginRenaming(shownItem());
}

async function openTree() {
  const tree = await import("../elements/branch-tree.js");
  await tree.openTree();
}

async function copyShown() {
  const { copyConversation } = await import("../elements/copying.js");
  await copyConversation(find("chat-conversation").dataset.conversationId);
}

async function reportShown() {
  const { openReport } = await import("../elements/report-dialog.js");
  await openReport(find("chat-conversation").dataset.conversationId, find("[data-title]").textContent);
}

async function showReaders() {
  const { openReaders } = await import("../elements/readers-dialog.js");
  await openReaders(find("chat-conversation").dataset.conversationId, find("[data-title]").textContent);
}

async function deleteShown() {
  await import("../elements/conversation-list.js");
  const { deleteConversation } = await import("../elements/deletion.js");
  await deleteConversation(shownItem());
}

/** Open the drawer, or unfold the sidebar. */
function revealSidebar() {
  const unfold = find(".only-collapsed[data-command='sidebar.toggle']");
  if (unfold.checkVisibility()) unfold.click();
  else find("#sidebar").showPopover();
}

function choose(theme) {
  find(`input[name=theme][value=${theme}]`).click();
}
