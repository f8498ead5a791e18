import { explained } from "./explained.js";

explained().then(
  (found) => postMessage({ found }),
  (error) => postMessage({ why: error.message }),
);
