// The four corners by which one mask at a time is made larger and smaller. What is seen of them is
// small, what takes the mouse or a finger is large and lies mostly outside, so that the middle of a
// small mask stays free for moving it.

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 0.4; // per cent
const REACH = { fine: 26, coarse: 40 }; // pixels that take the pointer
const DOT = 10; // pixels that are seen
const CORNERS = ["nw", "ne", "sw", "se"];
export const between = (low, value, high) => Math.min(high, Math.max(low, value));

/** Edges (left, top, width, height in per cent) after one corner was dragged; never outside the photo. */
export function resized([left, top, width, height], corner, across, down) {
  let [right, bottom] = [left + width, top + height];
  if (corner.includes("w")) left = between(0, left + across, right - LEAST);
  else right = between(left + LEAST, right + across, 100);
  if (corner.includes("n")) top = between(0, top + down, bottom - LEAST);
  else bottom = between(top + LEAST, bottom + down, 100);
  return [left, top, right - left, bottom - top];
}

/** Edges after the whole mask was dragged: as large as before, inside the photo. */
export function moved([left, top, width, height], across, down) {
  return [between(0, left + across, 100 - width), between(0, top + down, 100 - height), width, height];
}

export class Corners {
  constructor(drawing) {
    this.drawing = drawing;
    this.group = document.createElementNS(SVG, "g");
    this.group.setAttribute("aria-hidden", "true"); // the keyboard has Shift and the arrows
    this.group.append(...CORNERS.map((corner) => this.handle(corner)));
  }

  handle(corner) {
    const handle = document.createElementNS(SVG, "g");
    handle.setAttribute("class", `mask-corner mask-corner--${corner}`);
    handle.dataset.masksCorner = corner;
    const [reach, dot] = [0, 1].map(() => document.createElementNS(SVG, "rect"));
    reach.setAttribute("class", "mask-corner__reach");
    dot.setAttribute("class", "mask-corner__dot");
    dot.setAttribute("width", DOT);
    dot.setAttribute("height", DOT);
    handle.append(reach, dot);
    return handle;
  }

  /** Put them around a mask (edges in per cent) above everything else; none without a mask. */
  show(edges) {
    if (!edges) return this.group.remove();
    if (this.group.parentNode !== this.drawing || this.group.nextSibling) this.drawing.append(this.group);
    const { width, height } = this.drawing.getBoundingClientRect();
    const [left, top] = [(edges[0] * width) / 100, (edges[1] * height) / 100];
    const [wide, high] = [(edges[2] * width) / 100, (edges[3] * height) / 100];
    for (const handle of this.group.children) {
      const corner = handle.dataset.masksCorner;
      const east = corner.includes("e");
      const south = corner.includes("s");
      this.place(handle, "x", left + (east ? wide : 0), east, wide, width);
      this.place(handle, "y", top + (south ? high : 0), south, high, height);
    }
  }

  /** Along one side: `at` the corner in pixels, `ends` whether it is the far one of a mask `size` long. */
  place(handle, axis, at, ends, size, whole) {
    const [reach, dot] = handle.children;
    const length = matchMedia("(pointer: coarse)").matches ? REACH.coarse : REACH.fine;
    const inside = Math.min(length / 2, size / 4);
    const start = between(0, ends ? at - inside : at - length + inside, Math.max(0, whole - length));
    reach.setAttribute(axis, start);
    reach.setAttribute(axis === "x" ? "width" : "height", length);
    dot.setAttribute(axis, between(0, at - DOT / 2, whole - DOT));
  }
}
