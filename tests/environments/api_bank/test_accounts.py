"""Accounts: who gets a token, and how a password changes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from callsheet.environments.api_bank import CallRaised, Session, api_bank_data, level_1
from callsheet.environments.api_bank.data import SEED

AMARA = {"username": "amara", "password": "river-stone"}
TOKEN = {"token": "k4v7q2m9x1c8z5b3n6"}
MAIL = {"username": "amara", "email": "amara@example.org"}
FIRST, SECOND = {"status": "Forgot Password"}, {"status": "Verification Code"}
NEW = {"username": "zoe", "password": "p", "email": "not an address"}


@pytest.fixture
def session() -> Session:
    return Session(level_1(), data=api_bank_data(SEED))


def refusal(session: Session, name: str, arguments: dict[str, Any]) -> str:
    envelope = session.call(name, arguments)
    assert envelope["output"] is None
    return str(envelope["exception"])


def output(session: Session, name: str, arguments: dict[str, Any]) -> Any:
    envelope = session.call(name, arguments)
    assert envelope["exception"] is None
    return envelope["output"]


def test_token(session: Session) -> None:
    assert session.call("GetUserToken", AMARA) == {
        "api_name": "GetUserToken", "input": AMARA, "output": TOKEN, "exception": None,
    }  # fmt: skip
    unknown = "The username does not exist."
    assert refusal(session, "GetUserToken", AMARA | {"username": "Amara"}) == unknown
    wrong = "The password is incorrect."
    assert refusal(session, "GetUserToken", AMARA | {"password": "River-stone"}) == wrong
    assert session.call("CheckToken", TOKEN) == {
        "input": TOKEN, "output": {"username": "amara"}, "exception": None,
    }  # fmt: skip
    assert refusal(session, "CheckToken", {"token": ""}) == "The token is invalid."


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("GetUserToken", AMARA), ("RegisterUser", NEW), ("ForgotPassword", FIRST | MAIL)],
)
@pytest.mark.parametrize("username", [["amara"], {"amara": 1}])
def test_a_name_that_is_no_key(
    session: Session, name: str, arguments: dict[str, Any], username: Any
) -> None:
    before = session.world.digest()
    said = f"unhashable type: '{type(username).__name__}'"
    assert refusal(session, name, arguments | {"username": username}) == said
    assert session.world.digest() == before


def test_the_first_of_several_users_with_a_token_is_meant(session: Session) -> None:
    session.world.insert({"accounts": [{"username": "aaa", "password": "p", **TOKEN}]})
    assert output(session, "CheckToken", TOKEN) == {"username": "amara"}


@pytest.mark.parametrize(("behaviour", "length"), [("reference", 32), ("strict-upstream", 18)])
def test_registration(behaviour: Any, length: int) -> None:
    session = Session(level_1(), data=api_bank_data(SEED), behaviour=behaviour, seed=5)
    envelope = session.call("RegisterUser", NEW)
    assert envelope.keys() == {"input", "output", "exception"}
    token = envelope["output"]
    assert re.fullmatch(f"[a-z0-9]{{{length}}}", token["token"])
    assert output(session, "CheckToken", token) == {"username": "zoe"}
    assert output(session, "GetUserToken", {"username": "zoe", "password": "p"}) == token
    assert refusal(session, "RegisterUser", NEW) == "The username already exists."
    assert output(session, "RegisterUser", NEW | {"username": "yan"}) != token
    again = Session(level_1(), data=api_bank_data(SEED), behaviour=behaviour, seed=5)
    other = Session(level_1(), data=api_bank_data(SEED), behaviour=behaviour, seed=6)
    assert again.call("RegisterUser", NEW) == envelope
    assert output(other, "RegisterUser", NEW) != token


def test_deletion_leaves_the_other_tables(session: Session) -> None:
    alarms = session.world.rows("alarms")
    assert session.call("DeleteAccount", TOKEN) == {
        "input": TOKEN, "output": {"status": "success"}, "exception": None,
    }  # fmt: skip
    assert refusal(session, "DeleteAccount", TOKEN) == "The token is invalid."
    assert refusal(session, "GetUserToken", AMARA) == "The username does not exist."
    assert session.world.rows("alarms") == alarms
    assert len(session.world.rows("accounts")) == 4


def test_new_password(session: Session) -> None:
    call = TOKEN | {"old_password": "wrong", "new_password": "n"}
    bad = call | {"token": "bad"}
    assert refusal(session, "ModifyPassword", bad) == "The token is invalid."
    assert refusal(session, "ModifyPassword", call) == "The old password is incorrect."
    call["old_password"] = "river-stone"
    assert output(session, "ModifyPassword", call) == {"status": "success"}
    assert refusal(session, "GetUserToken", AMARA) == "The password is incorrect."
    assert output(session, "GetUserToken", AMARA | {"password": "n"}) == TOKEN


def test_forgotten_password_in_order(session: Session) -> None:
    code = {"verification_code": "970420", "new_password": "n"}
    early = "You need to call the API with status 'Forgot Password' at first."
    assert refusal(session, "ForgotPassword", SECOND | code) == early
    assert refusal(session, "ForgotPassword", SECOND) == early
    for missing in MAIL:
        given = {name: value for name, value in MAIL.items() if name != missing}
        assert refusal(session, "ForgotPassword", FIRST | given) == (
            "The username and email are required for the first call."
        )
    for change, message in (
        ({"username": "nobody", "email": "x"}, "The username does not exist."),
        ({"email": "lukas@example.org"}, "The email is incorrect."),
    ):
        assert refusal(session, "ForgotPassword", FIRST | MAIL | change) == message
        assert refusal(session, "ForgotPassword", SECOND | code) == early
    assert output(session, "ForgotPassword", FIRST | MAIL) == 970420
    missing_second = "The new password and verification code are required for the second call."
    for name in code:
        assert refusal(session, "ForgotPassword", SECOND | {name: code[name]}) == missing_second
    wrong = SECOND | code | {"verification_code": 970421}
    assert refusal(session, "ForgotPassword", wrong) == "The verification code is incorrect."
    other = "The status is only 'Forgot Password' or 'Verification Code'."
    assert refusal(session, "ForgotPassword", {"status": "forgot password"}) == other
    for password in ("n", "m"):  # the code stays valid
        given = SECOND | code | {"new_password": password}
        assert session.call("ForgotPassword", given) == {
            "input": given | {"verification_code": 970420},
            "output": "success",
            "exception": None,
        }
        assert output(session, "GetUserToken", AMARA | {"password": password}) == TOKEN


def test_the_last_first_call_decides_whose_password_is_set(session: Session) -> None:
    lukas = {"username": "lukas", "email": "lukas@example.org"}
    for user in (MAIL, lukas):
        assert output(session, "ForgotPassword", FIRST | user) == 970420
    session.call("ForgotPassword", FIRST | MAIL | {"email": "wrong"})
    given = SECOND | {"verification_code": 970420, "new_password": "n"}
    assert output(session, "ForgotPassword", given | MAIL) == "success"
    assert output(session, "GetUserToken", {"username": "lukas", "password": "n"})
    assert output(session, "GetUserToken", AMARA) == TOKEN
    token = output(session, "GetUserToken", {"username": "lukas", "password": "n"})
    output(session, "DeleteAccount", token)
    assert refusal(session, "ForgotPassword", given) == "'lukas'"


def test_the_reset_is_part_of_the_state(session: Session) -> None:
    before = session.world.snapshot()
    session.call("ForgotPassword", FIRST | MAIL)
    session.world.restore(before)
    given = SECOND | {"verification_code": 970420, "new_password": "n"}
    assert refusal(session, "ForgotPassword", given).startswith("You need to call the API")


@pytest.mark.parametrize("code", ["", "abc", "-1", "97 0420", "970420.0"])
def test_a_code_that_is_no_number_never_reaches_the_tool(session: Session, code: str) -> None:
    with pytest.raises(CallRaised, match=r"^invalid parameter type\. parameter: ") as raised:
        session.call("ForgotPassword", SECOND | {"verification_code": code, "new_password": "n"})
    assert raised.value.kind == "AssertionError"
