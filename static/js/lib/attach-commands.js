// The ways in which pictures come into the message that is being written: in the menu "Add", and in the palette.

import { register } from "./commands.js";
import { fetchDialogs } from "./dialogs.js";
import { text } from "./strings.js";

const find = (selector) => document.querySelector(selector);
const isTouch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;

/** The commands of the menu. They stand in the palette too, which has none of other menus. */
export const waysIn = [
  {
    id: "images.attach",
    label: "attach",
    icon: "picture",
    run: () => formInUse().querySelector("input[type=file][multiple]").click(),
  },
  {
    id: "images.attach-pdf",
    label: "attach-pdf",
    icon: "page",
    run: () => chooseFiles({ accept: ".pdf, application/pdf", multiple: true }),
  },
  {
    id: "images.fetch",
    label: "attach-address",
    icon: "link",
    isPossible: () => "fetches" in find("attach-menu").dataset,
    run: async () => {
      const picker = pickerInUse();
      (await import("../elements/address-dialog.js")).open(picker);
    },
  },
  {
    id: "images.capture-screen",
    label: "attach-screen",
    icon: "system",
    isPossible: () => Boolean(navigator.mediaDevices?.getDisplayMedia),
    run: () => capture("screen"),
  },
  {
    id: "images.capture-camera",
    label: "attach-camera",
    icon: "camera",
    isPossible: () => Boolean(navigator.mediaDevices?.getUserMedia) || isTouch(),
    run: () =>
      isTouch() ? chooseFiles({ accept: "image/*", capture: "environment" }, "capture") : capture("camera"),
  },
];

register(...waysIn);

/** The form that pictures are for: that of the button that opened the menu, else that of the focus. */
function formInUse() {
  return find("attach-menu").takeForm?.() ?? customElements.get("image-picker").inUse.closest("form");
}

function pickerInUse() {
  return formInUse().querySelector("image-picker");
}

/** Let files be chosen by an input that lives as long as that takes. */
function chooseFiles(options, source) {
  const picker = pickerInUse();
  const input = Object.assign(document.createElement("input"), { type: "file", ...options });
  input.addEventListener("change", () => picker.add([...input.files], source ? { source } : undefined));
  input.click();
}

/** The sentences about what getUserMedia rejects with. */
const CAMERA_TROUBLES = { NotAllowedError: "camera-refused", NotFoundError: "camera-missing" };

async function capture(what) {
  const picker = pickerInUse();
  const capturing = await import("../elements/capture.js");
  try {
    await (what === "screen" ? capturing.captureScreen(picker) : capturing.openCamera(picker));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    await fetchDialogs(); // with the sentence
    const trouble = (what === "camera" && CAMERA_TROUBLES[error.name]) || "capture-refused";
    find("chat-composer").say(text(trouble), "wrong");
  }
}
