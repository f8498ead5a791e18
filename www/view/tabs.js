// Tabs by the keyboard: arrows, Home and End move among them.

/** @param {HTMLElement} tablist */
export function watch(tablist) {
  tablist.addEventListener("keydown", (event) => {
    const all = /** @type {HTMLElement[]} */ ([...tablist.querySelectorAll("[role=tab]:not([hidden])")]);
    const here = all.findIndex((tab) => tab === document.activeElement);
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: here - 1 + all.length, ArrowRight: here + 1, Home: 0, End: all.length - 1 };
    const next = moves[event.key];
    if (here < 0 || next === undefined) return;
    event.preventDefault();
    const tab = all[next % all.length];
    tab?.click();
    tab?.focus();
  });
}
