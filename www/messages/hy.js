// What the page says, in Armenian: the same keys and places as in English.

import outside from "./hy/outside.js";

/** @type {Record<string, import("../messages.js").Message>} */
export default {
  ...outside,
};
