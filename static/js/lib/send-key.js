// Which key sends what is written.

/** Whether what appears at a focus is a keyboard on the screen. */
export const typesByTouch = matchMedia("(hover: none) and (pointer: coarse)");

/** Whether this keydown in a text means to send it. */
export function isSendKey(event) {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return false; // 229: Safari, composing
  return !event.shiftKey && !event.altKey && (!typesByTouch.matches || event.ctrlKey || event.metaKey);
}
