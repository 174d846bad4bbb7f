// What a person chose about the pictures of a question, as the commands of the socket carry it: docs/protocol.md.

/** The field of a command, to be spread into it: nothing where all is as usual. */
export function choicesField({ images, choices = {} }) {
  const attachments = images
    .filter(({ choice = {} }) => Object.keys(choice).length)
    .map(({ id, choice }) => ({ image_id: id, ...choice }));
  const chosen = { ...choices, ...(attachments.length ? { attachments } : {}) };
  return Object.keys(chosen).length ? { choices: chosen } : {};
}
