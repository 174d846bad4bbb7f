// The script of the chat page: what reading and asking need is imported at once, all else at its first use.

import { chooseTheme, hideDemoNotice, toggleSidebar } from "./lib/choices.js";
import { listenForCommands, register } from "./lib/commands.js";
import { doWhatWasPressed } from "./lib/early.js";
import { loaded } from "./lib/http.js";
import { forgetSought } from "./lib/drafts.js";
import { text } from "./lib/strings.js";
import "./elements/chat-conversation.js";

const find = (selector) => document.querySelector(selector);
const composer = () => find("chat-composer");
const isSomethingOpen = () => find("dialog[open], :popover-open:not(toast-list)") !== null;
/** Whether this is a text that was typed, which browsers undo by the same keys. */
const hasTextUndo = (element) =>
  element.matches("textarea, input[type=text], input[type=search]") && element.value;
const isNoPictureOpen = () => find(".lightbox[open]") === null;

register(
  {
    id: "chat.new",
    label: "new-chat",
    icon: "compose",
    keys: "Control+Shift+O",
    run: () => location.assign("/"),
  },
  {
    id: "search.open",
    label: "search",
    icon: "search",
    keys: "Control+Shift+F /",
    isPossible: isNoPictureOpen,
    run: async () => (await import("./elements/search-dialog.js")).open(),
  },
  {
    id: "palette.open",
    label: "commands",
    keys: "Control+K",
    isPossible: isNoPictureOpen,
    run: async () => (await import("./elements/command-palette.js")).open(),
  },
  {
    id: "shortcuts.open",
    label: "shortcuts",
    icon: "info",
    keys: "?",
    isPossible: isNoPictureOpen,
    run: async () => (await import("./elements/shortcut-sheet.js")).open(),
  },
  {
    id: "settings.open",
    label: "settings",
    icon: "sliders",
    keys: "Control+,",
    isPossible: isNoPictureOpen,
    run: async () => (await import("./elements/settings-panel.js")).open(),
  },
  {
    id: "model.choose",
    label: "choose-model",
    icon: "mark",
    keys: "Control+Shift+M",
    isPossible: isNoPictureOpen,
    run: async () => (await import("./elements/model-picker.js")).open(),
  },
  {
    id: "model.unfold",
    keys: "ArrowDown ArrowUp",
    isPossible: () => document.activeElement.matches(".model-name"),
    run: async () => (await import("./elements/model-picker.js")).open(),
  },
  { id: "model.use", run: async (button) => (await import("./elements/model-picker.js")).use(button) },
  {
    id: "turn.regenerate-with",
    label: "regenerate-with",
    icon: "again-with",
    needsTrigger: true,
    run: async (button) => (await import("./elements/regenerate-dialog.js")).open(button),
  },
  { id: "chat.suggest", run: (starter) => composer().suggest(starter.textContent) },
  {
    id: "message.hold-back",
    label: "cancel-sending",
    icon: "close",
    keys: "Escape",
    isPossible: () => composer().canHoldBack && !isSomethingOpen(),
    run: () => composer().holdBack(),
  },
  {
    id: "generation.stop",
    label: "stop",
    icon: "stop",
    keys: "Escape",
    isPossible: () => composer().sendOrStop.canStop && !isSomethingOpen(),
    run: () => composer().sendOrStop.stop(() => find("chat-conversation").stop()),
  },
  {
    id: "notice.undo",
    label: "undo",
    keys: "Control+Z",
    isPossible: () => find("[data-undo]") !== null && !hasTextUndo(document.activeElement),
    run: () => [...document.querySelectorAll("[data-undo]")].at(-1).click(),
  },
  {
    id: "waiting.change",
    run: async (button) => (await import("./elements/waiting-message.js")).change(button),
  },
  {
    id: "waiting.withdraw",
    run: async (button) => (await import("./elements/waiting-message.js")).withdraw(button),
  },
  {
    id: "attach.menu",
    async run(button) {
      await import("./elements/attach-menu.js");
      find("attach-menu").open(button);
    },
  },
  {
    id: "image.open",
    async run(tile) {
      await import("./elements/image-lightbox.js");
      find("image-lightbox").open(tile);
    },
  },
  { id: "image.seen", run: async (button) => (await import("./elements/seen-copies.js")).open(button) },
  {
    id: "canvas.seen",
    run: async (button) => (await import("./elements/seen-copies.js")).openCanvas(button),
  },
  { id: "canvas.switch", run: async (button) => (await import("./lib/inclusion.js")).switchCanvas(button) },
  {
    id: "image.choose-earlier",
    run: async (chip) => (await import("./lib/inclusion.js")).chooseEarlier(chip),
  },
  {
    id: "image.choose-for-good",
    run: async (button) => (await import("./lib/inclusion.js")).chooseForGood(button),
  },
  {
    id: "image.go-on-without",
    run: async (button) => (await import("./lib/inclusion.js")).goOnWithout(button),
  },
  {
    id: "image.compare",
    run: async (button) => (await import("./elements/picture-compare.js")).open(button),
  },
  {
    id: "image.fine-print",
    run: async (button) => (await import("./elements/seen-copies.js")).switchFinePrint(button),
  },
  {
    id: "image.crop",
    run: async (button) => (await import("./elements/image-editor.js")).open(button, "crop"),
  },
  {
    id: "image.redact",
    run: async (button) => (await import("./elements/image-editor.js")).open(button, "redact"),
  },
  { id: "image.undo", run: async (button) => (await import("./lib/picture-edits.js")).undo(button) },
  {
    id: "image.keep-earlier",
    run: async (button) => (await import("./lib/picture-edits.js")).keepEarlier(button),
  },
  {
    id: "image.replace-earlier",
    run: async (button) => (await import("./lib/picture-edits.js")).replaceEarlier(button),
  },
  {
    id: "places.locate",
    label: "locate",
    icon: "locate",
    isPossible: isNoPictureOpen,
    run: async () => (await import("./elements/locate-dialog.js")).open(),
  },
  {
    id: "image.ask-region",
    run: async (button) => (await import("./elements/region-editor.js")).open(button),
  },
  {
    id: "region.show",
    async run(chip) {
      await import("./elements/image-lightbox.js");
      (await import("./lib/region-outlines.js")).showLarge(chip);
    },
  },
  {
    id: "answer.request",
    run: async (button) => (await import("./elements/answer-dialog.js")).open(button, "request"),
  },
  {
    id: "answer.source",
    run: async (button) => (await import("./elements/answer-dialog.js")).open(button, "source"),
  },
  {
    id: "conversation.menu",
    async run(button) {
      await import("./elements/conversation-menu.js");
      find("conversation-menu").open(button);
    },
  },
  {
    id: "conversations.older",
    async run(link) {
      await import("./elements/conversation-list.js");
      link.closest("conversation-list").showOlder(link);
    },
  },
  { id: "sidebar.toggle", label: "sidebar", icon: "panel", needsTrigger: true, run: toggleSidebar },
  { id: "theme.choose", run: (input) => chooseTheme(input.value) }, // arrow keys click it too
  { id: "demo-notice.hide", run: hideDemoNotice },
);

// such as one whose script does not come, because the line is down or the server has a new version
listenForCommands(() => composer().say(text("not-loaded"), "wrong"));
doWhatWasPressed();

// the list of conversations keeps its place from page to page, and shows the open one
const list = find(".conversations");
list.scrollTop = Number(sessionStorage.getItem("list-top"));
addEventListener("pagehide", () => sessionStorage.setItem("list-top", list.scrollTop));

// the first keys that are typed into an edit box are not lost while its script comes
for (const type of ["pointerover", "focusin"])
  document.addEventListener(type, ({ target }) => {
    if (target.closest('[data-command="message.edit"]'))
      import("./elements/message-editor.js").catch(() => {});
  });

// a drawer that is open in the top layer has no place beside a wide page
matchMedia("(min-width: 56rem)").addEventListener("change", () => find("#sidebar")?.hidePopover());
// neither a drawer that was shut nor a sidebar that was folded has kept its place
new IntersectionObserver(showOpenConversation).observe(list);

function showOpenConversation() {
  list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

find("[data-sign-out]").addEventListener("submit", forgetSought);

document.addEventListener("thread-changed", showMore);
showMore();

/** What few conversations have is imported when one has it. */
function showMore() {
  if (find("json-answer:not(:defined)")) loaded(() => import("./elements/json-answer.js"));
  if (find("answer-places:not(:defined)")) loaded(() => import("./elements/answer-places.js"));
  if (find("[data-thread] [data-region]"))
    loaded(() => import("./lib/region-outlines.js")).then(({ linkLetters }) => linkLetters(document));
}

// what shows places in pictures offers to ask about one where this is said
document.documentElement.dataset.regionAsk = "";
document.addEventListener("region:ask", async ({ detail }) =>
  (await loaded(() => import("./lib/region-asking.js"))).ask(detail),
);

const named = new URLSearchParams(location.search).get("model");
if (named && !("saved" in find("chat-conversation").dataset))
  loaded(() => import("./elements/model-picker.js")).then(({ chooseNamed }) => chooseNamed(named));

if (sessionStorage.getItem("deleted"))
  loaded(() => import("./elements/deletion.js")).then(({ offerUndo }) => offerUndo());
if (sessionStorage.getItem("restored"))
  loaded(() => import("./elements/deletion.js")).then(({ focusRestored }) => focusRestored());
