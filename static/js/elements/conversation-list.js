// The list of conversations in the sidebar, by day: what other pages do to it, and its older part.

import { elementsFrom } from "../lib/blocks.js";
import { fetchText } from "../lib/http.js";
import { text } from "../lib/strings.js";
import { notify } from "./toast-list.js";

class ConversationList extends HTMLElement {
  #newsCount = 0;

  /** The item of this conversation, or null. */
  itemOf(id) {
    return this.querySelector(`[data-conversation="${CSS.escape(id)}"]`);
  }

  /** A conversation is new, has a new title or was written in: put its item where a fresh page has it. */
  update({ conversation_id, html }, shownId) {
    this.#newsCount += 1;
    const known = this.itemOf(conversation_id);
    if (known?.querySelector("rename-form")) return;
    const [item] = elementsFrom(html);
    if (known) keepMarks(known, item);
    if (conversation_id === shownId) item.querySelector("a").ariaCurrent = "page";
    this.#keepingFocus(() => {
      if (known && known.dataset.updated === item.dataset.updated) known.replaceWith(item);
      else {
        this.takeOut(conversation_id);
        this.#place(item);
      }
    });
  }

  /** A reply of a conversation has ended; it is news where nobody sees it. */
  settled({ conversation_id }, shownId) {
    this.#newsCount += 1;
    const item = this.itemOf(conversation_id);
    if (!item) return;
    delete item.dataset.running;
    if (conversation_id !== shownId || document.hidden) item.dataset.fresh = "";
    describe(item);
  }

  /** The person sees this conversation. */
  seen(id) {
    const item = this.itemOf(id);
    if (!item) return;
    delete item.dataset.fresh;
    describe(item);
  }

  /** Fetch the list afresh, after a time without news. What was running and is not any more is news. */
  async refresh(shownId) {
    const known = this.#newsCount;
    const html = await fetchText(`/conversations/?open=${shownId}`);
    if (html === null || this.querySelector("rename-form")) return;
    if (this.#newsCount !== known) return void (await this.refresh(shownId)); // what came may be older than the news
    const marked = itemsIn(this).filter(({ dataset }) => "running" in dataset || "fresh" in dataset);
    this.#keepingFocus(() => this.replaceChildren(...elementsFrom(html)));
    for (const { dataset } of marked)
      if (!("running" in (this.itemOf(dataset.conversation)?.dataset ?? {})))
        this.settled({ conversation_id: dataset.conversation }, shownId);
  }

  /** The link to the conversation below this one, else to the one above, or null. */
  neighbourOf(item) {
    const items = itemsIn(this);
    const index = items.indexOf(item);
    return (items[index + 1] ?? items[index - 1])?.querySelector("a") ?? null;
  }

  /** A conversation was deleted. */
  takeOut(id) {
    this.#newsCount += 1;
    const item = this.itemOf(id);
    const day = item?.closest("[data-day]");
    item?.remove();
    removeIfEmpty(day);
  }

  /** A deletion was undone: `day` is the section that the item was in, `following` what came after that. */
  putBack({ id, html, day, following }) {
    const days = [...this.querySelectorAll("[data-day]")];
    if (days.some(({ dataset }) => dataset.day === day.dataset.day))
      return this.update({ conversation_id: id, html });
    this.takeOut(id); // news of it may have come first, and knows no day but today
    day.querySelector("ul").append(...elementsFrom(html));
    if (following?.isConnected) following.before(day);
    else this.append(day);
  }

  /** Put what the link leads to in its place. */
  async showOlder(link) {
    const html = await fetchText(link.href);
    if (html === null) return void notify(text("request-failed"));
    const fresh = elementsFrom(html);
    for (const item of fresh.flatMap(itemsIn)) this.#bringHere(item);
    const first = fresh[0]?.querySelector("a");
    for (const element of fresh) {
      const last = link.previousElementSibling;
      if (element.dataset.day && last?.dataset.day === element.dataset.day)
        last.querySelector("ul").append(...itemsIn(element));
      else link.before(element);
    }
    link.remove();
    first?.focus();
  }

  /** Put fresh items in the place of others: the focus stays where it was, and the menu that is open keeps its button. */
  #keepingFocus(change) {
    const focused = this.contains(document.activeElement) ? document.activeElement : null;
    const opener = this.querySelector("[aria-expanded=true]");
    change();
    if (focused) (this.#freshOf(focused) ?? this.querySelector(".older"))?.focus();
    if (opener) this.#freshOf(opener)?.setAttribute("aria-expanded", "true");
  }

  /** What stands now in the place of a link or button of an item. */
  #freshOf({ nodeName, parentElement }) {
    const id = parentElement?.dataset.conversation;
    return id === undefined ? null : (this.itemOf(id)?.querySelector(nodeName) ?? null);
  }

  /** Where a conversation of an older part is shown already, as the open one is behind the link, it moves there. */
  #bringHere(item) {
    const known = this.itemOf(item.dataset.conversation);
    const day = known?.closest("[data-day]");
    if (known) item.replaceWith(known);
    removeIfEmpty(day);
  }

  #place(item) {
    const isOlder = (other) => Number(other.dataset.updated) < Number(item.dataset.updated);
    const isToday = new Date(item.dataset.updated * 1000).toDateString() === new Date().toDateString();
    const next = (isToday ? itemsIn(this.#today()) : this.#listed).find(isOlder);
    if (next) next.before(item);
    else if (isToday) this.#today().querySelector("ul").append(item);
    else if (this.#reaches(item)) this.#listed.at(-1)?.after(item);
  }

  /** Whether the part of the list that is here goes down to this item. */
  #reaches({ dataset }) {
    const older = this.querySelector(".older");
    return !older || dataset.updated * 1000 >= Date.parse(new URL(older.href).searchParams.get("before"));
  }

  /** The items above the link to older ones, between which none is missing. Behind it is at most the open one. */
  get #listed() {
    return itemsIn(this).filter((item) => !item.matches(".older ~ * *"));
  }

  /** The section of today, made where there is none. */
  #today() {
    const [section] = document.querySelector("#today").content.cloneNode(true).children;
    const first = this.querySelector("[data-day]");
    if (first?.dataset.day === section.dataset.day) return first;
    this.prepend(section);
    return section;
  }
}

function itemsIn(element) {
  return [...element.querySelectorAll("[data-conversation]")];
}

function removeIfEmpty(day) {
  if (!day?.querySelector("[data-conversation]")) day?.remove();
}

/** Keep what an update does not know: the first picture, and whether a reply runs. */
function keepMarks(known, item) {
  const picture = known.querySelector("a img");
  if (picture) {
    item.querySelector("a img")?.remove();
    item.querySelector("a").prepend(picture);
  }
  if ("running" in known.dataset) item.dataset.running = "";
  if ("fresh" in known.dataset && !("running" in item.dataset)) item.dataset.fresh = "";
  describe(item);
}

/** Say the mark of an item in words. */
function describe({ dataset, firstElementChild: link }) {
  const words = "running" in dataset ? text("is-running") : "fresh" in dataset ? text("is-fresh") : "";
  link.toggleAttribute("aria-description", words !== "");
  if (words) link.setAttribute("aria-description", words);
}

customElements.define("conversation-list", ConversationList);
