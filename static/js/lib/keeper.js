// What is typed is sent to the server a moment later, and again until the server has it: the newest alone.

const PAUSE_MS = 700;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 20_000;
const RETRIED = new Set(["offline", "signed-out"]);

/** The keys of the sentences that say what becomes of it. */
export const DRAFT_TEXTS = {
  saving: "draft-saving",
  saved: "draft-saved",
  offline: "draft-offline",
  "signed-out": "draft-signed-out",
};

const unsaved = new Set();

/** Send all that is not saved yet. Returns whether everything is saved. */
export async function saveAll() {
  const saved = await Promise.all([...unsaved].map((keeper) => keeper.save()));
  return saved.every(Boolean);
}

addEventListener("online", saveAll);
document.addEventListener("visibilitychange", saveAll);

export class Keeper {
  #send;
  #show;
  #value;
  #isUnsent = false;
  #sending = null;
  #timer;
  #retry = FIRST_RETRY_MS;

  /**
   * `send(value)` returns a promise of "saved", of "offline" or "signed-out", after which it is tried again, or of another
   * word, after which it is not. `show(word)` is told each of them, and "saving".
   */
  constructor({ send, show }) {
    [this.#send, this.#show] = [send, show];
  }

  keep(value) {
    this.#value = value;
    this.#isUnsent = true;
    unsaved.add(this);
    this.#show("saving");
    this.#sendLater(PAUSE_MS);
  }

  /** Send it now. Returns a promise of whether it is saved. */
  async save() {
    clearTimeout(this.#timer);
    this.#sending ??= this.#deliver().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  /** Send nothing any more: it goes another way. */
  drop() {
    clearTimeout(this.#timer);
    this.#isUnsent = false;
    unsaved.delete(this);
  }

  #sendLater(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), pause);
  }

  async #deliver() {
    while (this.#isUnsent) {
      this.#isUnsent = false;
      const word = await this.#send(this.#value);
      if (RETRIED.has(word)) return this.#tryAgain(word);
      this.#retry = FIRST_RETRY_MS;
      if (word !== "saved") {
        unsaved.delete(this);
        this.#show(word);
        return false;
      }
    }
    unsaved.delete(this);
    this.#show("saved");
    return true;
  }

  #tryAgain(word) {
    this.#isUnsent = true;
    this.#show(word);
    this.#sendLater(this.#retry);
    this.#retry = Math.min(2 * this.#retry, LONGEST_RETRY_MS);
    return false;
  }
}
