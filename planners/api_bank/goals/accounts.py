"""Account management: tokens, registration, passwords."""

from __future__ import annotations

from .draw import Draw
from .task import Caller, Facts, task


@task(
    "get-token", "account", "GetUserToken", weight=0.5,
    does=(
        "get my access token",
        "fetch a token for the user {username} with the password {password}",
        "sign me in as {username}, password {password}", "log me in",
        "obtain the token that belongs to {username} (password: {password})",
        "authenticate {username} with {password}",
    ),
    says=("What is the token of the account {username}? The password is {password}.",
          "I need my token to continue. Login {username}, password {password}.",
          "{username} and {password} are my credentials. Give me the token, please.",
          "To connect another app I need a token for {username}.",
          "Sign in for me: {username} / {password}."),
)  # fmt: skip
def get_token(draw: Draw) -> Facts:
    account = draw.account
    told = {"username": account.username, "password": account.password}
    return Facts(dict(told), username=account.username, password=account.password)


@task(
    "check-token", "account", "CheckToken", weight=0.3,
    does=("check whether the token {token} is valid", "tell me whose token {token} is",
          "verify the token {token}", "find out which user the token {token} belongs to",
          "look up the owner of {token}", "check a token for me"),
    says=("Is {token} still a good token?", "Whose token is this: {token}?",
          "I found the token {token} in my notes. Which account is it for?",
          "Somebody sent me the token {token}. Can it be used?"),
)  # fmt: skip
def check_token(draw: Draw) -> Facts:
    return Facts({"token": draw.account.token}, token=draw.account.token)


@task(
    "register", "account", "RegisterUser",
    does=("register the user {username} with the password {password} and the email {email}",
          "create an account named {username}, password {password}, mail address {email}",
          "sign me up as {username} with {email}; my password shall be {password}",
          "open a new user account for me", "set up an account for {email}",
          "register me under the name {username}",
          "make me an account with the username {username} and the email {email}"),
    says=("I'm new here and want to register. I'd use the name {username}, the password {password} "
          "and the address {email}.",
          "New account, please: {username}, {password}, {email}.",
          "I don't have an account yet. Call me {username}; mails go to {email}.",
          "My colleague needs a user: name {username}, password {password}, email {email}.",
          "How do I get an account? I'd like to be {username}."),
)  # fmt: skip
def register(draw: Draw) -> Facts:
    name = draw.username()
    while name in draw.data.file("Account"):
        name = draw.username()
    values = {"username": name, "password": draw.password(), "email": draw.email(name)}
    return Facts(values, username=name, password=values["password"], email=values["email"])


@task(
    "delete-account", "account", "DeleteAccount",
    does=("delete my account", "remove my user account for good", "close my account {username}",
          "erase the account {username}; its password is {password}",
          "delete the account with the username {username} and the password {password}",
          "get rid of my profile", "permanently remove my account"),
    says=("I don't want my account any more. Delete it.",
          "I am leaving this service, so my account {username} can go.",
          "Please wipe my account. I am {username}, password {password}.",
          "My account is not needed any longer. Could it be deleted?",
          "Goodbye account: delete {username}, the password is {password}."),
)  # fmt: skip
def delete_account(draw: Draw) -> Facts:
    def solve(call: Caller) -> None:
        call("DeleteAccount")

    return Facts(solve=solve)


@task(
    "change-password", "account", "ModifyPassword",
    does=("change my password to {new_password}", "set {new_password} as my new password",
          "replace my password by {new_password}", "update my password", "give me a new password",
          "change the password of {username} from {password} to {new_password}",
          "switch my password from {password} to {new_password}"),
    says=("My password should be {new_password} from now on.",
          "I'm {username} and my password {password} is too weak. Make it {new_password}.",
          "It's time for a new password: {new_password}.",
          "I'd feel safer with another password, {new_password} for example.",
          "Somebody saw my password {password}. Can we change it? I'm {username}."),
)  # fmt: skip
def change_password(draw: Draw) -> Facts:
    new = draw.password()

    def solve(call: Caller) -> None:
        call("ModifyPassword", old_password=draw.account.password, new_password=new)

    return Facts({"new_password": new}, solve)


_FORGOT = (
    "I can't remember my password. I am {username} and my email is {email}. The new one should "
    "be {new_password}.",
    "My password has slipped my mind. Username {username}, email {email}, new password "
    "{new_password}.",
    "Please reset the password of {username} ({email}) to {new_password}.",
    "I forgot the password of my account {username}. Could it be {new_password} from now on?",
    "I'm locked out: forgotten password. My address is {email}.",
    "How can I reset my password? I'm {username}, registered with {email}.",
    "Reset my forgotten password, please.",
)
_FORGOT_FIRST = (
    "I forgot my password. Send me a verification code; I am {username} with the email {email}.",
    "I've lost my password and need a code to reset it.",
    "Could I get a code for a forgotten password? The account is {username}, the mail {email}.",
    "Password forgotten! Account {username}, email {email}. What next?",
    "Start the password recovery for {username}, please. The registered email is {email}.",
    "Please help me recover my password. The account belongs to {email}.",
)
_FORGOT_SECOND = (
    "The code is {verification_code}. Make the new password {new_password}.",
    "I have it: {verification_code}. My new password shall be {new_password}.",
    "{verification_code} it is. Set {new_password} as the password.",
    "Got the code {verification_code}, use {new_password} from now on.",
    "Here is the verification code, {verification_code}, and the password I want is "
    "{new_password}.",
    "Code {verification_code}, new password {new_password}.",
)


@task("forgot-password", "account", "ForgotPassword")
def forgot_password(draw: Draw) -> Facts:
    account, new = draw.account, draw.password()
    told = {"username": account.username, "email": account.email}

    def ask_code(call: Caller) -> None:
        call(
            "ForgotPassword",
            status="Forgot Password",
            username=account.username,
            email=account.email,
        )

    def use_code(call: Caller) -> None:
        call(
            "ForgotPassword", status="Verification Code", verification_code=970420, new_password=new
        )

    def both(call: Caller) -> None:
        ask_code(call)
        use_code(call)

    if draw.likely(0.5):
        return Facts({**told, "new_password": new}, both, _FORGOT)
    second = Facts({"verification_code": "970420", "new_password": new}, use_code, _FORGOT_SECOND)
    return Facts(told, ask_code, _FORGOT_FIRST, second)
