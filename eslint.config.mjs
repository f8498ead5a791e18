// One set of rules for all JavaScript here; how it is laid out is Prettier's.

import js from "@eslint/js";
import globals from "globals";

export default [
  // What is generated, fetched or built.
  { ignores: ["node_modules/", "target/", "pkg/", "examples/smart/vendor/", "www/vendor/*.js"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-useless-rename": "error",
      "no-unneeded-ternary": "error",
      "prefer-template": "error",
    },
  },
  {
    files: [
      "www/**",
      "examples/**",
      "tools/single/*.js",
      "tools/site/offline.js",
      "tests/node/embed/**",
      "tests/package/**",
    ],
    languageOptions: { globals: { ...globals.browser } },
  },
  { files: ["www/worker.js", "www/worker/**"], languageOptions: { globals: { ...globals.worker } } },
  { files: ["tools/site/sw.js"], languageOptions: { globals: { ...globals.serviceworker } } },
  {
    files: ["tools/**/*.mjs", "tools/pkg/*.js", "tests/**", "benches/**", "*.mjs", "examples/**/*.mjs"],
    languageOptions: { globals: { ...globals.node } },
  },
  // What puppeteer runs in the page stands between what Node runs.
  {
    files: ["tests/browser/**", "tests/webkit/**", "tools/lighthouse.mjs", "tools/screenshots.mjs", "benches/**"],
    languageOptions: { globals: { ...globals.browser, gc: "readonly", vitrineGuard: "readonly" } },
  },
];
