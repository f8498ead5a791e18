// A portal's page: it has the patients, the explainer has the network. The stays are the demo stays of this repository.

import { Explainer } from "../host.js";

const STAYS = "../../www/stays/";
/**
 * What `make single` writes; in a real portal, wherever you put it. Never take it from the address: whoever writes a link to the
 * portal would choose who gets the patient.
 */
const EXPLAINER = "../../target/vitrine.html";

const rows = document.querySelector("#patients");
const reasons = document.querySelector("#reasons");
const alert = document.querySelector("#error");
const resource = document.querySelector("#resource");
const hypothetical = document.querySelector("#hypothetical");
const [assessment, theme] = document.querySelectorAll("#assessment, #theme");

start().catch(fail);

async function start() {
  const stays = await (await fetch(`${STAYS}index.json`)).json();
  const explainer = await Explainer.connect(document.querySelector("#explainer"), EXPLAINER, { embed: "stay" });
  explainer.addEventListener("vitrine.prediction", ({ detail }) => show(detail.prediction));
  explainer.addEventListener("vitrine.withheld", ({ detail }) => (hypothetical.textContent = detail.reason));
  for (const stay of stays) rows.append(row(stay, explainer));
  assessment.addEventListener("click", () => ask(explainer).catch(fail));
  theme.addEventListener("click", () => explainer.request("vitrine.theme.set", { theme: "dark" }).catch(fail));
  for (const button of [assessment, theme]) button.disabled = false;
  document.body.dataset.state = "ready";
}

function row({ file, name }, explainer) {
  const line = document.createElement("tr");
  line.dataset.file = file;
  const open = document.createElement("button");
  open.type = "button";
  open.textContent = name;
  open.addEventListener("click", async () => {
    alert.textContent = "";
    try {
      const text = await (await fetch(STAYS + file)).text();
      const { prediction } = await explainer.request("vitrine.stay.load", { name: file, text });
      show(prediction);
    } catch (error) {
      fail(error);
    }
  });
  line.append(cell(open), cell("–"));
  return line;
}

function cell(content) {
  const element = document.createElement("td");
  element.append(content);
  return element;
}

/** The explainer's numbers, as it gave them. What the reader tries out is no risk of the patient's. */
function show({ stay, probability, raising, lowering, raisingTogether, loweringTogether, isOfRecord, state }) {
  document.body.dataset.record = String(isOfRecord);
  hypothetical.textContent = isOfRecord
    ? ""
    : `Tried out in the pane, not of the record: ${state.knownHours === null ? "" : `first ${state.knownHours} h known, `}values changed: ${state.edits}.`;
  if (!isOfRecord) return;
  const percent = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  for (const line of rows.children) {
    const isShown = line.dataset.file === stay.name;
    line.toggleAttribute("aria-current", isShown);
    if (isShown) line.lastElementChild.textContent = percent.format(probability);
  }
  const names = (alone, together) =>
    together ? `${together.channels.join(", ")} together` : alone.map(({ channel }) => channel).join(", ") || "nothing";
  reasons.textContent = `Raised by ${names(raising, raisingTogether)}. Lowered by ${names(lowering, loweringTogether)}.`;
  document.body.dataset.shown = stay.name;
}

async function ask(explainer) {
  const recorded = new Date().toISOString();
  const { content } = await explainer.request("vitrine.export", { kind: "risk-assessment", recorded });
  resource.textContent = content;
  resource.hidden = false;
}

function fail(error) {
  alert.textContent = error.message;
}
