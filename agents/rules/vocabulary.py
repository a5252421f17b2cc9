"""Words and ranges from which plausible values are drawn, by what a parameter is called.

All of it invented or common knowledge; nothing is taken from anybody's data.
"""

from __future__ import annotations

FIRST_NAMES = (
    "Mara", "Jonas", "Aiko", "Samuel", "Elena", "Priya", "Lars", "Nadia", "Tomas", "Ines", "Omar",
    "Freya", "Hugo", "Leila", "Viktor", "Amara", "Noel", "Selma", "Idris", "Paula", "Kenji", "Rosa",
)  # fmt: skip
LAST_NAMES = (
    "Lindt", "Weber", "Tanaka", "Osei", "Rossi", "Nair", "Haugen", "Petrov", "Alvarez", "Kowalski",
    "Moreau", "Okafor", "Jansen", "Demir", "Silva", "Novak", "Byrne", "Fischer", "Mbeki", "Sato",
)  # fmt: skip
CITIES = (
    "Zurich", "Lisbon", "Toronto", "Nairobi", "Osaka", "Bergen", "Valencia", "Krakow", "Austin",
    "Melbourne", "Ghent", "Tallinn", "Montevideo", "Seattle", "Lyon", "Cork",
)  # fmt: skip
COUNTRIES = ("Portugal", "Norway", "Kenya", "Japan", "Canada", "Chile", "Poland", "Ireland")
COUNTRY_CODES = ("PT", "NO", "KE", "JP", "CA", "CL", "PL", "IE", "DE", "CH")
COMPANIES = ("Northwind Ltd", "Alpenrail AG", "Bluefin Foods", "Cobalt Systems", "Harbour & Sons")
TEAMS = ("finance", "design", "logistics", "research", "support", "marketing")
TITLES = (
    "Spring catalogue", "Quarterly review", "Harbour walk", "Onboarding guide", "Night train",
    "Budget outline", "Garden party", "Release notes", "Volunteer day", "Winter sale",
)  # fmt: skip
TEXTS = (
    "Please have a look before Friday", "Ready for the second round", "Moved from the old system",
    "Covers the first half of the year", "The customer called about this twice",
    "Short summary for the team", "Needs a second pair of eyes", "Requested by the branch office",
)  # fmt: skip
SLUG_HEADS = (
    "harbor", "cedar", "atlas", "falcon", "juniper", "cobalt", "maple", "orion", "delta", "willow",
    "quartz", "ember", "lagoon", "summit", "meadow", "granite", "aurora", "cascade", "onyx",
    "birch", "coral", "zephyr",
)  # fmt: skip
SLUG_TAILS = (
    "prod", "staging", "main", "west", "east", "north", "team", "lab", "core", "web", "archive",
    "reports", "backup", "pilot", "central", "retail", "mobile", "data", "north2", "eu1",
)  # fmt: skip
_SUBJECTS = (
    "solar panels", "delivery times", "electric bikes", "summer festival", "rental contracts",
    "coffee machines", "river levels", "jazz concerts", "hiking boots", "tax deadlines",
    "data privacy", "train delays", "wooden toys", "flu vaccines", "city museums",
)  # fmt: skip
_NAMES = tuple(f"{a} {b}" for a, b in zip(FIRST_NAMES, LAST_NAMES, strict=False))
_REGIONS = ("europe-west1", "us-east-1", "eu-central-1", "westeurope", "ap-southeast-2")

POOLS: dict[str, tuple[str, ...]] = {
    "city": CITIES, "town": CITIES, "place": CITIES, "destination": CITIES, "origin": CITIES,
    "country": COUNTRIES, "nationality": COUNTRIES, "location": ("westeurope", *CITIES[:6]),
    "region": _REGIONS, "zone": ("europe-west1-b", "us-east-1a", "eu-central-1c"),
    "address": ("12 Harbour Street", "3 Mill Lane", "48 Station Road", "7 Garden Row"),
    "street": ("Harbour Street", "Mill Lane", "Station Road"),
    "zip": ("8004", "90210", "EC1A 1BB", "10115"), "postcode": ("8004", "EC1A 1BB", "10115"),
    "phone": ("+41445550123", "+15550142", "+442055501170"), "mobile": ("+41795550188",),
    "telephone": ("+41445550123", "+15550142"), "msisdn": ("41795550188", "15550142"),
    "currency": ("EUR", "USD", "CHF", "GBP", "JPY", "SEK"),
    "language": ("en", "de", "fr", "es", "it", "pt"), "locale": ("en-GB", "de-CH", "fr-FR"),
    "timezone": ("Europe/Zurich", "America/Toronto", "Asia/Tokyo"),
    "firstname": FIRST_NAMES, "lastname": LAST_NAMES, "surname": LAST_NAMES,
    "person": _NAMES, "customer": _NAMES, "contact": _NAMES, "recipient": _NAMES,
    "assignee": _NAMES, "employee": _NAMES, "guest": _NAMES, "patient": _NAMES,
    "company": COMPANIES, "organization": COMPANIES, "vendor": COMPANIES, "merchant": COMPANIES,
    "brand": COMPANIES, "supplier": COMPANIES, "team": TEAMS, "department": TEAMS,
    "title": TITLES, "subject": TITLES, "headline": TITLES, "event": TITLES, "campaign": TITLES,
    "description": TEXTS, "message": TEXTS, "comment": TEXTS, "note": TEXTS, "notes": TEXTS,
    "body": TEXTS, "content": TEXTS, "text": TEXTS, "summary": TEXTS, "reason": TEXTS,
    "query": _SUBJECTS, "keyword": _SUBJECTS, "keywords": _SUBJECTS, "search": _SUBJECTS,
    "topic": _SUBJECTS, "term": _SUBJECTS, "phrase": _SUBJECTS,
    "category": ("outdoor", "stationery", "groceries", "electronics", "furniture"),
    "tag": ("urgent", "spring", "internal", "vip", "draft"),
    "label": ("urgent", "spring", "internal", "vip", "draft"),
    "status": ("active", "pending", "completed", "open"), "state": ("active", "pending", "open"),
    "color": ("navy blue", "dark green", "orange"), "colour": ("navy blue", "dark green"),
    "format": ("json", "csv", "xml"), "order": ("asc", "desc"), "sort": ("date", "name", "price"),
    "direction": ("asc", "desc"), "priority": ("high", "low", "medium"),
    "symbol": ("NWND", "ALPR", "BLFN", "CBLT"), "ticker": ("NWND", "ALPR", "BLFN"),
    "airport": ("ZRH", "LIS", "YYZ", "KIX"), "gender": ("female", "male"),
    "scope": ("read", "write", "team"), "role": ("editor", "viewer", "admin"),
    "season": ("2024", "2025", "2026"), "year": ("2024", "2025", "2026"),
    "name": (*TITLES[:6], "cedar-main", "orion-lab", "harbor-west"),
    "product": ("walnut desk", "trail lamp", "linen shirt", "tea kettle"),
    "item": ("walnut desk", "trail lamp", "linen shirt", "tea kettle"),
    "song": ("Night train", "Harbour lights"), "artist": ("The Tin Gulls", "Mira Vale"),
    "movie": ("The Quiet Ferry", "Salt Road"), "book": ("The Quiet Ferry", "Salt Road"),
    "type": ("standard", "basic", "custom"), "kind": ("standard", "basic", "custom"),
    "mode": ("standard", "fast", "manual"), "level": ("basic", "full"),
    "delete": ("true", "false"), "force": ("true", "false"), "recursive": ("true", "false"),
    "size": ("small", "medium", "large"), "plan": ("basic", "standard", "premium"),
}  # fmt: skip
"""Last word of what a parameter is called → values."""

RANGES: dict[str, tuple[float, float]] = {
    "latitude": (-55, 65), "longitude": (-120, 140), "price": (8, 400), "amount": (10, 900),
    "cost": (8, 400), "quantity": (1, 12), "count": (1, 25), "limit": (5, 50), "size": (5, 50),
    "results": (5, 50), "page": (1, 6), "offset": (0, 60), "year": (2022, 2026), "month": (1, 12),
    "day": (1, 28), "age": (18, 80), "duration": (10, 180), "minutes": (5, 120), "hours": (1, 12),
    "days": (1, 30), "radius": (1, 50), "distance": (1, 100), "weight": (1, 90),
    "height": (10, 200),
    "width": (10, 200), "percent": (1, 99), "percentage": (1, 99), "rating": (1, 5),
    "score": (50, 99), "temperature": (-5, 32), "port": (1024, 9000), "index": (0, 12),
    "number": (1, 400), "total": (10, 900), "rate": (0.5, 1.6), "priority": (1, 5),
    "version": (1, 9), "per": (5, 50), "top": (5, 50), "skip": (0, 40), "zoom": (3, 16),
    "seconds": (10, 900), "timeout": (10, 300), "season": (2022, 2026),
}  # fmt: skip
"""Word of what a number is called → where it commonly lies."""
