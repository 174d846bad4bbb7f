// How the pictures of items are shown, where a person chooses it: at once, and kept for the next page.

import { sendForm } from "./item-requests.js";

/** Show pictures as was chosen, if the change was made there, and keep the choice. Returns whether it was. */
export function choosePictures(field, thread, url) {
  if (!("picturesChoice" in field.dataset)) return false;
  thread.dataset.pictures = field.value;
  sendForm(url, { pictures: field.value });
  return true;
}
