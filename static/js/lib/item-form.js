// The form of an item: its draft goes to the server while it is typed, its lease is renewed, and it is handed in.

import { draftKey, draftOf, fillForm, isSameDraft } from "./item-drafts.js";
import { beatOf, isLoss } from "./item-leases.js";
import { send, sendForm } from "./item-requests.js";
import { DRAFT_TEXTS, Keeper, saveAll } from "./keeper.js";
import { forgetLocal, forgetSaved, readLocal, writeLocal } from "./local-texts.js";
import { signInLink } from "./sign-in.js";
import { text } from "./strings.js";

const CLOSED = "review.item_closed";

export class ItemForm {
  #form;
  #host;
  #key;
  #number; // of the draft that the server has, as far as this page knows
  #newer = null; // a draft of another window, {draft, number}
  #isLost = false;
  #isGone = false; // handed in
  #isUnsent = false; // was to be handed in, without a connection
  #beat;
  #idle; // what is said where there is nothing to say
  #keeper = new Keeper({ send: (draft) => this.#sendDraft(draft), show: (word) => this.#showWord(word) });

  /** `host` is the element of the item. */
  constructor(form, host) {
    [this.#form, this.#host] = [form, host];
    this.#idle = form.querySelector("[data-draft-state]").textContent.trim();
    this.#key = draftKey(host.dataset.person, host.dataset.reviewItem);
    form.addEventListener("submit", (event) => this.#submitted(event));
    form.addEventListener("keydown", (event) => this.#keyPressed(event));
    form.addEventListener("change", ({ target }) =>
      this.#hideError(target.name.replace(/^reasons-(.*)\[\]$/, "answer-$1")),
    );
    this.#showReason(false);
    if (!this.#isLeased) return;
    this.#number = Number(form.dataset.number);
    form.addEventListener("input", ({ target }) => target.name !== "reason" && this.#changed());
    this.#restore();
    this.#beginToBeat();
  }

  /** Let go of the page. */
  stop() {
    clearInterval(this.#beat);
    document.removeEventListener("visibilitychange", this.#renewed);
  }

  /** The item was closed: `told` is what the server says. */
  close(told) {
    if (!this.#isLost && !this.#isGone) this.#lose(told);
  }

  get #isLeased() {
    return "lease" in this.#form.dataset;
  }

  get #lease() {
    const { assignment, lease: token } = this.#form.dataset;
    return { assignment: Number(assignment), token };
  }

  // drafts

  #changed() {
    const draft = draftOf(this.#form);
    writeLocal(this.#key, { draft, number: this.#number });
    this.#isUnsent = false;
    if (!this.#isLost && !this.#newer) this.#keeper.keep(draft);
  }

  /** What this browser has and the server has not is shown again; where another window was faster it is asked. */
  #restore() {
    const local = readLocal(this.#key);
    const saved = draftOf(this.#form);
    if (!local) return;
    if (isSameDraft(local.draft, saved)) {
      forgetLocal(this.#key);
      return;
    }
    fillForm(this.#form, local.draft);
    if (local.number < this.#number) this.#ask({ draft: saved, number: this.#number });
    else {
      this.#keeper.keep(local.draft);
      this.#say(text("draft-restored"));
    }
  }

  async #sendDraft(draft) {
    const number = this.#number + 1;
    const { word, status, data } = await send(this.#form.dataset.draftUrl, { ...this.#lease, number, draft });
    if (this.#isGone) return "handed-in";
    if (word === "refused") return isLoss(status) ? this.#lose(data) : this.#refuse(data);
    if (word !== "done") return word;
    if (data.newer && !isSameDraft(data.newer, draft))
      return this.#ask({ draft: data.newer, number: data.number });
    this.#number = data.number;
    const local = readLocal(this.#key);
    if (local && isSameDraft(local.draft, draft)) forgetSaved(this.#key);
    else if (local) writeLocal(this.#key, { ...local, number: this.#number });
    return "saved";
  }

  #showWord(word) {
    if (this.#isUnsent) this.#showUnsent(word);
    else if (word === "signed-out") this.#say(text(DRAFT_TEXTS[word]), this.#signIn());
    else if (DRAFT_TEXTS[word]) this.#say(text(DRAFT_TEXTS[word]));
  }

  /** That it was not sent stands there until there is a connection again. */
  #showUnsent(word) {
    if (word !== "saved") return;
    this.#isUnsent = false;
    this.#say(text("item-send-again"));
  }

  /** Two windows have different texts: neither is lost, and the person says which one stays. */
  #ask(newer) {
    this.#newer = newer;
    this.#say(
      text("draft-newer"),
      button(text("draft-use-newer"), () => this.#choose(newer.draft)),
      button(text("draft-keep-this"), () => this.#choose(draftOf(this.#form))),
    );
    return "newer";
  }

  #choose(draft) {
    this.#number = this.#newer.number;
    this.#newer = null;
    fillForm(this.#form, draft);
    this.#changed();
    this.#form.elements.note.focus();
  }

  // the lease

  #beginToBeat() {
    this.#beat = setInterval(this.#renewed, beatOf(this.#form.dataset.leaseSeconds));
    document.addEventListener("visibilitychange", this.#renewed);
  }

  #renewed = async () => {
    if (document.visibilityState !== "visible" || this.#isLost || this.#isGone) return;
    const { word, status, data } = await send(this.#form.dataset.leaseUrl, this.#lease);
    if (word === "refused" && isLoss(status) && !this.#isGone) this.#lose(data);
  };

  /** Nothing can be handed in from here any more; what was typed stays, to be read and copied. */
  #lose({ message, code }) {
    this.#isLost = true;
    this.stop();
    this.#keeper.drop();
    writeLocal(this.#key, { draft: draftOf(this.#form), number: this.#number });
    for (const button of this.#form.querySelectorAll("[data-save], [data-skip]")) button.disabled = true;
    this.#say("");
    const line = this.#host.querySelector("[data-lost]");
    line.hidden = false;
    const kept = code === CLOSED ? ` ${text("item-kept")}` : "";
    fill(line, `${message ?? text("item-lost")}${kept}`, ...this.#waysOn(code));
    return "lost";
  }

  #refuse({ message }) {
    this.#say(message ?? text("item-lost"), ...this.#waysOn());
    return "refused";
  }

  #waysOn(code) {
    const next = link(text("item-next"), this.#host.dataset.queueNext);
    if (code === CLOSED) return [next];
    return [next, button(text("item-open-again"), () => location.reload())];
  }

  #signIn() {
    return signInLink(this.#host.dataset.signIn);
  }

  // handing in

  async #submitted(event) {
    event.preventDefault();
    const isSkip = "skip" in (event.submitter?.dataset ?? {});
    if (isSkip && !this.#hasReason()) return;
    if (this.#isLost || this.#form.ariaBusy === "true") return;
    this.#form.ariaBusy = "true";
    try {
      await this.#handIn(isSkip ? event.submitter.formAction : this.#form.action);
    } finally {
      this.#form.ariaBusy = null;
    }
  }

  async #handIn(url) {
    this.#isUnsent = false;
    this.#say(text("item-sending"));
    const draft = draftOf(this.#form);
    if (this.#isLeased) {
      this.#keeper.drop();
      writeLocal(this.#key, { draft, number: this.#number });
    }
    await saveAll();
    const { word, data } = await sendForm(url, new FormData(this.#form));
    if (word === "done") {
      this.#isGone = true;
      this.stop();
      forgetLocal(this.#key);
      location.assign(data.url);
    } else if (data.errors) this.#showErrors(data.errors);
    else if (word === "refused") this.#lose(data);
    else if (word === "signed-out") this.#say(text(DRAFT_TEXTS[word]), this.#signIn());
    else this.#wait(data.message ?? text("item-not-sent"), draft);
  }

  /** It was not handed in. That the draft can be saved again tells when there is a connection. */
  #wait(words, draft) {
    this.#say(words);
    if (!this.#isLeased) return;
    this.#isUnsent = true;
    this.#keeper.keep(draft);
  }

  /** A reason is asked for by the first press, which is no error; with it, the second one skips. */
  #hasReason() {
    const field = this.#form.elements.reason;
    if (field.value.trim()) return true;
    const isAsked = !this.#form.querySelector("[data-skip-reason]").hidden;
    this.#form.querySelector('[data-error="reason"]').className = isAsked ? "field-error" : "quiet";
    this.#showReason(true);
    this.#showErrors({ reason: text("item-reason-needed") });
    return false;
  }

  #showReason(isShown) {
    const place = this.#form.querySelector("[data-skip-reason]");
    if (place) place.hidden = !isShown;
  }

  #showErrors(errors) {
    for (const place of this.#form.querySelectorAll("[data-error]")) {
      const words = errors[place.dataset.error] ?? "";
      place.textContent = words;
      place.hidden = !words;
    }
    this.#say(this.#idle);
    const [name] = Object.keys(errors);
    this.#fieldOf(name)?.focus();
  }

  /** The field that is to be filled; below a bad mark that is the first reason. */
  #fieldOf(name) {
    const field = this.#form.elements[name];
    if (!(field instanceof RadioNodeList)) return field;
    const reason = this.#form.elements[`${name.replace("answer-", "reasons-")}[]`];
    const first = reason instanceof RadioNodeList ? reason[0] : reason;
    return field.value && first?.checkVisibility() ? first : field[0];
  }

  /** In the field of the reason Enter skips: the form's first button would hand in a verdict. Escape does not. */
  #keyPressed(event) {
    if (event.target.name !== "reason" || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") {
      this.#showReason(false);
      this.#hideError("reason");
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.#form.requestSubmit(this.#form.querySelector("[data-skip]"));
  }

  #hideError(name) {
    const place = name && this.#form.querySelector(`[data-error="${CSS.escape(name)}"]`);
    if (place) place.hidden = true;
  }

  #say(words, ...waysOn) {
    fill(this.#form.querySelector("[data-draft-state]"), words, ...waysOn);
  }
}

function fill(line, words, ...waysOn) {
  line.replaceChildren(words, ...waysOn.flatMap((way) => [" ", way]));
}

function button(words, run) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: words });
  made.addEventListener("click", run);
  return made;
}

function link(words, href) {
  return Object.assign(document.createElement("a"), { href, textContent: words });
}
