// "Add from a web address": the server fetches it, and says how far it is.

import { announce } from "../lib/announce.js";
import { show } from "../lib/dialogs.js";
import { answer, csrfHeaders, FORBIDDEN, renewToken } from "../lib/http.js";
import { text } from "../lib/strings.js";

const MEGABYTE = 1e6;

class AddressDialog extends HTMLElement {
  #picker = null;
  #life = null; // of the fetch that runs

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#submitted(event));
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.#dialog.close();
      if (target.closest("[data-cancel]")) this.#cancel();
    });
    this.#dialog.addEventListener("close", () => this.#cancel());
  }

  begin(picker) {
    this.#picker = picker;
    this.#field.value = "";
    this.#end("");
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #field() {
    return this.querySelector("input");
  }

  async #submitted(event) {
    event.preventDefault();
    if (this.#life) return;
    if (!this.#picker.room) return this.#end(text("no-room"));
    const life = new AbortController();
    this.#life = life;
    this.#say({ received: 0 });
    this.#toggle(true);
    const last = await this.#fetched(life.signal);
    if (this.#life !== life) return; // given up meanwhile
    this.#end(last.error?.message ?? "");
    if (last.image) this.#take(last.image);
    if (last.document) this.#choosePages(last.document);
  }

  /** The last line of the answer. */
  async #fetched(signal) {
    const failed = { error: { message: text("request-failed") } };
    try {
      const response = await this.#ask(signal);
      const type = response?.headers.get("Content-Type") ?? "";
      if (type === "application/json") return { error: await response.json() };
      if (!type.startsWith("application/x-ndjson")) return failed;
      let last = failed;
      for await (const line of linesOf(response.body)) {
        last = JSON.parse(line);
        if ("received" in last) this.#say(last);
      }
      return "received" in last ? failed : last;
    } catch {
      return failed;
    }
  }

  async #ask(signal) {
    const body = new URLSearchParams({ address: this.#field.value });
    const send = () =>
      answer("/images/from-address/", { method: "POST", headers: csrfHeaders(), body, signal });
    const response = await send();
    return response?.status === FORBIDDEN && (await renewToken()) ? send() : response;
  }

  #say({ received, total }) {
    const megabytes = (bytes) => Math.round((bytes / MEGABYTE) * 10) / 10;
    const values = { received: megabytes(received), total: megabytes(total) };
    const bar = this.querySelector("progress");
    if (total) bar.value = (100 * received) / total;
    else bar.removeAttribute("value");
    const key = received ? (total ? "fetched-of" : "fetched") : "fetching";
    this.querySelector("[data-progress]").textContent = text(key, values);
  }

  #take(image) {
    this.#dialog.close();
    this.#picker.restore([image]);
    announce(text("upload-ready", { name: image.name }));
  }

  #choosePages(known) {
    this.#dialog.close();
    this.#picker.choosePages([{ known }]);
  }

  #cancel() {
    const life = this.#life;
    this.#end("");
    life?.abort();
  }

  /** Show the field again, with what went wrong. */
  #end(problem) {
    this.#life = null;
    this.#toggle(false);
    this.querySelector("[data-problem]").textContent = problem;
    this.#field.ariaInvalid = `${problem !== ""}`;
    if (this.#dialog.open) this.#field.focus();
  }

  #toggle(isFetching) {
    this.#field.readOnly = isFetching;
    this.#field.ariaInvalid = "false";
    this.querySelector("[data-fetching]").hidden = !isFetching;
    this.querySelector("[type=submit]").hidden = isFetching;
    this.querySelector("[data-cancel]").hidden = !isFetching;
    if (isFetching) this.querySelector("[data-problem]").textContent = "";
    if (isFetching) this.querySelector("[data-cancel]").focus();
  }
}

async function* linesOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}

/** Open the dialog, for pictures of this picker. */
export async function open(picker) {
  (await show("address-dialog")).begin(picker);
}

customElements.define("address-dialog", AddressDialog);
