// Shows what to do at once when an answer calls for it, before the report is sent.
// <template data-advice-field="answer_…" data-advice-value="…"> holds the words; after sending
// the receipt says the same, so nothing depends on this script.

const templates = [...document.querySelectorAll("template[data-advice-field]")];
const form = document.querySelector("form.report-form");

function placeFor(name) {
  const field = [...form.elements].find((element) => element.name === name);
  const group = field?.closest("fieldset, .kern-form-input");
  if (!group) return null;
  // The region is there from the start: only what appears inside one that exists is read out.
  const region = document.createElement("div");
  region.className = "advice";
  region.setAttribute("role", "alert");
  group.after(region);
  return region;
}

function isChosen({ dataset }) {
  return [...form.elements].some(
    (element) => element.name === dataset.adviceField && element.value === dataset.adviceValue && element.checked,
  );
}

function show(regions) {
  for (const [name, region] of regions) {
    const wanted = templates.filter((template) => template.dataset.adviceField === name && isChosen(template));
    const key = wanted.map((template) => template.dataset.adviceValue).join(" ");
    if (region.dataset.shown === key) continue;
    region.dataset.shown = key;
    region.replaceChildren(...wanted.map((template) => template.content.cloneNode(true)));
  }
}

if (form && templates.length) {
  const names = new Set(templates.map((template) => template.dataset.adviceField));
  const regions = [...names].map((name) => [name, placeFor(name)]).filter(([, region]) => region);
  form.addEventListener("change", () => show(regions));
  show(regions);
}
