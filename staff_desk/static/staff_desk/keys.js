// One key, one decision: [data-key="f"] is clicked when F is pressed outside of fields; of the
// marked row of a list, else the first on the page.
// Can be switched off with the other shortcuts of the desk (WCAG 2.1.4).

const SWITCH_KEY = "desk:shortcuts";

function areOn() {
  try {
    return localStorage.getItem(SWITCH_KEY) !== "off";
  } catch {
    return true;
  }
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable], dialog[open]");
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing || !areOn()) return;
  const wanted = `[data-key="${CSS.escape(event.key.toLowerCase())}"]`;
  const target = document.querySelector(`[data-row].is-current ${wanted}`) ?? document.querySelector(wanted);
  if (!target) return;
  event.preventDefault();
  target.click();
});
