// Fields that matter for one choice only: [data-only-for="value"] is shown while a select or radio
// of its form has that value. Without scripts all are there, with a hint when to fill them.

for (const form of document.querySelectorAll("form")) {
  const dependent = [...form.querySelectorAll("[data-only-for]")];
  if (dependent.length === 0) continue;
  const update = () => {
    const chosen = new Set(
      [...form.querySelectorAll("select, input[type=radio]:checked")].map((field) => field.value),
    );
    for (const field of dependent) {
      const wanted = chosen.has(field.dataset.onlyFor) || field.value !== "";
      field.closest(".kern-form-input").hidden = !wanted;
    }
  };
  form.addEventListener("change", update);
  update();
}
