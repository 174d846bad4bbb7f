// What becomes of edited pictures that are not sent yet: undone, or redacted in earlier messages too.

import { notify } from "../elements/toast-list.js";
import { post } from "./http.js";
import { text } from "./strings.js";

/** Show the picture from which that of the tile with this button was made. */
export function undo(button) {
  const picker = button.closest("image-picker");
  const upload = picker.uploadOf(button);
  post(`/images/${upload.id}/remove/`);
  const { before } = upload;
  picker.edited(upload, before, before.before);
  upload.element.querySelector('[data-command="image.crop"]').focus();
}

/** Leave the pictures before redaction where earlier messages show them. */
export function keepEarlier(button) {
  decided(button, () => {});
}

/** Show the redacted pictures in those messages too. */
export async function replaceEarlier(button) {
  const uploads = button.closest("image-picker").undecided;
  const answers = await Promise.all(uploads.map(({ id }) => post(`/images/${id}/replace/`)));
  if (!answers.every(Boolean)) return notify(text("request-failed"));
  decided(button, (upload) => {
    upload.before = null;
  });
}

function decided(button, each) {
  const picker = button.closest("image-picker");
  for (const upload of picker.undecided) {
    upload.is_shown_unredacted = false;
    each(upload);
  }
  picker.decided();
  button.closest("form").querySelector("textarea").focus();
}
