"""Planters of what goes wrong with calls: their form, their arguments, their results."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from planting import (
    Record,
    arguments,
    call_places,
    drop,
    function,
    insert,
    pick,
    plants,
    required_of,
    result_of,
    rewrite,
    rounds,
    schema_of,
    user_words,
)

NAMES = ["Bartholomew Quill", "Greta Lindqvist", "Omar Farouk", "Xiulan Zhao", "Pavel Novotny"]
CITIES = ["Montevideo", "Ljubljana", "Wichita", "Nagoya", "Tromso", "Valparaiso"]
MAILS = ["b.quill@mailbox.net", "greta.l@fjordpost.no", "omar77@webmail.org", "zhao.x@inbox.cn"]
TEXTS = ["gluten-free muffins", "antique clock repair", "vintage motorcycles",
         "jazz trumpet lessons", "penguin habitats", "solar roof tiles"]  # fmt: skip
WORDS = ["turquoise", "saxophone", "granular", "Mahogany", "penguin", "velocipede", "tangerine"]
STAND_INS = [
    "my {0}", "the user's {0}", "<{0}>", "[{0}]", "TODO", "your_{0}_here", "{{{{{0}}}}}",
    "user's {0}", "the {0} mentioned above", "TBD", "YOUR_{1}", "<insert {0}>", "same as before",
    "N/A", "placeholder", "the {0} provided by the user", "<YOUR_{1}>",
]  # fmt: skip


@plants("arguments_not_json")
def broken_json(record: Record, rng: Random) -> Record | None:
    places = [p for p in call_places(record) if arguments(record, p)]
    place = pick(rng, places)
    if place is None:
        return None
    text = function(record, place)["arguments"]
    broken = [
        text[: rng.randrange(len(text) // 2, len(text) - 1)],
        text.replace('"', "'"),
        text[:-1] + ",}",
        re.sub(r'"(\w+)"\s*:', r"\1:", text, count=1),
        f"```json\n{text}\n```",
        text[:-1],
        text + "}",
        str(json.loads(text)).replace('"', "'"),
    ]
    function(record, place)["arguments"] = rng.choice(broken)
    try:
        json.loads(function(record, place)["arguments"])
    except ValueError:
        return record
    return None


@plants("arguments_not_object")
def no_object(record: Record, rng: Random) -> Record | None:
    place = pick(rng, [p for p in call_places(record) if arguments(record, p)])
    if place is None:
        return None
    text = function(record, place)["arguments"]
    values = list(json.loads(text).values())
    shapes = [json.dumps(text), json.dumps(values), json.dumps(values[0]), "null", f"[{text}]"]
    shapes = [shape for shape in shapes if not shape.startswith("{")]
    function(record, place)["arguments"] = rng.choice(shapes)
    return record


@plants("duplicate_call_id")
def same_id(record: Record, rng: Random) -> Record | None:
    places = call_places(record)
    if len(places) < 2:
        return None
    first, second = sorted(rng.sample(places, 2))
    call = record["messages"][second[0]]["tool_calls"][second[1]]
    result = result_of(record, second)
    if result is None:
        return None
    call["id"] = record["messages"][first[0]]["tool_calls"][first[1]]["id"]
    record["messages"][result]["tool_call_id"] = call["id"]
    return record


@plants("unknown_call_id")
def other_id(record: Record, rng: Random) -> Record | None:
    result = pick(rng, [r for p in call_places(record) if (r := result_of(record, p)) is not None])
    if result is None:
        return None
    known = record["messages"][result]["tool_call_id"]
    others = [f"{known}x", f"call_{rng.randrange(900, 999)}", "", known.upper() + "-1", "0"]
    record["messages"][result]["tool_call_id"] = rng.choice([o for o in others if o])
    return record


@plants("missing_required")
def without_required(record: Record, rng: Random) -> Record | None:
    options = [(p, name) for p in call_places(record) for name in required_of(record, p)
               if name in arguments(record, p)]  # fmt: skip
    chosen = pick(rng, options)
    if chosen is None:
        return None
    left = {k: v for k, v in arguments(record, chosen[0]).items() if k != chosen[1]}
    rewrite(record, chosen[0], left)
    return record


@plants("unknown_parameter")
def one_more(record: Record, rng: Random) -> Record | None:
    place = pick(rng, call_places(record))
    if place is None:
        return None
    given = arguments(record, place)
    extra = rng.choice([("verbose", True), ("user_intent", "as asked"), ("output_format", "json"),
                        ("confirm", True), ("lang", "en"), ("dry_run", False)])  # fmt: skip
    if extra[0] in schema_of(record, place):
        return None
    if given and rng.random() < 0.4:  # a parameter under another name
        name = rng.choice(list(given))
        other = rng.choice([name + "_value", "input_" + name, name + "s_list"])
        given = {(other if key == name else key): value for key, value in given.items()}
    else:
        given = dict([*given.items(), extra])
    rewrite(record, place, given)
    return record


@plants("wrong_type")
def other_type(record: Record, rng: Random) -> Record | None:
    options = []
    for place in call_places(record):
        for name, value in arguments(record, place).items():
            kind = schema_of(record, place).get(name, {}).get("type")
            others: dict[str, list[Any]] = {
                "string": [[value], {"value": value}, 17, True],
                "integer": [str(value), f"{value} pieces", [value]],
                "number": [str(value), f"about {value}", {"amount": value}],
                "boolean": [str(value).lower(), "yes", 3],
                "array": [json.dumps(value), "a, b", {"items": value}],
                "object": [json.dumps(value), [value]],
            }
            if isinstance(kind, str) and kind in others:
                options.append((place, name, rng.choice(others[kind])))
    chosen = pick(rng, options)
    if chosen is None:
        return None
    place, name, value = chosen
    rewrite(record, place, arguments(record, place) | {name: value})
    return record


@plants("not_in_enum")
def other_value(record: Record, rng: Random) -> Record | None:
    options = []
    for place in call_places(record):
        for name, value in arguments(record, place).items():
            allowed = schema_of(record, place).get(name, {}).get("enum")
            if allowed and isinstance(value, str):
                others = [value.upper(), value.title(), value + "s", "other", "medium", f" {value}"]
                options += [(place, name, o) for o in others if o not in allowed]
    chosen = pick(rng, options)
    if chosen is None:
        return None
    place, name, value = chosen
    rewrite(record, place, arguments(record, place) | {name: value})
    return record


@plants("schema_violation")
def out_of_bounds(record: Record, rng: Random) -> Record | None:
    options: list[tuple[Any, str, Any]] = []
    for place in call_places(record):
        for name in arguments(record, place):
            schema = schema_of(record, place).get(name, {})
            if isinstance(schema.get("minimum"), int | float):
                options.append((place, name, schema["minimum"] - rng.randrange(1, 9)))
            if isinstance(schema.get("maximum"), int | float):
                options.append((place, name, schema["maximum"] + rng.randrange(1, 900)))
            if isinstance(schema.get("maxLength"), int):
                options.append((place, name, "x" * (schema["maxLength"] + 1)))
            if schema.get("pattern") and schema.get("type") == "string":
                options.append((place, name, "?? " + str(rng.randrange(9))))
            if schema.get("minItems"):
                options.append((place, name, []))
    chosen = pick(rng, options)
    if chosen is None:
        return None
    place, name, value = chosen
    rewrite(record, place, arguments(record, place) | {name: value})
    return record


@plants("unknown_tool")
def invented_tool(record: Record, rng: Random) -> Record | None:
    place = pick(rng, call_places(record))
    if place is None:
        return None
    name = function(record, place)["name"]
    known = {tool["name"] for tool in record["tools"]}
    cased = name.lower() if name.lower() != name else name.upper()
    others = [f"{name}_v2", f"get{name}", cased, "web_search", f"functions.{name}", name[:-1],
              "execute_python", "final_answer"]  # fmt: skip
    chosen = rng.choice([other for other in others if other and other not in known])
    function(record, place)["name"] = chosen
    return record


@plants("fabricated_argument")
def invented(record: Record, rng: Random) -> Record | None:
    options = []
    for place in call_places(record):
        words = user_words(record, place[0])
        for name, value in arguments(record, place).items():
            schema = schema_of(record, place).get(name, {})
            if "enum" in schema or isinstance(value, bool | list | dict) or value is None:
                continue
            # What the user said is replaced, so that what stands there comes from nobody.
            if len(str(value)) >= 2 and str(value) in words:
                options.append((place, name, value))
    chosen = pick(rng, options)
    if chosen is None:
        return None
    place, name, value = chosen
    other = _another(value, rng)
    rewrite(record, place, arguments(record, place) | {name: other})
    if rng.random() < 0.5:  # and all that follows goes along with it
        for message in record["messages"][place[0] + 1 :]:
            if message["role"] == "user":
                break
            if message.get("content"):
                message["content"] = message["content"].replace(str(value), str(other))
    return record


def _another(value: Any, rng: Random) -> Any:
    """Something of the same kind that was never said."""
    if isinstance(value, int):
        return value * 7 + rng.randrange(313, 5000)
    if isinstance(value, float):
        return round(value * 7.3 + rng.randrange(211, 900) + 0.37, 2)
    if "@" in value:
        return rng.choice(MAILS)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", value):
        return (
            f"{int(value[:4]) + 3}-{rng.randrange(1, 13):02}-{rng.randrange(10, 29)}" + value[10:]
        )
    if re.fullmatch(r"\d{2}:\d{2}", value):
        return f"{(int(value[:2]) + rng.randrange(3, 9)) % 24:02}:{rng.choice((17, 23, 41, 52))}"
    if any(c.isdigit() for c in value):
        return "".join(
            rng.choice("0123456789") if c.isdigit()
            else rng.choice("bcdfghjkmnpqrtvwxz" if c.islower() else "BCDFGHJKMNPQRTVWXZ")
            if c.isalpha() and len(value) < 30 and rng.random() < 0.5 else c
            for c in value
        )  # fmt: skip
    if len(value.split()) > 1:
        return rng.choice(NAMES if value.istitle() else TEXTS)
    return rng.choice(CITIES if value.istitle() else WORDS)


@plants("vague_argument")
def stand_in(record: Record, rng: Random) -> Record | None:
    options = []
    for place in call_places(record):
        for name, value in arguments(record, place).items():
            schema = schema_of(record, place).get(name, {})
            free = {
                "query",
                "keywords",
                "keyword",
                "text",
                "content",
                "message",
                "formula",
                "question",
            }
            if isinstance(value, str) and "enum" not in schema and name.lower() not in free:
                options.append((place, name))
    chosen = pick(rng, options)
    if chosen is None:
        return None
    place, name = chosen
    fact = next((w for w in ("email", "city", "password", "username", "token", "date", "address",
                             "phone", "id", "name") if w in name.lower()), "value")  # fmt: skip
    text = rng.choice(STAND_INS).format(fact, fact.upper())
    rewrite(record, place, arguments(record, place) | {name: text})
    return record


@plants("left_out_value")
def forgotten(record: Record, rng: Random) -> Record | None:
    options = []
    for part in rounds(record):
        said = (record["messages"][part[0]]["content"] or "").lower()
        here = [p for p in call_places(record) if p[0] in part]
        for place in here:
            given = arguments(record, place)
            for name, value in given.items():
                spoken = " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)).lower()
                others = sum(str(value) in function(record, p)["arguments"] for p in here)
                # Plainly stated: by the parameter's name, or the value is one of a fixed few.
                plain = spoken in said or "enum" in schema_of(record, place).get(name, {})
                scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
                optional = name not in required_of(record, place)
                word = rf"(?<![\w-]){re.escape(str(value).lower())}(?![\w-])"
                if optional and scalar and others == 1 and plain and re.search(word, said):
                    options.append((place, name))
    chosen = pick(rng, options)
    if chosen is None:
        return None
    place, name = chosen
    left = {k: v for k, v in arguments(record, place).items() if k != name}
    rewrite(record, place, left)
    return record


@plants("call_without_result")
def lost_result(record: Record, rng: Random) -> Record | None:
    result = pick(rng, [r for p in call_places(record) if (r := result_of(record, p)) is not None])
    if result is None:
        return None
    drop(record, [result])
    return record


@plants("result_without_call")
def lost_call(record: Record, rng: Random) -> Record | None:
    places = call_places(record)
    if places and rng.random() < 0.6:
        drop(record, [rng.choice(places)[0]])
        return record
    at = rng.choice([part[-1] + 1 for part in rounds(record)])
    insert(record, at, "tool", '{"status": "success"}', tool_call_id="call_77")
    return record


@plants("repeated_call")
def looping(record: Record, rng: Random) -> Record | None:
    options = [p for p in call_places(record) if len(record["messages"][p[0]]["tool_calls"]) == 1]
    place = pick(rng, [p for p in options if result_of(record, p) == p[0] + 1])
    if place is None:
        return None
    at = place[0]
    call, result = record["messages"][at], record["messages"][at + 1]
    for again in range(rng.randrange(2, 4)):
        more = json.loads(json.dumps([call, result]))
        more[0]["tool_calls"][0]["id"] = more[1]["tool_call_id"] = f"again_{again}"
        if again == 0 and rng.random() < 0.3:  # within one turn
            call["tool_calls"] += more[0]["tool_calls"]
            record["messages"].insert(at + 2, more[1])
            break
        record["messages"][at + 2 : at + 2] = more
    return record
