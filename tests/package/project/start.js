// How a page starts the engine; for esbuild the test writes what the package's README says.

import init from "vitrine";

export const start = () => init();
