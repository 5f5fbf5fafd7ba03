// What every map of the product has in common: controls with words, tiles only where the town has
// them, and the outlines of the districts, which are the map where there are none.

const L = globalThis.L;
const LABEL_GRID = 16;

/** Create a Leaflet map in an element that carries data-lat, data-lon, data-zoom and texts. */
export function createMap(element, options = {}) {
  const { lat, lon, zoom, tileUrl, tileAttribution, textZoomIn, textZoomOut } = options;
  const calm = globalThis.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    center: [Number(lat), Number(lon)],
    zoom: Number(zoom),
    minZoom: 9,
    maxZoom: 19,
    // Outlines are sharp at any zoom and may fill the frame; tiles are drawn for whole steps only.
    zoomSnap: tileUrl ? 1 : 0.25,
    zoomControl: false,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    markerZoomAnimation: !calm,
    inertia: !calm,
    scrollWheelZoom: true,
  });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ position: "topright", zoomInTitle: textZoomIn, zoomOutTitle: textZoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (tileUrl) {
    element.classList.add("has-tiles");
    // The attribution is plain text; Leaflet would read it as HTML.
    const attribution = document.createElement("span");
    attribution.textContent = tileAttribution ?? "";
    L.tileLayer(tileUrl, { maxZoom: 19, attribution: attribution.innerHTML }).addTo(map);
  }
  return map;
}

/**
 * Draw the outlines of the districts with their names; answers the GeoJSON or null.
 * `fit` is asked once they are here whether the map shall show them all.
 */
export async function drawAreas(map, url, { fit = () => true } = {}) {
  if (!url) return null;
  const answer = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) return null;
  const areas = await answer.json();
  const style = (feature) => ({ className: isCount(feature) ? "area area--count" : "area" });
  const layer = L.geoJSON(areas, { style, interactive: false }).addTo(map);
  layer.bringToBack();
  // Sent back one by one, what was drawn last lies deepest; counts are drawn upon the districts.
  layer.eachLayer((shape) => isCount(shape.feature) && shape.bringToFront());
  // Names lie between outlines and markers: a marker may cover a name, never the other way round.
  map.createPane("names").style.zIndex = 450;
  const names = [];
  layer.eachLayer((shape) => {
    const text = document.createElement("span");
    text.textContent = shape.feature.properties?.name ?? "";
    const spot = labelSpot(shape);
    const tooltip = L.tooltip({ permanent: true, direction: "center", className: "area-name", pane: "names" })
      .setLatLng(spot.point)
      .setContent(text)
      .addTo(map);
    names.push({ tooltip, room: spot.room, isCount: isCount(shape.feature) });
  });
  names.sort((one, other) => other.isCount - one.isCount || other.room - one.room);
  const thin = () => thinOut(names);
  map.on("zoomend", thin);
  // At once: while Leaflet animates a change of zoom it drops every other wish, such as to show
  // where somebody stands.
  if (fit() && layer.getBounds().isValid()) map.fitBounds(layer.getBounds(), { padding: [12, 12], animate: false });
  thin();
  return areas;
}

// Cells with a number lie on districts with a name.
const isCount = (feature) => feature.properties?.count !== undefined;

// Where a name has most room: of a grid over the shape the inner point farthest from the outline.
// A centroid would lie outside of a district that bends around another.
function labelSpot(shape) {
  const { type, coordinates } = shape.feature.geometry;
  const polygons = type === "MultiPolygon" ? coordinates : [coordinates];
  const box = shape.getBounds();
  const squeeze = Math.cos((box.getCenter().lat * Math.PI) / 180);
  let best = { room: -1, point: box.getCenter() };
  for (let row = 1; row < LABEL_GRID; row++) {
    for (let column = 1; column < LABEL_GRID; column++) {
      const x = box.getWest() + ((box.getEast() - box.getWest()) * column) / LABEL_GRID;
      const y = box.getSouth() + ((box.getNorth() - box.getSouth()) * row) / LABEL_GRID;
      if (!polygons.some((rings) => inPolygon(rings, x, y))) continue;
      const room = Math.min(...polygons.flat().map((ring) => distanceToRing(ring, x, y, squeeze)));
      if (room > best.room) best = { room, point: L.latLng(y, x) };
    }
  }
  return best;
}

function distanceToRing(ring, x, y, squeeze) {
  let nearest = Infinity;
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = [(ring[i - 1][0] - x) * squeeze, ring[i - 1][1] - y];
    const [bx, by] = [(ring[i][0] - x) * squeeze, ring[i][1] - y];
    const [dx, dy] = [bx - ax, by - ay];
    const length = dx * dx + dy * dy;
    const along = length ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / length)) : 0;
    nearest = Math.min(nearest, Math.hypot(ax + along * dx, ay + along * dy));
  }
  return nearest;
}

// Names that would overlap a name with more room are left out until there is space.
function thinOut(names) {
  const placed = [];
  for (const { tooltip } of names) {
    const element = tooltip.getElement();
    if (!element) continue;
    const box = element.getBoundingClientRect();
    const overlaps = placed.some(
      (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom,
    );
    element.classList.toggle("is-crowded", overlaps);
    if (!overlaps) placed.push(box);
  }
}

/** Name of the district a point lies in, or null; areas as answered by drawAreas. */
export function districtAt(areas, lat, lon) {
  for (const feature of areas?.features ?? []) {
    const { type, coordinates } = feature.geometry;
    const polygons = type === "MultiPolygon" ? coordinates : [coordinates];
    if (polygons.some((rings) => inPolygon(rings, lon, lat))) return feature.properties?.name ?? null;
  }
  return null;
}

function inPolygon([outer, ...holes], x, y) {
  return inRing(outer, x, y) && !holes.some((ring) => inRing(ring, x, y));
}

function inRing(ring, x, y) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the sprite as an SVG element. */
export function spriteIcon(iconsUrl, name, css = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", css);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${iconsUrl}#${name}`);
  svg.append(use);
  return svg;
}

/** The large pin of a single place as a Leaflet icon. */
export function placeIcon() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "pin-place");
  svg.setAttribute("viewBox", "0 0 40 48");
  const body = document.createElementNS(SVG, "path");
  body.setAttribute("class", "pin-place__body");
  body.setAttribute("d", "M20 46C11 35 4 27 4 18.5a16 16 0 0 1 32 0C36 27 29 35 20 46z");
  const eye = document.createElementNS(SVG, "circle");
  eye.setAttribute("class", "pin-place__eye");
  for (const [key, value] of [["cx", 20], ["cy", 18.5], ["r", 6]]) eye.setAttribute(key, value);
  svg.append(body, eye);
  return L.divIcon({ className: "pin-holder", html: svg, iconSize: [40, 48], iconAnchor: [20, 46] });
}

/** Fill {name} marks of a translated text. */
export function words(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (mark, name) => values[name] ?? mark);
}
