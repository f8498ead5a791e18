// Reads the patient's observations page by page, and hands them to the sandboxed explainer by message. Two pages, two
// policies: this one has the network and the token, the other has the network's numbers and nothing else.

/* global FHIR */
import { Explainer } from "../host.js";

/** Never taken from the address: whoever writes a link to this page would choose who gets the patient. */
const EXPLAINER = "../../target/vitrine.html";
/** What the demo network reads: the coma scale is charted as a survey or as an examination. */
const CATEGORIES = "vital-signs,laboratory,survey,exam";
const status = document.querySelector("#status");

start().catch((error) => {
  document.querySelector("#error").textContent = error.message;
  document.body.dataset.state = "error";
});

async function start() {
  const client = await FHIR.oauth2.ready();
  const explainer = await Explainer.connect(document.querySelector("#explainer"), EXPLAINER);
  const bundle = await observations(client);
  // The token has done its work: nothing that is opened here later finds it.
  sessionStorage.clear();
  const { prediction } = await explainer.request("vitrine.stay.load", {
    name: "FHIR record",
    resource: bundle,
    options: { format: "fhir", patient: client.patient.id },
  });
  const { probability, raising, lowering, raisingTogether, loweringTogether, stay } = prediction;
  const names = (alone, together) =>
    together ? `${together.channels.join(", ")} together` : alone.map(({ channel }) => channel).join(", ") || "nothing";
  status.textContent = `${stay.rowsRead} of ${stay.rows} observations used. Risk ${(100 * probability).toFixed(1)}%`;
  document.querySelector("#reasons").textContent =
    `Raised by ${names(raising, raisingTogether)}. Lowered by ${names(lowering, loweringTogether)}.`;
  document.body.dataset.state = "ready";
}

/** All pages of the search, as one Bundle. */
async function observations(client) {
  const entry = [];
  let pages = 0;
  await client.request(`Observation?patient=${client.patient.id}&category=${CATEGORIES}&_count=100`, {
    pageLimit: 0,
    onPage: (bundle) => {
      entry.push(...(bundle.entry ?? []));
      status.textContent = `${++pages} pages, ${entry.length} observations`;
    },
  });
  return { resourceType: "Bundle", type: "collection", entry };
}
