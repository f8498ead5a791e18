// What a page does with the element: sets its attributes, and hears its events.

const explainer = document.querySelector("vitrine-explainer");
const last = document.querySelector("#last");

document.addEventListener("vitrine-prediction", ({ detail }) => {
  last.textContent = `${detail.record}: ${detail.outcome} ${(100 * detail.probability).toFixed(1)}%`;
});
document.addEventListener("vitrine-error", ({ detail }) => (last.textContent = detail.message));
document
  .querySelector("#palette")
  .addEventListener("change", ({ target }) => explainer.setAttribute("palette", target.value));
