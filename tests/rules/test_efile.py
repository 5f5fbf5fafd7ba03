"""The message to the electronic file: whole, the same every time, and no trap for who reads it."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efile import reading, xdomea
from efile.reading import NotReadable, read_acknowledgement
from efile.targets import NotDelivered, Target, UnknownTarget, deliver
from efile.xdomea import Attachment, CaseFile, Step

PROCESS = UUID("7f3c9a52-5a0b-4a38-9d6e-0d1c1c6f2b11")
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def case(words: str = "Schlagloch", files: int = 2) -> CaseFile:
    return CaseFile(
        process_id=PROCESS,
        made_at=AT,
        sender="Stadt Heilbronn",
        sender_office="Amt 66",
        receiver="eAkte",
        reference="HN-2026-000001",
        subject=words,
        kind="Anliegen",
        opened_on=date(2026, 2, 1),
        closed_on=date(2026, 3, 1),
        confidential=False,
        steps=[Step(AT, "Meldung eingegangen", "meldende Person", words)],
        attachments=[
            Attachment(words, f"datei-{number}.pdf", b"%PDF-", "pdf/a") for number in range(files)
        ],
    )


def acknowledgement(said: str, name: str = reading.IMPORTED) -> bytes:
    return (
        f'<x:{name} xmlns:x="{xdomea.NAMESPACE}"><x:Kopf><x:ProzessID>{PROCESS}</x:ProzessID>'
        f"</x:Kopf><x:AbgegebenesObjekt><x:Erfolgreich>{said}</x:Erfolgreich>"
        f"</x:AbgegebenesObjekt></x:{name}>"
    ).encode()


@given(words=st.text(max_size=60), files=st.integers(0, 4))
def test_whatever_people_write_the_package_is_whole_and_the_same_every_time(
    words: str, files: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = xdomea.write(case(words, files))
    path = tmp_path_factory.mktemp("efile") / xdomea.zip_name(PROCESS)
    path.write_bytes(content)

    assert reading.check(path) == []
    assert xdomea.write(case(words, files)) == content


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "kaputt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{PROCESS}_{xdomea.MESSAGE}.xml", xdomea.message(case(files=1)))

    assert [fault.partition(" file ")[0] for fault in reading.check(path)] == ["missing"]


def test_an_acknowledgement_is_read_and_traps_are_not() -> None:
    said = read_acknowledgement(acknowledgement("true"))
    assert (said.process_id, said.is_import, said.is_taken) == (PROCESS, True, True)
    assert not read_acknowledgement(acknowledgement("false")).is_taken
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    for trap in (bomb, b"<x", b"<x/>", b"\x00", acknowledgement("true") * 2):
        with pytest.raises(NotReadable):
            read_acknowledgement(trap)


def test_a_folder_gets_the_file_whole_or_not_at_all(tmp_path: Path) -> None:
    deliver(Target(f"folder:{tmp_path}"), "a.zip", b"eins")
    deliver(Target(f"folder:{tmp_path}"), "a.zip", b"zwei")

    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]
    assert (tmp_path / "a.zip").read_bytes() == b"zwei"
    with pytest.raises(NotDelivered):
        deliver(Target(f"folder:{tmp_path}/fehlt"), "a.zip", b"")
    with pytest.raises(UnknownTarget):
        deliver(Target("ftp://example"), "a.zip", b"")
