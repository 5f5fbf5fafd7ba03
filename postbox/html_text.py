"""The words of an HTML mail, without what only draws it."""

from html.parser import HTMLParser

_BLOCKS = frozenset(
    {
        *("address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre"),
        *("section", "table", "td", "th", "tr", "ul"),
    }
)
_UNSEEN = frozenset(["head", "script", "style", "template", "title"])


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        elif tag in _BLOCKS:
            self.words.append("\n")
        elif tag == "body":
            # Whatever was left open before, the body is to be seen.
            self.unseen = 0

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(self.unseen - 1, 0)
        elif tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.words.append(" ".join(data.split()) if data.strip() else " " if data else "")
            if data[-1:].isspace():
                self.words.append(" ")


def text_of_html(html: str) -> str:
    """Text with one line per paragraph; broken markup gives broken text, never an error."""
    reader = _Words()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError):  # what the parser says to some broken declarations
        return html
    lines = (" ".join(line.split()) for line in "".join(reader.words).split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
