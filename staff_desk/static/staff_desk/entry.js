// Entering a report by keyboard: place and kind by typing, similar cases as soon as both are there,
// questions of the kind, and nothing typed is lost.

import { Combobox } from "../design/js/combobox.js";
import { keepWhileTyping } from "./keep.js";

const form = document.querySelector("form[data-entry]");
const field = (name) => form.elements[name];
const words = JSON.parse(document.getElementById("arten").textContent);
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ß", "ss");

/* place */

const picker = form.querySelector("[data-placepicker]");
let chosenPlace = field("address").value;

async function findPlaces(said) {
  const url = new URL(form.dataset.placesUrl, document.baseURI);
  url.searchParams.set("q", said);
  try {
    const answer = await fetch(url);
    return answer.ok ? (await answer.json()).places.map((place) => ({ ...place, place })) : [];
  } catch {
    return []; // The map and the search on saving are still there.
  }
}

function choosePlace({ label, place }) {
  field("address").value = chosenPlace = label;
  if (place.lat === null) return; // A name only; the note beside it says to show it on the map.
  field("lat").value = String(place.lat);
  field("lon").value = String(place.lon);
  field("accuracy_m").value = place.accuracy === null ? "" : String(place.accuracy);
  field("place_chosen_by").value = place.by;
  picker.dispatchEvent(new Event("draft:restored"));
  if (place.asset) form.dispatchEvent(new CustomEvent("asset:named", { detail: place }));
  field("lat").dispatchEvent(new Event("change", { bubbles: true }));
  kind.focus();
}

// Other words for the place mean another place; what only adds to them does not.
field("address").addEventListener("input", () => {
  const byWords = ["address", "list"].includes(field("place_chosen_by").value);
  if (!byWords || !chosenPlace || field("address").value.startsWith(chosenPlace)) return;
  for (const name of ["lat", "lon", "accuracy_m", "place_chosen_by"]) field(name).value = "";
  picker.querySelector("[data-placepicker-readout]").hidden = true;
});

new Combobox(field("address"), document.getElementById("orte-liste"), {
  propose: findPlaces,
  choose: choosePlace,
  goOn: (input) => following(input)?.focus(),
  wait: 120,
});

/* kind: the list of choices becomes a field that understands synonyms */

const choices = field("category");
const kinds = [...choices.options]
  .filter((option) => option.value)
  .map((option) => ({
    label: option.text,
    note: option.parentElement.label ?? "",
    value: option.value,
    name: plain(option.text),
    also: plain(`${option.parentElement.label ?? ""} ${words[option.value]?.words ?? ""}`),
  }));

function findKinds(said) {
  const asked = plain(said).split(/\s+/);
  const rank = ({ name, also }) => {
    if (name.startsWith(asked[0])) return 0;
    if (asked.every((word) => name.includes(word))) return 1;
    if (asked.every((word) => ` ${name} ${also}`.includes(` ${word}`))) return 2;
    return asked.every((word) => `${name} ${also}`.includes(word)) ? 3 : 4;
  };
  return kinds
    .map((one) => ({ one, at: rank(one) }))
    .filter(({ at }) => at < 4)
    .sort((one, other) => one.at - other.at)
    .slice(0, 8)
    .map(({ one }) => one);
}

function typedKind() {
  const input = document.createElement("input");
  input.type = "text";
  input.id = "art-suche";
  input.autocomplete = "off";
  input.className = choices.className.replaceAll("select", "input");
  input.value = choices.value ? choices.selectedOptions[0].text : "";
  const described = choices.getAttribute("aria-describedby");
  if (described) input.setAttribute("aria-describedby", described);
  form.querySelector(`label[for="${choices.id}"]`).htmlFor = input.id;
  for (const link of document.querySelectorAll(`a[href="#${choices.id}"]`)) link.hash = input.id;
  choices.parentElement.before(input);
  choices.parentElement.hidden = true;
  input.addEventListener("change", () => {
    // Words that were never a proposal choose nothing.
    if (choices.value && input.value !== choices.selectedOptions[0].text) chooseKind("");
  });
  return input;
}

function chooseKind(code) {
  choices.value = code;
  showQuestions(code);
  choices.dispatchEvent(new Event("change", { bubbles: true }));
}

function showQuestions(code) {
  const template = document.querySelector(`template[data-questions-of="${CSS.escape(code)}"]`);
  form.querySelector("[data-questions]").replaceChildren(...(template ? [template.content.cloneNode(true)] : []));
}

const kind = typedKind();
new Combobox(kind, document.getElementById("arten-liste"), {
  propose: findKinds,
  goOn: (input) => following(input)?.focus(),
  choose: ({ label, value }) => {
    kind.value = label;
    chooseKind(value);
    (form.querySelector("[data-questions] :is(input, textarea, select)") ?? field("description")).focus();
  },
});

form.addEventListener("kind:suggested", ({ detail }) => {
  kind.value = detail.name;
  chooseKind(detail.code);
});

/* similar cases and who hears of a danger */

const similar = form.querySelector("[data-similar]");
let request;

async function loadHints() {
  const url = new URL(form.dataset.hintsUrl, document.baseURI);
  for (const name of ["lat", "lon", "category"]) url.searchParams.set(name, field(name).value);
  request?.abort();
  request = new AbortController();
  try {
    const answer = await fetch(url, { signal: request.signal });
    if (answer.ok) showHints(await answer.json());
  } catch {
    // Only a convenience: the report can be saved without it.
  }
}

function showHints({ similar: cases, duty }) {
  const template = form.querySelector("[data-similar-item]");
  form.querySelector("[data-similar-list]").replaceChildren(...cases.map((one) => similarItem(template, one)));
  similar.hidden = cases.length === 0 || Boolean(field("attach_to").value);
  const texts = form.dataset;
  const many = cases.length === 1 ? texts.textSimilarOne : texts.textSimilarMany.replace("{count}", cases.length);
  const asked = field("lat").value && choices.value;
  const said = cases.length ? many : texts.textSimilarNone;
  form.querySelector("[data-similar-status]").textContent = asked ? said : "";
  form.querySelector("[data-duty-text]").textContent = duty;
  showDanger();
}

function similarItem(template, one) {
  const copy = template.content.firstElementChild.cloneNode(true);
  const slot = (name) => copy.querySelector(`[data-slot="${name}"]`);
  for (const name of ["category", "status", "distance", "age", "excerpt"]) slot(name).textContent = one[name];
  slot("address").textContent = one.address ? `· ${one.address}` : "";
  slot("link").textContent = one.number;
  if (one.url) slot("link").href = one.url;
  const button = copy.querySelector("[data-attach]");
  button.setAttribute("aria-label", `${button.textContent.trim()}: ${one.number}`);
  button.addEventListener("click", () => attach(one.number));
  copy.classList.toggle("is-same", one.same);
  return copy;
}

function showDanger() {
  const isDanger = field("marked_danger").checked || Boolean(words[choices.value]?.danger);
  form.querySelector("[data-duty]").hidden = !isDanger;
}

let timer;
form.addEventListener("change", (event) => {
  if (event.target === field("marked_danger")) showDanger();
  if (![field("lat"), field("lon"), choices].includes(event.target)) return;
  clearTimeout(timer);
  timer = setTimeout(loadHints, 100);
});
if (field("lat").value || choices.value) loadHints();

/* a caller joins a case that is there: only the contact and the words matter then */

const attached = form.querySelector("[data-attached]");
const verb = form.querySelector("[data-entry-verb]");
const saving = verb.textContent;

function attach(number) {
  field("attach_to").value = number;
  attached.hidden = !number;
  attached.querySelector("[data-attached-number]").textContent = number;
  similar.hidden = Boolean(number) || !similar.querySelector("li");
  verb.textContent = number ? form.querySelector("[data-entry-submit]").dataset.textAttach : saving;
  form.querySelector("[data-questions]").hidden = Boolean(number);
  if (number) field("name").focus();
}

attached.querySelector("[data-detach]").addEventListener("click", () => {
  attach("");
  field("description").focus();
});
if (field("attach_to").value) attach(field("attach_to").value);

/* contact: an address that is named is meant to be used */

field("email").addEventListener("change", () => {
  if (field("email").value && field("answer_by").value === "none") field("answer_by").value = "email";
});

/* keys */

function following(from) {
  const all = [...form.querySelectorAll("input, textarea, select, button")].filter(
    (one) => one.type !== "hidden" && !one.disabled && one.offsetParent !== null,
  );
  const group = (one) => (one.type === "radio" ? one.name : one);
  return all.slice(all.indexOf(from) + 1).find((one) => group(one) !== group(from));
}

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-entry-submit]"));
  } else if (event.target.matches("input")) {
    // A caller is still talking: Enter goes on and never sends.
    event.preventDefault();
    following(event.target)?.focus();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "F2" || similar.hidden) return;
  event.preventDefault();
  similar.querySelector("button").focus();
});

keepWhileTyping(form);
