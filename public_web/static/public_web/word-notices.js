// While somebody types: whom to call for a danger, where to turn for what is not offered here.
// The lists come from the server once; the text stays on the device until it is sent. The server
// looks through what is sent by the same lists, so nothing depends on this script.

const place = document.querySelector("[data-word-notices]");
const template = document.querySelector("template[data-word-notice]");
const text = document.querySelector("form.report-form textarea[name=description]");
const LETTERS = { ß: "ss", ı: "i", ł: "l", ø: "o", đ: "d", æ: "a", œ: "o", ى: "ي", ة: "ه", ک: "ك", ی: "ي", "\u0640": "" };
const PAUSE_MS = 400;

/** As routing.word_matching.fold. */
function fold(words) {
  const plain = words.normalize("NFKD").toLowerCase().normalize("NFKD").replaceAll(/[\p{M}\p{Cf}]/gu, "");
  const letters = [...plain].map((letter) => LETTERS[letter] ?? letter).join("");
  return letters.replaceAll(/(?<![aeq])([aou])e/g, "$1");
}

function haystack(words) {
  const folded = fold(words);
  const joined = folded.replaceAll(/(?<=[\p{L}\p{N}])[-\u2010\u2011](?:\s*\n\s*)?(?=[\p{L}\p{N}])/gu, "");
  const apart = (each) => each.replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim();
  return ` ${apart(folded)} \u001F ${apart(joined)} `;
}

function pattern(alternatives) {
  return alternatives ? new RegExp(`(?<= )(?:${alternatives})`, "gu") : null;
}

async function load() {
  const answer = await fetch(place.dataset.wordsUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) return [];
  const { topics } = await answer.json();
  return topics.map((topic) => ({
    ...topic,
    strong: pattern(topic.strong),
    weak: pattern(topic.weak),
    harmless: pattern(topic.harmless),
  }));
}

function found(topics, words) {
  const all = haystack(words);
  return topics
    .map((topic) => {
      const rest = topic.harmless ? all.replaceAll(topic.harmless, "") : all;
      const isStrong = Boolean(topic.strong && rest.search(topic.strong) >= 0);
      return { topic, isStrong, isWeak: !isStrong && Boolean(topic.weak && rest.search(topic.weak) >= 0) };
    })
    .filter(({ isStrong, isWeak }) => isStrong || isWeak)
    .sort((one, other) => Number(other.isStrong) - Number(one.isStrong));
}

function link({ label, shown, dialled }) {
  const call = document.createElement("a");
  call.href = `tel:${dialled}`;
  call.className = "kern-btn kern-btn--secondary";
  const words = document.createElement("span");
  words.className = "kern-label";
  words.textContent = `${label ? `${label}: ` : ""}${place.dataset.textCall.replace("{number}", shown)}`;
  call.append(words);
  return call;
}

function askedOf(isDanger) {
  return isDanger
    ? { value: "called_emergency", words: place.dataset.textCalled }
    : { value: "send_anyway", words: place.dataset.textAnyway };
}

function notice({ topic, isStrong }, isFirstOfKind) {
  const isDanger = topic.kind === "danger";
  const tone = isDanger && isStrong ? "danger" : isDanger ? "info" : "warning";
  const shown = template.content.cloneNode(true);
  shown.querySelector(".kern-alert").classList.add(`kern-alert--${tone}`);
  shown.querySelector(".kern-icon").classList.add(`kern-icon--${tone}`);
  shown.querySelector("[data-notice-text]").textContent = topic.text;
  shown.querySelector("[data-notice-numbers]").append(...topic.numbers.map(link));
  const contact = shown.querySelector("[data-notice-contact]");
  if (topic.contact && !topic.numbers.length) {
    contact.hidden = false;
    contact.textContent = topic.contact;
  }
  const ask = shown.querySelector("[data-notice-ask]");
  if (isStrong && isFirstOfKind) {
    const { value, words } = askedOf(isDanger);
    const box = ask.querySelector("input");
    box.value = value;
    box.id = `bestaetigt-${topic.code}`;
    ask.querySelector("label").htmlFor = box.id;
    ask.querySelector("label").textContent = words;
    ask.hidden = false;
  } else ask.remove();
  return shown;
}

function show(hits) {
  // A hint beside a real warning is noise; of the hints one is enough.
  const strong = hits.filter(({ isStrong }) => isStrong);
  const wanted = strong.length ? strong : hits.slice(0, 1);
  const key = wanted.map(({ topic, isStrong }) => `${topic.code}${isStrong}`).join(" ");
  if (place.dataset.shown === key) return;
  const ticked = new Set([...place.querySelectorAll("input:checked")].map((box) => box.value));
  const kinds = new Set();
  const notices = wanted.map((hit) => {
    const isFirst = !kinds.has(hit.topic.kind);
    kinds.add(hit.topic.kind);
    return notice(hit, isFirst);
  });
  place.dataset.shown = key;
  place.replaceChildren(...notices);
  for (const box of place.querySelectorAll("input[type=checkbox]")) box.checked = ticked.has(box.value);
}

if (place && template && text) {
  let topics;
  let timer;
  const look = async () => {
    topics ??= load().catch(() => []);
    show(found(await topics, text.value));
  };
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  text.addEventListener("change", look);
  if (text.value) look();
}
