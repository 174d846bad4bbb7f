// Pictures of the screen and of the camera, as far as the browser gives them.

import { show } from "../lib/dialogs.js";

/** Let the person choose what is shown, and take one picture of it. Rejects with a DOMException where that is refused. */
export async function captureScreen(picker) {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
  const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true });
  try {
    await video.play();
    await add(picker, video, "Screen.png");
  } finally {
    stop(stream);
  }
}

/** Show what the camera sees, until a picture is taken. Rejects with a DOMException where that is refused. */
export async function openCamera(picker) {
  const stream = await cameraOf("environment");
  const dialog = await show("camera-dialog").catch((error) => {
    stop(stream);
    throw error;
  });
  dialog.begin(picker, stream);
}

function cameraOf(facingMode) {
  return navigator.mediaDevices.getUserMedia({
    video: { facingMode, width: { ideal: 4096 }, height: { ideal: 2160 } },
  });
}

class CameraDialog extends HTMLElement {
  #picker = null;
  #stream = null;
  #facing = "environment";

  connectedCallback() {
    this.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.#dialog.close();
      if (target.closest("[data-take]")) this.#take();
      if (target.closest("[data-other]")) this.#turn();
    });
    this.#dialog.addEventListener("close", () => this.#end());
  }

  async begin(picker, stream) {
    this.#end(); // one that is open already
    this.#picker = picker;
    this.#stream = stream;
    this.#video.srcObject = stream;
    await this.#video.play();
    this.querySelector("[data-take]").focus();
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter(({ kind }) => kind === "videoinput");
    this.querySelector("[data-other]").hidden = cameras.length < 2;
  }

  get #dialog() {
    return this.querySelector("dialog");
  }

  get #video() {
    return this.querySelector("video");
  }

  async #take() {
    await add(this.#picker, this.#video, "Photo.jpg", "image/jpeg");
    this.#dialog.close();
  }

  async #turn() {
    this.#facing = this.#facing === "user" ? "environment" : "user";
    const picker = this.#picker;
    this.#end(); // most phones give one camera at a time
    await this.begin(picker, await cameraOf(this.#facing));
  }

  /** The light of the camera goes out. */
  #end() {
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }
}

/** Add the frame that a video shows just now. */
async function add(picker, video, name, type = "image/png") {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  const data = await new Promise((resolve) => canvas.toBlob(resolve, type, 0.95));
  picker.add([new File([data], name, { type })], { source: "capture" });
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

customElements.define("camera-dialog", CameraDialog);
