// The page towards the world outside: what it promises about the network, what it hands to other programs, and the page
// that embeds it.

import * as embed from "./embed.js";
import { addExport, engine } from "./page.js";
import { save } from "./view/save.js";
import * as about from "./view/about.js";
import * as privacy from "./view/privacy.js";
import * as record from "./view/record.js";
import * as selfTest from "./view/self-test.js";

export function start() {
  privacy.start();
  about.start();
  selfTest.start();
  record.start();
  addExport({
    label: "export.risk-assessment",
    run: async () => {
      const recorded = new Date().toISOString();
      save("risk-assessment.json", "application/fhir+json", await engine.request("riskAssessment", { recorded }));
    },
  });
  embed.start();
}
