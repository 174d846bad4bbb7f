// Pictures dragged in from elsewhere: the whole page takes them, and says so.

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

  show({ dataTransfer }) {
    if (dataTransfer.types.includes("Files")) this.hidden = false;
  }

  // from one element to the next there is something related; out of the window there is nothing
  #left({ relatedTarget }) {
    if (!relatedTarget) this.hidden = true;
  }

  #dropped({ dataTransfer }) {
    this.hidden = true;
    document.querySelector("image-picker").add([...dataTransfer.files]);
  }
}

customElements.define("drop-overlay", DropOverlay);
