// Runs before the page's other modules have come, so that the engine starts while they load.

import { beginEarly } from "./starting.js";

const [first] = document.querySelector("meta[name=vitrine-network]")?.getAttribute("content")?.split(" ") ?? [];
if (first) beginEarly(first);
