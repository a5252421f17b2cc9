"""Accounts: tokens, registration and passwords. Every other tool with a token relies on these.

A token is a fixed text that never expires. Deleting an account leaves the user's rows in other
tables, and a password's reset needs two calls, of which the first is remembered in the world.
"""

from __future__ import annotations

from string import ascii_lowercase, digits
from typing import Any

from ..declaration import LEVEL_1, TOKEN, Param, Refusal
from ..desk import Desk, keyed
from .answers import STATUS, TEXT, record

_ALPHABET = ascii_lowercase + digits
_CODE = 970420
"""The verification code, which is the same for everybody and stays valid."""
_FIRST, _SECOND = "Forgot Password", "Verification Code"
_STATUS_OUT = {"status": Param("str", "success or failed")}
_TOKEN_OUT = {"token": Param("str", "The user's token.")}


@LEVEL_1.api(
    "Log in: exchange a username and password for the token that other tools ask for.",
    {"username": Param("str", "Name of the account."), "password": Param("str", "Its password.")},
    _TOKEN_OUT,
    returns=record(token=TEXT),
)
def GetUserToken(desk: Desk, username: str, password: str) -> dict[str, Any]:
    found = desk.row("select password, token from accounts where username = ?", keyed(username))
    if found is None:
        raise Refusal("The username does not exist.")
    if found["password"] != password:
        raise Refusal("The password is incorrect.")
    return {"token": found["token"]}


@LEVEL_1.api(
    "Find out whose token it is.",
    {"token": TOKEN},
    {"username": Param("str", "Name of the account.")},
    returns=record(username=TEXT),
    named=False,
)
def CheckToken(desk: Desk, token: str) -> dict[str, Any]:
    return {"username": desk.user(token)}


@LEVEL_1.api(
    "Open an account for a new user and get its token.",
    {
        "username": Param("str", "Name of the new account."),
        "password": Param("str", "Password of the new account."),
        "email": Param("str", "Email address of the user."),
    },
    _TOKEN_OUT,
    returns=record(token=TEXT),
    named=False,
)
def RegisterUser(desk: Desk, username: str, password: str, email: str) -> dict[str, Any]:
    if desk.row("select 1 from accounts where username = ?", keyed(username)) is not None:
        raise Refusal("The username already exists.")
    # The recorded dialogues have longer tokens than upstream makes now.
    token = "".join(desk.random.choices(_ALPHABET, k=18 if desk.strict else 32))
    desk.change("insert into accounts values (?, ?, ?, ?)", username, password, token, email)
    return {"token": token}


@LEVEL_1.api(
    "Close the account of the token's user.",
    {"token": TOKEN},
    _STATUS_OUT,
    returns=STATUS,
    named=False,
)
def DeleteAccount(desk: Desk, token: str) -> dict[str, Any]:
    desk.change("delete from accounts where username = ?", desk.user(token))
    return {"status": "success"}


@LEVEL_1.api(
    "Change the password of a user who knows the old one.",
    {
        "token": TOKEN,
        "old_password": Param("str", "The password until now."),
        "new_password": Param("str", "The password from now on."),
    },
    _STATUS_OUT,
    returns=STATUS,
)
def ModifyPassword(desk: Desk, token: str, old_password: str, new_password: str) -> dict[str, Any]:
    user = desk.user(token)
    sql = "update accounts set password = ? where username = ? and password = ?"
    if not desk.change(sql, new_password, user, old_password):
        raise Refusal("The old password is incorrect.")
    return {"status": "success"}


@LEVEL_1.api(
    "Set a new password for a user who forgot the old one, in two calls: the first, with "
    "username and email, gets a verification code; the second gives it with the new password.",
    {
        "status": Param("str", f"'{_FIRST}' in the first call, '{_SECOND}' in the second."),
        "username": Param("str", "Name of the account; first call.", optional=True),
        "email": Param("str", "Email address of the account; first call.", optional=True),
        "verification_code": Param("int", "Code from the first call; second call.", optional=True),
        "new_password": Param("str", "The new password; second call.", optional=True),
    },
    _STATUS_OUT,
    returns={"enum": [_CODE, "success"]},
    named=False,
    echo_given=True,
)
def ForgotPassword(
    desk: Desk,
    status: str,
    username: str | None = None,
    email: str | None = None,
    verification_code: int | None = None,
    new_password: str | None = None,
) -> int | str:
    if status == _FIRST:
        return _code_for(desk, username, email)
    if status == _SECOND:
        return _reset(desk, verification_code, new_password)
    raise Refusal(f"The status is only '{_FIRST}' or '{_SECOND}'.")


def _code_for(desk: Desk, username: str | None, email: str | None) -> int:
    if username is None or email is None:
        raise Refusal("The username and email are required for the first call.")
    found = desk.row("select email from accounts where username = ?", keyed(username))
    if found is None:
        raise Refusal("The username does not exist.")
    if found["email"] != email:
        raise Refusal("The email is incorrect.")
    desk.change("insert or replace into password_resets values (1, ?)", username)
    return _CODE


def _reset(desk: Desk, verification_code: int | None, new_password: str | None) -> str:
    asked = desk.row("select username from password_resets")
    if asked is None:
        raise Refusal(f"You need to call the API with status '{_FIRST}' at first.")
    if verification_code is None or new_password is None:
        raise Refusal("The new password and verification code are required for the second call.")
    if verification_code != _CODE:
        raise Refusal("The verification code is incorrect.")
    sql = "update accounts set password = ? where username = ?"
    if not desk.change(sql, new_password, asked["username"]):
        # The account was deleted between the calls; upstream then misses its key.
        raise Refusal(repr(asked["username"]))
    return "success"
