// What every map of the product has in common: controls with words, tiles only where the town has
// them, and the outlines of the districts, which are the map where there are none.

const L = globalThis.L;

/** Create a Leaflet map in an element that carries data-lat, data-lon, data-zoom and texts. */
export function createMap(element, options = {}) {
  const { lat, lon, zoom, tileUrl, tileAttribution, textZoomIn, textZoomOut } = options;
  const calm = globalThis.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    center: [Number(lat), Number(lon)],
    zoom: Number(zoom),
    minZoom: 9,
    maxZoom: 19,
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

/** Draw the outlines of the districts with their names; answers the GeoJSON or null. */
export async function drawAreas(map, url, { fit = true } = {}) {
  if (!url) return null;
  const answer = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) return null;
  const areas = await answer.json();
  const layer = L.geoJSON(areas, { style: { className: "area" }, interactive: false }).addTo(map);
  layer.bringToBack();
  const names = [];
  layer.eachLayer((shape) => {
    const name = document.createElement("span");
    name.textContent = shape.feature.properties?.name ?? "";
    const tooltip = L.tooltip({ permanent: true, direction: "center", className: "area-name", interactive: false })
      .setLatLng(labelPoint(shape))
      .setContent(name)
      .addTo(map);
    names.push({ tooltip, bounds: shape.getBounds() });
  });
  const thin = () => thinOut(map, names);
  map.on("zoomend", thin);
  if (fit && layer.getBounds().isValid()) map.fitBounds(layer.getBounds(), { padding: [12, 12] });
  thin();
  return areas;
}

// The middle of the largest ring is inside the district more often than the middle of its box.
function labelPoint(shape) {
  const rings = shape.getLatLngs().flat(shape.feature.geometry.type === "MultiPolygon" ? 1 : 0);
  const outer = rings.filter((ring) => Array.isArray(ring) && ring.length > 2);
  let best = null;
  for (const ring of outer) {
    const bounds = L.latLngBounds(ring);
    const size = (bounds.getEast() - bounds.getWest()) * (bounds.getNorth() - bounds.getSouth());
    if (!best || size > best.size) best = { size, ring };
  }
  return best ? centroid(best.ring) : shape.getBounds().getCenter();
}

function centroid(ring) {
  let area = 0;
  let x = 0;
  let y = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const cross = ring[j].lng * ring[i].lat - ring[i].lng * ring[j].lat;
    area += cross;
    x += (ring[j].lng + ring[i].lng) * cross;
    y += (ring[j].lat + ring[i].lat) * cross;
  }
  return area === 0 ? L.latLngBounds(ring).getCenter() : L.latLng(y / (3 * area), x / (3 * area));
}

// A name that is wider than its district only hides the map.
function thinOut(map, names) {
  for (const { tooltip, bounds } of names) {
    const west = map.latLngToContainerPoint(bounds.getSouthWest());
    const east = map.latLngToContainerPoint(bounds.getNorthEast());
    const element = tooltip.getElement();
    element?.classList.toggle("is-crowded", element.offsetWidth > (east.x - west.x) * 1.1);
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
