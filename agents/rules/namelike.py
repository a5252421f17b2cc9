"""Names, codes and other short texts that look like what they are called."""

from __future__ import annotations

from random import Random

from .vocabulary import FIRST_NAMES, SLUG_HEADS, SLUG_TAILS
from .words import word_set

CODES = word_set(
    "id ids key reference ref number no code serial sku identifier hash handle sid gid"
)
"""Last words of what people copy rather than make up."""


def slug(chance: Random) -> str:
    """A name as things in systems have it: "harbor-prod"."""
    return f"{chance.choice(SLUG_HEADS)}-{chance.choice(SLUG_TAILS)}"


def code(said: str, chance: Random) -> str:
    """A short code such as people read out: "VI-4821"."""
    initials = "".join(w[0] for w in said.split() if w.isalpha() and w not in ("ID", "of"))[:3]
    style = chance.randrange(4)
    if style == 0 or not initials:
        return str(chance.randrange(10000, 1000000))
    if style == 1:
        return f"{initials.lower()}_{chance.getrandbits(32):08x}"
    return f"{initials.upper()}-{chance.randrange(1000, 10000)}"


def uuid(chance: Random) -> str:
    """A random UUID."""
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def by_last_word(words: tuple[str, ...], said: str, chance: Random) -> str:
    """A text for something whose name is `words`; where they say nothing, a name."""
    last = words[-1] if words else ""
    if "arn" in words:
        account = chance.randrange(10**11, 10**12)
        return f"arn:aws:service:eu-west-1:{account}:{slug(chance)}"
    if "ip" in words or last == "cidr":
        return f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
    if last in ("domain", "host", "hostname", "fqdn", "website", "site"):
        return f"{slug(chance)}.example.org"
    if last in ("uri", "url", "link", "endpoint", "webhook", "callback", "href"):
        return f"https://{slug(chance)}.example.org/{chance.choice(SLUG_TAILS)}"
    if last in _SECRETS:
        return f"{chance.getrandbits(64):016x}"
    if last in ("commit", "checksum", "etag", "digest", "sha", "hash", "fingerprint"):
        return f"{chance.getrandbits(40):010x}"
    if last in ("file", "filename", "document") and "name" not in words[:-1]:
        return (
            f"{chance.choice(SLUG_TAILS)}-{chance.randint(1, 30)}.{chance.choice(('csv', 'pdf'))}"
        )
    if last in _USERS or words[-2:] == ("user", "name"):
        return f"{chance.choice(FIRST_NAMES)}{chance.randint(10, 99)}".lower()
    if last in CODES:
        return code(said, chance)
    if last in ("true", "enabled", "disabled"):
        return "true"
    if last == "version":
        return f"{chance.randint(1, 4)}.{chance.randint(0, 9)}"
    return slug(chance)


_SECRETS = word_set("token secret password passphrase signature authorization cursor nonce")
_USERS = word_set("user username login owner author member creator")
