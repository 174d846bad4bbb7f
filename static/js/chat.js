// The chat page: what it is made of, and who tells whom.

import { announce, fetchPage, moveDraft, readDraft, startPage, text } from "./lib/page.js";
import { ChatSocket } from "./lib/socket.js";
import { ThreadScroll } from "./elements/thread-scroller.js";
import { ChatThread } from "./elements/chat-thread.js";
import { ChatComposer } from "./elements/chat-composer.js";

const find = (selector) => document.querySelector(selector);
const sidebar = () => import("./elements/conversation-list.js");
const tell = ({ message }) => import("./elements/toast-list.js").then(({ notify }) => notify(message));
const { conversationId, saved } = find("[data-chat]").dataset;
const conversation = { id: conversationId, isSaved: saved !== undefined };
let isRefreshing = false;
let lateNotice = 0;
const draftKey = () => `draft:${conversation.isSaved ? conversation.id : "new"}`;

// A first message that was sent and never confirmed belongs to the conversation it was sent to.
if (!conversation.isSaved) conversation.id = readDraft(draftKey())?.sent?.conversation_id ?? conversation.id;

startPage();

const scroll = new ThreadScroll(find("[data-scroller]"), find("[data-thread]"), find("[data-to-end]"));

const thread = new ChatThread(find("[data-thread]"), {
  changed: () => composer.running(thread.runningId !== null),
  focusLost: () => composer.takeFocus(),
  ask: (type, fields) => socket.request(type, fields).catch(tell),
});

const composer = new ChatComposer(find("[data-composer]"), {
  draftKey,
  conversationId: () => conversation.id,
  submit: (fields) => {
    scroll.follow();
    return socket.request("turn.submit", { conversation_id: conversation.id, ...fields });
  },
  stop: () => socket.request("generation.stop", { message_id: thread.runningId }),
});

const socket = new ChatSocket(`${location.origin.replace(/^http/, "ws")}/ws/chat/`, {
  greet: () => ({
    type: "conversation.watch",
    conversation_id: conversation.id,
    leaf_id: thread.leafId,
    cursors: thread.cursors,
  }),
  receive,
  connected: showConnection,
  signedOut: showSignedOut,
});

composer.running(thread.runningId !== null);
composer.said(thread.lastSaid);
if (thread.leafId) scroll.follow();
socket.start();

// what the server says

function receive(frame) {
  if (frame.code === "session.ended") return; // the socket closes, which says so
  if (frame.type === "error") tell(frame);
  else if (frame.type === "conversation.updated") updateConversation(frame);
  else if (frame.type === "conversation.removed")
    sidebar().then(({ removed }) => removed(frame, conversation.id));
  else if (frame.type === "conversation.stale") refresh();
  else if ((frame.conversation_id ?? conversation.id) !== conversation.id) return;
  else if (!thread.apply(frame)) refresh();
  else if (frame.type === "message.created") keepConversation();
}

/** The first message made this conversation one with an address of its own. */
function keepConversation() {
  composer.said(thread.lastSaid);
  if (conversation.isSaved) return;
  const before = draftKey();
  conversation.isSaved = true;
  moveDraft(before, draftKey());
  history.replaceState(null, "", `/c/${conversation.id}/`);
}

/** Fetch the thread afresh: this page shows something else than the conversation is now. */
async function refresh() {
  if (isRefreshing) return;
  isRefreshing = true;
  const fresh = await fetchPage(`/c/${conversation.id}/`);
  isRefreshing = false;
  if (!fresh) return;
  thread.adopt(fresh.querySelector("[data-thread]"));
  keepConversation();
  socket.greet();
}

function updateConversation(frame) {
  if (frame.conversation_id === conversation.id) {
    find("[data-title]").textContent = frame.title;
    document.title = `${frame.title} · Vision Chat`;
  }
  sidebar().then(({ update }) => update(frame, conversation.id));
}

// the connection

/** A short gap needs no words; a longer one does, and its end too. */
function showConnection(isConnected) {
  composer.connected(isConnected);
  const notice = find("[data-connection]");
  if (isConnected) {
    clearTimeout(lateNotice);
    lateNotice = 0;
    if (!notice.hidden) announce(text("online"));
    notice.hidden = true;
  } else {
    lateNotice ||= setTimeout(() => showNotice(text("connecting")), 1000);
  }
}

function showNotice(words) {
  find("[data-connection-text]").textContent = words;
  find("[data-connection]").hidden = false;
  announce(words);
}

function showSignedOut() {
  clearTimeout(lateNotice);
  showNotice(text("signed-out"));
  const link = document.createElement("a");
  link.href = `/accounts/login/?next=${encodeURIComponent(location.pathname)}`;
  link.textContent = text("sign-in");
  find("[data-connection-text]").append(" ", link);
}

// what the person does beside writing

for (const input of document.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    composer.attach([...input.files]);
    input.value = "";
    composer.takeFocus();
  });
}

document.addEventListener("paste", (event) => {
  const pictures = [...event.clipboardData.files];
  // a table copied from a spreadsheet comes with a picture of itself: there the text is meant
  if (!pictures.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  composer.attach(pictures);
});

// a picture dropped before the overlay is there must not take the browser to it
for (const type of ["dragover", "drop"]) {
  document.addEventListener(type, (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
}
document.addEventListener(
  "dragenter",
  async (event) => {
    const { DropOverlay } = await import("./elements/drop-overlay.js");
    new DropOverlay(find("[data-drop-overlay]"), (files) => composer.attach(files)).show(event);
  },
  { once: true },
);

document.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const door = event.target.closest("[data-image], [data-conversation-menu], [data-older], [data-starter]");
  if (!door) return;
  event.preventDefault();
  if ("image" in door.dataset) (await import("./elements/image-lightbox.js")).open(door);
  else if ("starter" in door.dataset) composer.suggest(door.textContent);
  else (await sidebar()).act(door);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape" && !find("dialog[open], :popover-open:not([data-toasts])")) composer.escape();
  else if (event.code === "KeyO" && event.shiftKey && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    location.assign("/");
  }
});

if (sessionStorage.getItem("deleted")) sidebar().then(({ offerUndo }) => offerUndo());
