// The engine's program, asked for as soon as the worker runs.

import init from "../../pkg/vitrine.js";

export const program = init();
