// Preview, check and removal of photos before they are sent. The pictures themselves are sent as
// they are: making them safe is the server's work and cannot be left to a browser.

const words = (text, values) => (text ?? "").replace(/\{(\w+)\}/g, (mark, name) => values[name] ?? mark);

class PhotoInput {
  constructor(root) {
    this.root = root;
    this.data = root.dataset;
    this.input = root.querySelector('input[type="file"]');
    this.list = root.querySelector("[data-photos-list]");
    this.status = root.querySelector("[data-photos-status]");
    this.error = root.querySelector("[data-photos-error]");
    this.limit = Number(this.data.limit);
    this.maxMb = Number(this.data.maxMb);
    this.types = this.data.types.split(",");
    this.files = [];
  }

  start() {
    this.root.classList.add("is-enhanced");
    this.add = this.root.querySelector("[data-photos-add]");
    this.add.hidden = false;
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    for (const name of ["dragover", "drop"]) {
      this.add.addEventListener(name, (event) => {
        event.preventDefault();
        if (name === "drop") this.take([...event.dataTransfer.files]);
      });
    }
    if (this.input.files.length) this.take([...this.input.files]);
  }

  take(chosen) {
    const problems = [];
    for (const file of chosen) {
      const problem = this.problemOf(file);
      if (problem === null) this.files.push(file);
      else if (problem) problems.push(problem);
    }
    this.say(problems);
    this.update();
  }

  /** null when the file is fine, "" when it is there already, else what is wrong with it. */
  problemOf(file) {
    const twin = (other) => other.name === file.name && other.size === file.size;
    if (this.files.some(twin)) return "";
    if (!this.types.includes(file.type)) return words(this.data.textWrongType, { name: file.name });
    if (file.size > this.maxMb * 1024 * 1024) {
      return words(this.data.textTooBig, { name: file.name, mb: this.maxMb });
    }
    if (this.files.length >= this.limit) return words(this.data.textTooMany, { limit: this.limit });
    return null;
  }

  remove(index) {
    this.files.splice(index, 1);
    this.say([]);
    this.update();
    (this.list.querySelectorAll("button")[index] ?? this.input).focus();
  }

  update() {
    const transfer = new DataTransfer();
    for (const file of this.files) transfer.items.add(file);
    this.input.files = transfer.files;
    for (const image of this.list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    this.list.replaceChildren(...this.files.map((file, index) => this.item(file, index)));
    this.status.textContent = this.files.length
      ? words(this.data.textCount, { count: this.files.length, limit: this.limit })
      : "";
    this.add.hidden = this.files.length >= this.limit;
  }

  item(file, index) {
    const item = document.createElement("li");
    item.className = "photo-input__item";
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = words(this.data.textAlt, { number: index + 1 });
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", words(this.data.textRemove, { number: index + 1 }));
    button.append(this.trashIcon());
    button.addEventListener("click", () => this.remove(index));
    item.append(image, button);
    return item;
  }

  trashIcon() {
    const namespace = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(namespace, "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(namespace, "use");
    use.setAttribute("href", `${this.data.iconsUrl}#trash`);
    svg.append(use);
    return svg;
  }

  say(problems) {
    this.error.hidden = problems.length === 0;
    this.error.querySelector("[data-photos-error-text]").textContent = [...new Set(problems)].join(" ");
  }
}

for (const root of document.querySelectorAll("[data-photos]")) new PhotoInput(root).start();
