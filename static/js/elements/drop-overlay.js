// Pictures dragged in from elsewhere: the whole page takes them, and says so.

import "../lib/later-style.js";
import { text } from "../lib/strings.js";

const MAX_PICTURES = 100; // of folders; a message takes fewer, and says so
const MAX_ENTRIES = 2000; // that are looked at: somebody may drop a whole disk

class DropOverlay extends HTMLElement {
  #life;

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    document.addEventListener("dragenter", (event) => this.show(event), { signal });
    document.addEventListener("dragover", (event) => this.show(event), { signal });
    document.addEventListener("dragleave", (event) => this.#left(event), { signal });
    document.addEventListener("drop", (event) => this.#dropped(event), { signal });
  }

  disconnectedCallback() {
    this.#life.abort();
  }

  show(event) {
    if (event.dataTransfer.types.includes("Files")) this.hidden = false;
    else if (isAddress(event)) event.preventDefault(); // or the browser would leave for it
  }

  // from one element to the next there is something related; out of the window there is nothing
  #left({ relatedTarget }) {
    if (!relatedTarget) this.hidden = true;
  }

  #dropped(event) {
    this.hidden = true;
    if (event.dataTransfer.types.includes("Files")) return void this.#take(event.dataTransfer);
    if (!isAddress(event)) return;
    event.preventDefault();
    say("drop-from-page");
  }

  async #take(dataTransfer) {
    const entries = [...dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.some(({ isDirectory }) => isDirectory)) return add([...dataTransfer.files]);
    const pictures = await picturesIn(entries);
    if (pictures.length) add(pictures);
    else say("folder-without-pictures");
  }
}

/** Whether an address is dragged, as a link or a picture of another page, to where it is no text to insert. */
function isAddress({ dataTransfer, target }) {
  return dataTransfer.types.includes("text/uri-list") && !target.closest?.("textarea, input");
}

function add(files) {
  customElements.get("image-picker").inUse.add(files);
}

function say(key) {
  document.querySelector("chat-composer").say(text(key), "wrong");
}

/** The files that were dropped, and the pictures of the folders, in the order of their paths. */
async function picturesIn(entries) {
  const found = [];
  const waiting = [...entries];
  for (let seen = 0; waiting.length && seen < MAX_ENTRIES && found.length < MAX_PICTURES; seen += 1) {
    const entry = waiting.shift();
    if (entry.isDirectory) waiting.push(...(await childrenOf(entry)));
    else {
      const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
      if (file && (entries.includes(entry) || isPicture(file))) found.push([entry.fullPath, file]);
    }
  }
  const order = new Intl.Collator(undefined, { numeric: true });
  return found.sort(([one], [other]) => order.compare(one, other)).map(([, file]) => file);
}

async function childrenOf(folder) {
  const reader = folder.createReader();
  const children = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length || children.length > MAX_ENTRIES) return children;
    children.push(...some);
  }
}

/** Whether a file of a folder is a picture; files that systems hide beside pictures are none. */
function isPicture({ name, type }) {
  const endings = document.querySelector("input[name=images]").accept.split(", ").filter(isOfPictures);
  const ending = name.slice(name.lastIndexOf(".")).toLowerCase();
  return !name.startsWith(".") && (type.startsWith("image/") || endings.includes(ending));
}

/** Of a document the pages are to be chosen, which nobody wants to do for each one of a folder. */
function isOfPictures(ending) {
  return ending !== ".pdf";
}

customElements.define("drop-overlay", DropOverlay);
