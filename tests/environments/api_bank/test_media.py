"""Music, pictures, recordings and letters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.environments.api_bank import ApiBankData, Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED


def answer(tool: str, /, data: ApiBankData | None = None, **arguments: Any) -> Any:
    """The output, or the refusal."""
    session = Session(level_1(), data=data or api_bank_data(SEED))
    envelope = session.call(tool, arguments)
    assert envelope["input"] == arguments
    assert envelope["output"] is None or envelope["exception"] is None
    return envelope["exception"] or envelope["output"]


def test_music() -> None:
    assert answer("PlayMusic", music_name=" Night Train ") == "music://night train"
    assert answer("PlayMusic", music_name=" ") == "The music name cannot be empty."


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (" https://pictures.example/tram-17.jpeg ", "a yellow tram climbs a steep street"),
        ("https://pictures.example/market/pears.png", "a crate of green pears on a market stall"),
        ("https://pictures.example/kite.gif", "The url should end with .jpg, .jpeg or .png."),
        ("https://pictures.example/kite.JPG", "The url should end with .jpg, .jpeg or .png."),
        ("https://pictures.example/Kite.jpg", "The image of this url failed to be processed."),
    ],
)
def test_pictures(url: str, said: str) -> None:
    assert answer("ImageCaption", url=url) == said


def test_the_first_caption_of_an_address_holds(tmp_path: Path) -> None:
    for path in (SEED / "init_database").iterdir():
        target = tmp_path / "init_database" / path.name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    images = [{"url": "a.jpg", "caption": str(n)} for n in range(3)]
    (tmp_path / "init_database" / "ImageCaptioning.json").write_bytes(orjson.dumps(images))
    assert answer("ImageCaption", data=ApiBankData(tmp_path), url="a.jpg") == "0"


def test_recordings() -> None:
    url = " https://recordings.example/memo-2.wav "
    assert answer("SpeechRecognition", url=url) == (
        "Please order two sacks of potting soil for Thursday."
    )
    assert answer("SpeechRecognition", url="x.mp3") == "The url should end with .wav."
    assert answer("SpeechRecognition", url="x.wav") == (
        "The audio of this url failed to be processed."
    )


def send(receiver: str, subject: str = "s", content: str = "c") -> Any:
    return answer("SendEmail", receiver=receiver, subject=subject, content=content)


def test_letters_are_checked_in_order() -> None:
    bad = "Email address of the receiver is invalid."
    assert send("amara", " ", "") == bad
    assert send("amara@example.org", " ", "") == "Subject cannot be empty."
    assert send("amara@example.org", "s", " ") == "Content cannot be empty."
    assert send(" amara@example.org ") == "success"


@pytest.mark.parametrize(
    ("address", "valid"),
    [
        ("ab@c.de", True), ("a.b@c.de", True), ("a_1@c_d.org", True), ("12@x.com", True),
        ("a@c.de", False), ("a.b.c@d.ef", False), (".ab@c.de", False), ("ab.@c.de", False),
        ("Ab@c.de", False), ("a-b@c.de", False), ("ab@c-d.de", False), ("ab@c.d", False),
        ("ab@c.info", False), ("ab@c.co.uk", False), ("ab@c@d.de", False), ("ab@.de", False),
        ("ab@c.de\n", True), ("ab c@d.de", False), ("", False),
    ],
)  # fmt: skip
def test_addresses(address: str, valid: bool) -> None:
    assert (send(address) == "success") is valid


@given(st.text("ab1._@A -", max_size=12))
def test_an_address_has_two_parts_and_a_plain_name(address: str) -> None:
    if send(address) == "success":
        local, domain = address.strip().split("@")
        name, ending = domain.split(".")
        assert len(local) >= 2 and name and 2 <= len(ending) <= 3
        assert sum(map(local.count, "._")) <= 1 and local[0].isalnum() and local[-1].isalnum()


def test_long_addresses_are_refused_at_once() -> None:
    # A backtracking search for an address takes minutes over this one.
    assert send("a" * 300_000) == "Email address of the receiver is invalid."
