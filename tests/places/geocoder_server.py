"""A geocoder on loopback that speaks as Photon, Nominatim or the BKG's geosearch do."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LON, LAT = 9.2301, 49.1502


def photon(lon: float = LON, lat: float = LAT) -> dict[str, Any]:
    """An answer of Photon."""
    facts = {"type": "house", "street": "Turmstraße", "housenumber": "5", "city": "Heilbronn",
             "osm_key": "building", "countrycode": "DE"}  # fmt: skip
    return _collection(facts, lon, lat)


def nominatim(lon: float = LON, lat: float = LAT) -> dict[str, Any]:
    """An object of Nominatim in its format jsonv2."""
    return {
        "place_id": 1, "licence": "Data © OpenStreetMap contributors", "name": "",
        "lat": str(lat), "lon": str(lon), "category": "building", "type": "yes",
        "display_name": "5, Turmstraße, Heilbronn",
        "address": {"house_number": "5", "road": "Turmstraße", "city": "Heilbronn"},
    }  # fmt: skip


def geosearch(lon: float = LON, lat: float = LAT) -> dict[str, Any]:
    """An answer of the BKG's geosearch."""
    facts = {"text": "Turmstraße 5, 74072 Heilbronn", "typ": "Haus", "score": 2.1,
             "strasse": "Turmstraße", "haus": "5", "plz": "74072", "ort": "Heilbronn"}  # fmt: skip
    return _collection(facts, lon, lat)


def _collection(facts: dict[str, Any], lon: float, lat: float) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [lon, lat]}
    feature = {"type": "Feature", "properties": facts, "geometry": point}
    return {"type": "FeatureCollection", "features": [feature]}


class GeocoderServer(ThreadingHTTPServer):
    """Answers as it is told, in one format, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []
        self.status, self.location, self.body = 200, "", b""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def says(self, answer: Any) -> None:
        """Answer this from now on."""
        self.body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()


class _Answers(BaseHTTPRequestHandler):
    server: GeocoderServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append((parts.path, parse_qs(parts.query), dict(self.headers)))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""
