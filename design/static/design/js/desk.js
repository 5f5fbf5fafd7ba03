// The desk by keyboard, its dialogs, text modules, and the warning before typed text is lost.
//
//   [data-rows] [data-row]        j, k move the mark; o opens [data-row-link]; t submits [data-row-take]
//   [data-shortcut-submit="t"]    a form submitted by a key; [data-shortcut="/"] focused or clicked by one
//   [data-open-dialog="id"], [data-close-dialog], dialog[data-open-now]
//   [data-text-modules] data-target="id of the text area"
//   form[data-unsaved-warning]
//   form[data-clear-drafts]       logging out forgets what was typed in this tab

import "./form-guard.js";

const SWITCH_KEY = "desk:shortcuts";

function shortcutsAreOn() {
  try {
    return localStorage.getItem(SWITCH_KEY) !== "off";
  } catch {
    return true;
  }
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable], dialog[open]") !== null;
}

/* rows */

const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
const currentRow = () => document.querySelector("[data-row].is-current");

function moveMark(step) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.indexOf(currentRow());
  const next = at === -1 ? (step > 0 ? 0 : all.length - 1) : at + step;
  const row = all[Math.min(Math.max(next, 0), all.length - 1)];
  currentRow()?.classList.remove("is-current");
  row.classList.add("is-current");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector("[data-row-link]")?.focus({ preventScroll: true });
}

function take() {
  const form = currentRow()?.querySelector("form[data-row-take]") ?? document.querySelector('[data-shortcut-submit="t"]');
  form?.requestSubmit();
}

function follow(key) {
  const element = document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
  if (!element) return false;
  if (element.matches("input, textarea")) {
    element.focus();
    element.select();
  } else element.click();
  return true;
}

const KEYS = {
  j: () => moveMark(1),
  k: () => moveMark(-1),
  o: () => currentRow()?.querySelector("[data-row-link]")?.click(),
  t: take,
  "?": () => openDialog("tastatur"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !shortcutsAreOn()) return;
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  } else if (["/", "a"].includes(event.key) && follow(event.key)) event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || row === currentRow()) return;
  currentRow()?.classList.remove("is-current");
  row.classList.add("is-current");
});

/* answering: the link leads to the section, the cursor belongs into its field */

document.querySelector('a[data-shortcut="a"]')?.addEventListener("click", (event) => {
  const field = document.querySelector(`${event.currentTarget.hash} textarea`);
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});

/* dialogs */

function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return Boolean(dialog);
  dialog.showModal();
  return true;
}

for (const opener of document.querySelectorAll("[data-open-dialog]")) {
  opener.hidden = false;
  opener.addEventListener("click", (event) => {
    if (openDialog(opener.dataset.openDialog)) event.preventDefault();
  });
}
for (const closer of document.querySelectorAll("[data-close-dialog]")) {
  closer.addEventListener("click", () => closer.closest("dialog").close());
}
for (const dialog of document.querySelectorAll("dialog[data-open-now]")) dialog.showModal();

const box = document.querySelector("[data-shortcuts-switch]");
if (box) {
  box.checked = shortcutsAreOn();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(SWITCH_KEY, box.checked ? "on" : "off");
    } catch {
      // Then it holds for this page only.
    }
  });
}

/* a menu closes when the focus leaves it or Escape is pressed */

for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

/* text modules */

for (const root of document.querySelectorAll("[data-text-modules]")) {
  const area = document.getElementById(root.dataset.target);
  const choice = root.querySelector("[data-text-module-choice]");
  if (!area) continue;
  root.hidden = false;
  root.querySelector("[data-text-module-insert]").addEventListener("click", () => {
    if (!choice.value) return;
    area.setRangeText(choice.value, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  });
  const copy = root.querySelector("[data-text-module-copy]");
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", async () => {
    if (!choice.value) return;
    await navigator.clipboard.writeText(choice.value);
    const label = copy.querySelector(".kern-label");
    const before = label.textContent;
    label.textContent = copy.dataset.textCopied;
    setTimeout(() => (label.textContent = before), 2500);
  });
}

/* unsaved text */

for (const form of document.querySelectorAll("form[data-unsaved-warning]")) {
  let changed = false;
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  globalThis.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}

/* who leaves takes the drafts of this tab along */

for (const form of document.querySelectorAll("form[data-clear-drafts]")) {
  form.addEventListener("submit", () => sessionStorage.clear());
}
