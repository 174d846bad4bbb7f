// Pictures dragged in from elsewhere: the whole page takes them, and says so.

export class DropOverlay {
  #overlay;

  /** `attach(files)` takes what is dropped. */
  constructor(overlay, attach) {
    this.#overlay = overlay;
    document.addEventListener("dragenter", (event) => this.show(event));
    document.addEventListener("dragover", (event) => this.show(event));
    document.addEventListener("dragleave", (event) => {
      // from one element to the next there is something related; out of the window there is nothing
      if (!event.relatedTarget) overlay.hidden = true;
    });
    document.addEventListener("drop", (event) => {
      overlay.hidden = true;
      attach([...event.dataTransfer.files]);
    });
  }

  show(event) {
    if (bringsFiles(event)) this.#overlay.hidden = false;
  }
}

function bringsFiles(event) {
  return event.dataTransfer.types.includes("Files");
}
