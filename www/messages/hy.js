// What the page says, in Armenian: the same keys and places as in English.

/** @type {Record<string, string>} */
export default {};
