// Asks further questions as soon as an answer calls for them; the server decides the same way.
//
//   [data-question="code"]    a question; [data-condition] is its condition as JSON
//   [data-asked]              tells the server which questions are on the page
//   [data-questions-status]   says aloud which question has come up
//
// What was typed stays in a question that is hidden again, and the server leaves it out.

const questions = [...document.querySelectorAll("[data-question]")];
const asked = document.querySelector("[data-asked]");
const status = document.querySelector("[data-questions-status]");
const form = document.querySelector("form.report-form");

function plain(text) {
  return text.trim().toLowerCase().replaceAll(",", ".");
}

/** The answers of one question, as in routing.question_info.Condition. */
function answersIn(question) {
  const fields = [...question.querySelectorAll("input, select, textarea")];
  const given = fields.filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked);
  return given.map((field) => plain(field.value)).filter(Boolean);
}

function holds({ question, operator, values }, answers) {
  const given = answers.get(question) ?? [];
  const wanted = values.map(plain);
  if (!given.length || !wanted.length) return false;
  if (operator === "equals") return given.length === 1 && given[0] === wanted[0];
  if (operator === "contains") {
    return given.some((each) => each === wanted[0] || (wanted[0].length > 1 && each.includes(wanted[0])));
  }
  return given.some((each) => wanted.includes(each));
}

function nameOf(question) {
  const label = question.querySelector("legend, label");
  return [...(label?.childNodes ?? [])]
    .filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.textContent.trim())
    .join(" ")
    .trim();
}

function update({ silent = false } = {}) {
  const answers = new Map();
  const appeared = [];
  for (const question of questions) {
    const condition = question.dataset.condition;
    const isAsked = !condition || holds(JSON.parse(condition), answers);
    if (isAsked) answers.set(question.dataset.question, answersIn(question));
    if (isAsked && question.hidden) appeared.push(nameOf(question));
    question.hidden = !isAsked;
  }
  asked.value = questions
    .filter((question) => !question.hidden)
    .map((question) => question.dataset.question)
    .join(" ");
  if (appeared.length && !silent) {
    status.textContent = status.dataset.textMore.replace("{question}", appeared.join("; "));
  }
}

if (form && asked && status && questions.length) {
  form.addEventListener("change", () => update());
  form.addEventListener("input", () => update());
  update({ silent: true });
}
