"""A visitor of the site without a browser: keeps cookies, reads forms, sends them back."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


class PageProblem(Exception):
    """A page did not answer as it should; says address and status."""


@dataclass
class Form:
    """One form of a page with the values it was filled with."""

    action: str
    method: str = "get"
    values: dict[str, str] = field(default_factory=dict)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif tag == "input" and self.forms and "name" in given:
            unchecked = given.get("type") in {"checkbox", "radio"} and "checked" not in given
            if not unchecked and given.get("type") != "submit":
                self.forms[-1].values[given["name"]] = given.get("value", "")


class Visitor:
    """One person with cookies of their own, following links and filling forms over real HTTP."""

    def __init__(self, base_url: str) -> None:
        self.client = httpx.Client(base_url=base_url, follow_redirects=True, timeout=30)

    def get(self, address: str) -> str:
        """The text of a page; raises PageProblem unless it is 200."""
        return self._text(self.client.get(address))

    def send_form(self, address: str, *, action: str, **values: str) -> str:
        """Open a page, fill the form whose action contains `action` (or any), and send it."""
        answer = self.client.get(address)
        page = self._text(answer)
        reader = _FormReader()
        reader.feed(page)
        fitting = [form for form in reader.forms if action in form.action and form.method == "post"]
        if not fitting:
            raise PageProblem(f"{address}: kein Formular für {action!r}")
        form = fitting[0]
        target = str(answer.url.join(form.action or str(answer.url)))
        sent = self.client.post(
            target, data=form.values | values, headers={"Referer": str(answer.url)}
        )
        return self._text(sent)

    def log_in(self, email: str, password: str) -> None:
        """Sign in at the desk with address and password."""
        page = self.send_form("/desk/anmelden/", action="", email=email, password=password)
        if re.search(r'name="password"', page):
            raise PageProblem("Anmeldung am Schreibtisch nicht gelungen")

    def _text(self, answer: httpx.Response) -> str:
        if answer.status_code != httpx.codes.OK:
            raise PageProblem(f"{answer.request.method} {answer.url.path}: {answer.status_code}")
        return answer.text
