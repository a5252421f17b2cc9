"""Music, pictures, recordings and letters: nothing is played, seen, heard or sent.

Pictures and recordings are known by their exact address; a letter is only looked over.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..data import ApiBankData
from ..declaration import LEVEL_1, SUCCESS, Param, Refusal
from ..desk import Desk
from .answers import TEXT

_LOCAL = re.compile(r"[a-z0-9]{2,}|[a-z0-9]+[._][a-z0-9]+")
_DOMAIN = re.compile(r"\w+\.\w{2,3}")


@LEVEL_1.api(
    "Play a piece of music.",
    {"music_name": Param("str", "Name of the piece.")},
    {"status": Param("str", "Address that makes the player play it.")},
    returns={"type": "string", "pattern": "^music://"},
)
def PlayMusic(desk: Desk, music_name: str) -> str:
    name = music_name.lower().strip()
    if not name:
        raise Refusal("The music name cannot be empty.")
    return f"music://{name}"


@LEVEL_1.api(
    "Describe a picture in a sentence.",
    {"url": Param("str", "Address of the picture, ending in .jpg, .jpeg or .png.")},
    {"caption": Param("str", "What the picture shows.")},
    returns=TEXT,
)
def ImageCaption(desk: Desk, url: str) -> str:
    url = url.strip()
    if not url.endswith((".jpg", ".jpeg", ".png")):
        raise Refusal("The url should end with .jpg, .jpeg or .png.")
    caption = _captions(desk.data).get(url)
    if caption is None:
        raise Refusal("The image of this url failed to be processed.")
    return caption


@lru_cache(maxsize=8)
def _captions(data: ApiBankData) -> dict[str, str]:
    """By address; the first of several entries holds."""
    return {image["url"]: image["caption"] for image in reversed(data.file("ImageCaptioning"))}


@LEVEL_1.api(
    "Write down what is said in a recording.",
    {"url": Param("str", "Address of the recording, ending in .wav.")},
    {"transcript": Param("str", "What is said.")},
    returns=TEXT,
)
def SpeechRecognition(desk: Desk, url: str) -> str:
    url = url.strip()
    if not url.endswith(".wav"):
        raise Refusal("The url should end with .wav.")
    transcript: str | None = desk.data.file("SpeechRecognition").get(url)
    if transcript is None:
        raise Refusal("The audio of this url failed to be processed.")
    return transcript


@LEVEL_1.api(
    "Send an email.",
    {
        "receiver": Param("str", "Email address to send it to."),
        "subject": Param("str", "Subject of the email."),
        "content": Param("str", "What the email says."),
    },
    {"status": Param("str", "success or failed")},
    returns=SUCCESS,
)
def SendEmail(desk: Desk, receiver: str, subject: str, content: str) -> str:
    local, _, domain = receiver.strip().partition("@")
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise Refusal("Email address of the receiver is invalid.")
    if not subject.strip():
        raise Refusal("Subject cannot be empty.")
    if not content.strip():
        raise Refusal("Content cannot be empty.")
    return "success"
