// What is shown, which words and pictures are of: the page's one view, and the element's own while it writes.

/** @import { View } from "./protocol.js" */

/** @type {View | undefined} */
let view;

/** What is shown, if anything is. */
export function shown() {
  return view;
}

/** @param {View | undefined} next */
export function setShown(next) {
  view = next;
}
