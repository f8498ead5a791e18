// A menu that folds out: Escape folds it up again, and so does whatever happens elsewhere.

import { find } from "./dom.js";

/** @param {HTMLDetailsElement} menu */
export function watch(menu) {
  const heading = find("summary", HTMLElement, menu);
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      menu.open = false;
      heading.focus();
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) step(event, menu, by);
  });
  for (const type of ["pointerdown", "focusin"]) {
    addEventListener(type, ({ target }) => {
      if (menu.open && target instanceof Node && !menu.contains(target)) menu.open = false;
    });
  }
}

/**
 * The arrow keys go through the entries, from the heading on.
 * @param {KeyboardEvent} event
 * @param {HTMLDetailsElement} menu
 * @param {number} by
 */
function step(event, menu, by) {
  event.preventDefault();
  menu.open = true;
  const all = [...menu.querySelectorAll("button")];
  const here = all.findIndex((entry) => entry === document.activeElement);
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : (here + by + all.length) % all.length;
  all[next]?.focus();
}
