"""One small, valid file of each kind that must never reach a decoder.

Most of these Pillow would open gladly if it were asked without a list of formats; that is what
makes them a test of the list (reports.sandbox.assert_allow_list).
"""

from base64 import b64decode

FORBIDDEN_SAMPLES: dict[str, bytes] = {
    "GIF": b64decode("R0lGODdhAQABAIEAAMwAAAAAAAAAAAAAACwAAAAAAQABAAAIBAABBAQAOw=="),
    "BMP": b64decode(
        "Qk06AAAAAAAAADYAAAAoAAAAAQAAAAEAAAABABgAAAAAAAQAAADEDgAAxA4AAAAAAAAAAAAAFArIAA=="
    ),
    "TIFF": b64decode(
        "SUkqAAgAAAAKAAABBAABAAAAAQAAAAEBBAABAAAAAQAAAAIBAwADAAAAhgAAAAMBAwABAAAAAQAAAAYBAwABAA"
        "AAAgAAABEBBAABAAAAjAAAABUBAwABAAAAAwAAABYBBAABAAAAAQAAABcBBAABAAAAAwAAABwBAwABAAAAAQAA"
        "AAAAAAAIAAgACADIChQ="
    ),
    "ICO": b64decode(
        "AAABAAEAAQEAAAAAIABFAAAAFgAAAIlQTkcNChoKAAAADUlIRFIAAAABAAAAAQgCAAAAkHdT3gAAAAxJREFUeJ"
        "xjOMElAgAChADnANRTugAAAABJRU5ErkJggg=="
    ),
    "TGA": b64decode("AAACAAAAAAAAAAAAAQABABgAFArIAAAAAAAAAABUUlVFVklTSU9OLVhGSUxFLgA="),
    "QOI": b64decode("cW9pZgAAAAEAAAABAwH+yAoUAAAAAAAAAAE="),
    "JPEG2000": b64decode(
        "AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAAAQAAAAEAAwcHAAAAAA"
        "APY29scgEAAAAAABAAAACVanAyY/9P/1EALwAAAAAAAQAAAAEAAAAAAAAAAAAAAAEAAAABAAAAAAAAAAAAAwcB"
        "AQcBAQcBAf9SAAwAAAABAAAEBAAB/1wABEBA/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS"
        "40/5AACgAAAAAAHQAB/5PPtAgET8+0CAmXz7QICB//2Q=="
    ),
    "AVIF": b64decode(
        "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdA"
        "AAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAJAAAAChpaW5m"
        "AAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAAAQ"
        "AAAAEAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwAAAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAA"
        "AAEAAQQBAoMEAAAALG1kYXQSAAoIGAAGiAhoNCAyFh7Hh4VZ3///4s/AAJA1jjx6y/B+JUA="
    ),
    "PPM": b"P6 1 1 255 \xc8\x0a\x14",
    "PSD": (
        b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\0\1\0\0\0\1\0\x08\0\3" + bytes(12) + b"\0\0\xc8\x0a\x14"
    ),
    "FITS": (
        b"".join(
            card.ljust(80)
            for card in (
                b"SIMPLE  =                    T",
                b"BITPIX  =                    8",
                b"NAXIS   =                    2",
                b"NAXIS1  =                    1",
                b"NAXIS2  =                    1",
                b"END",
            )
        ).ljust(2880)
        + bytes(2880)
    ),
    "XPM": b'/* XPM */\nstatic char *a[] = {\n"1 1 1 1",\n"a c #C80A14",\n"a"\n};\n',
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n%%EndComments\n(ran) print\n%%EOF\n",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "HTML": b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>",
    "PDF": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    "ZIP": b"PK\x05\x06" + bytes(18),
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x08mdat",
}
