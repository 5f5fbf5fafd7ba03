// Finding a kind of report by typing: filters the options of patterns/choose_category.html by name
// and search words, folding umlauts, and opens the groups that hold a match.

const fold = (text) =>
  text
    .toLowerCase()
    .replaceAll("ä", "ae")
    .replaceAll("ö", "oe")
    .replaceAll("ü", "ue")
    .replaceAll("ß", "ss")
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "");

function start(root) {
  const search = root.querySelector("[data-choices-search]");
  const input = search.querySelector("input");
  const groups = [...root.querySelectorAll("[data-choices-group]")];
  const none = root.querySelector("[data-choices-none]");
  const status = root.querySelector("[data-choices-status]");
  const openAtFirst = new Map(groups.map((group) => [group, group.open]));
  search.hidden = false;

  const filter = () => {
    const wanted = fold(input.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of groups) {
      let inGroup = 0;
      for (const option of group.querySelectorAll("[data-choice]")) {
        const text = fold(option.dataset.choice);
        option.hidden = !wanted.every((word) => text.includes(word));
        if (!option.hidden) inGroup += 1;
      }
      group.hidden = inGroup === 0;
      group.open = wanted.length ? inGroup > 0 : openAtFirst.get(group);
      found += inGroup;
    }
    none.hidden = found > 0;
    const text = found === 1 ? root.dataset.textFoundOne : root.dataset.textFound;
    status.textContent = wanted.length ? text.replace("{count}", String(found)) : "";
  };

  input.addEventListener("input", filter);
}

for (const root of document.querySelectorAll("[data-choices]")) start(root);
