// Kinds of report that fit what a caller says, as buttons below the description.

const PAUSE_MS = 600;
const SHORTEST = 8;

const form = document.querySelector("form[data-entry]");
const line = form.querySelector("[data-suggestions]");
const list = line.querySelector("[data-suggestions-list]");
const text = form.elements.description;
let timer;
let request;

function button({ code, name, group, percent, sure }) {
  const one = document.createElement("button");
  one.type = "button";
  one.className = "kern-btn kern-btn--secondary kern-btn--x-small";
  one.dataset.code = code;
  const label = document.createElement("span");
  label.className = "kern-label";
  label.textContent = percent === null ? name : `${name} ${percent} %`;
  one.append(label);
  one.title = [group, sure ? line.dataset.textSure : ""].filter(Boolean).join(" · ");
  one.addEventListener("click", () => {
    form.dispatchEvent(new CustomEvent("kind:suggested", { detail: { code, name } }));
  });
  return one;
}

function show(suggestions) {
  list.replaceChildren(...suggestions.map(button));
  line.hidden = suggestions.length === 0;
}

async function look() {
  const said = text.value.trim();
  if (said.length < SHORTEST) {
    show([]);
    return;
  }
  request?.abort();
  request = new AbortController();
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.append("description", said);
  try {
    const answer = await fetch(line.dataset.url, { method: "POST", body, signal: request.signal });
    if (answer.ok) show((await answer.json()).suggestions);
  } catch {
    // Only a convenience: the list of kinds is there.
  }
}

text.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE_MS);
});
if (text.value) look();
