"""Level 3: meetings, colleagues, pay and personal data; tools with tables of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .draw import Draw
from .information import _CALCULATE, formula_of
from .meetings import end_of, listed
from .spoken import said_place
from .task import Caller, Facts, task
from .vocabulary import STREETS, TOPICS

_NOTES = (
    "Please do not be late.", "Bring your laptop.", "Have a look at the agenda before.",
    "See you there.", "Please confirm that you will come.", "Prepare three questions.",
)  # fmt: skip


def _names(draw: Draw, tool: str, key: str = "database") -> list[str]:
    return list(draw.data.level_3[tool][key])


@task(
    "meetings-of", "schedule", "QueryMeeting", level=3,
    does=(
        "look up the meetings of {user_name}", "list what meetings {user_name} has",
        "check the calendar of {user_name}", "show me the meeting details of {user_name}",
        "look up somebody's meetings",
    ),
    says=(
        "Which meetings does {user_name} have?", "When does {user_name} meet whom?",
        "I'm the assistant of {user_name} and need the list of meetings.",
        "What meetings are there for {user_name}?", "Is {user_name} busy with meetings?",
    ),
)  # fmt: skip
def meetings_of(draw: Draw) -> Facts:
    name = draw.pick(_names(draw, "QueryMeeting"))
    return Facts({"user_name": name}, user_name=name)


@task(
    "remind-of-meetings", "schedule", "QueryMeeting", "EmailReminder", level=3, weight=1.5,
    does=(
        "mail a reminder of every meeting of {user_name} to {recipient}, with the text "
        '"{content}"',
        "look up the meetings of {user_name} and send {recipient} an email reminder for each, "
        'saying "{content}"',
        'remind {recipient} by email of the meetings that {user_name} has; write "{content}"',
        'retrieve the meetings of {user_name} and email {recipient} about each: "{content}"',
    ),
    says=(
        "{recipient} must not miss any meeting of {user_name}. Send a reminder for each: "
        '"{content}"',
        "What meetings does {user_name} have? Let {recipient} be reminded of them by mail: "
        '"{content}"',
        "{user_name} forgets meetings. A mail to {recipient} for each would help, saying "
        '"{content}"',
    ),
)  # fmt: skip
def remind_of_meetings(draw: Draw) -> Facts:
    name, content = draw.pick(_names(draw, "QueryMeeting")), draw.pick(_NOTES)
    recipient = draw.email(name)

    def solve(call: Caller) -> None:
        for meeting in call("QueryMeeting", user_name=name)["meetings"]:
            call(
                "EmailReminder",
                content=content,
                time=meeting["meeting_time"],
                location=meeting["meeting_location"],
                recipient=recipient,
            )

    return Facts({"user_name": name, "recipient": recipient, "content": content}, solve)


@task(
    "email-reminder", "schedule", "EmailReminder", level=3,
    does=(
        'send {recipient} an email reminder for {time} at {location}: "{content}"',
        "remind {recipient} by email that we meet {on:time} at {location}, with the words "
        '"{content}"',
        "send an email reminder to {recipient}", 'mail the reminder "{content}" to {recipient}',
    ),
    says=('{recipient} should be reminded by mail: {time}, {location}, "{content}"',
          'We meet {on:time} at {location}. Mail {recipient} "{content}" as a reminder.',
          "I want {recipient} to get a reminder by email.", "An email reminder has to go out."),
)  # fmt: skip
def email_reminder(draw: Draw) -> Facts:
    time, place, content = draw.moment(), draw.place(), draw.pick(_NOTES)
    recipient = draw.email(draw.first_name())
    said = {"recipient": recipient, "time": time, "location": said_place(place), "content": content}
    return Facts(said, content=content, time=time.exact, location=place, recipient=recipient)


@task(
    "meeting-level-3", "schedule", "AddMeeting", level=3,
    does=(
        'book a meeting on "{meeting_topic}" from {start_time} to {end_time} at {location} with '
        "{attendees}",
        'reserve "{meeting_topic}" at {location}, {start_time} until {end_time}, for {attendees}',
        'set up a meeting about "{meeting_topic}" with {attendees}',
        "book a meeting in the calendar",
    ),
    says=(
        '{attendees} will meet at {location} on "{meeting_topic}", from {start_time} to '
        "{end_time}. Book it.",
        'Meeting: "{meeting_topic}", {start_time} - {end_time}, {location}, with {attendees}.',
        'We have to talk about "{meeting_topic}" in a meeting.',
    ),
)  # fmt: skip
def meeting(draw: Draw) -> Facts:
    start = draw.at(draw.near_day(), 8, 18)
    return _meeting(draw, start, [draw.first_name() for _ in range(draw.chance.randint(1, 3))])


def _meeting(draw: Draw, start: Any, people: list[str]) -> Facts:
    minutes = draw.pick((30, 60, 90, 120))
    first, last = draw.say(start), end_of(draw, start, start + timedelta(minutes=minutes))
    people = list(dict.fromkeys(people))
    values: dict[str, Any] = {"meeting_topic": draw.pick(TOPICS), "location": draw.place()}
    where = said_place(values["location"])
    said = {**values, "location": where, "start_time": first, "end_time": last}
    if people:
        said["attendees"] = listed(people)
    return Facts(said, start_time=first.exact, end_time=last.exact, attendees=people, **values)


@task(
    "members", "schedule", "OrganizationMembers", level=3, weight=0.7,
    does=(
        "list the members of {organization}", "find out who belongs to {organization}",
        "look up the people at {organization}", "tell me who works for {organization}",
        "list the members of an organization",
    ),
    says=(
        "Who is in {organization}?", "Which members does {organization} have?",
        "I need the names of everybody at {organization}.",
        "Who are the people of {organization}?",
    ),
)  # fmt: skip
def members(draw: Draw) -> Facts:
    name = draw.pick(_names(draw, "OrganizationMembers"))
    return Facts({"organization": name}, organization=name)


@task(
    "travel-status", "travel", "TravelStatus", level=3,
    does=("check the travel status of {member_name}", "find out whether {member_name} is traveling",
          "look up where {member_name} works at the moment", "see if {member_name} is on the road",
          "check somebody's travel status"),
    says=(
        "Is {member_name} traveling?", "Where is {member_name} working right now?",
        "Can I find {member_name} in the office?", "Is {member_name} away on a trip or at home?",
    ),
)  # fmt: skip
def travel_status(draw: Draw) -> Facts:
    name = draw.pick(_names(draw, "TravelStatus"))
    return Facts({"member_name": name}, member_name=name)


@task(
    "who-is-away", "travel", "OrganizationMembers", "TravelStatus", level=3,
    does=(
        "find out which members of {organization} are traveling",
        "check for everybody at {organization} whether they travel",
        "look up the travel status of all members of {organization}",
    ),
    says=(
        "Who of {organization} is on a trip at the moment?",
        "Is anybody from {organization} away?",
        "Where are the people of {organization} working now?",
        "How many of {organization} are traveling? Check each of them.",
    ),
)  # fmt: skip
def who_is_away(draw: Draw) -> Facts:
    name = draw.pick(_names(draw, "OrganizationMembers"))

    def solve(call: Caller) -> None:
        for member in call("OrganizationMembers", organization=name)["members"]:
            call("TravelStatus", member_name=member)

    return Facts({"organization": name}, solve)


@task(
    "meet-those-present", "schedule", "OrganizationMembers", "TravelStatus", "AddMeeting",
    level=3, weight=1.5,
    does=(
        'set up a meeting on "{meeting_topic}" at {location} from {start_time} to {end_time} '
        "with everybody of {organization} who is not traveling",
        'gather the people of {organization} who are not traveling for "{meeting_topic}": '
        "{start_time} until {end_time}, {location}",
    ),
    says=(
        'Whoever of {organization} is not traveling should come to "{meeting_topic}" at '
        "{location}, from {start_time} to {end_time}. Book it.",
        'I plan "{meeting_topic}" at {location}, {start_time} to {end_time}. Invite the members '
        "of {organization}, but not those who travel.",
        '"{meeting_topic}", {location}, {start_time} - {end_time}: reserve that for all of '
        "{organization} except people on a trip.",
    ),
)  # fmt: skip
def meet_those_present(draw: Draw) -> Facts:
    organizations = draw.data.level_3["OrganizationMembers"]["database"]
    states = draw.data.level_3["TravelStatus"]["database"]
    open_to = [
        name
        for name, people in organizations.items()
        if all(p in states for p in people) and any(states[p] != "Traveling" for p in people)
    ]
    name = draw.pick(open_to)
    facts = _meeting(draw, draw.at(draw.near_day(), 8, 18), [])

    def solve(call: Caller) -> None:
        present = [
            member
            for member in call("OrganizationMembers", organization=name)["members"]
            if call("TravelStatus", member_name=member) != "Traveling"
        ]
        call("AddMeeting", **{**facts.arguments, "attendees": present})

    return Facts({**facts.said, "organization": name}, solve)


@task(
    "salary", "finance", "GetOccupationSalary", level=3, weight=0.7,
    does=(
        "look up the salary of a {occupation}", "find out what a {occupation} earns",
        "check how much a {occupation} makes", "look up the salary of an occupation",
        "get the pay of a {occupation}",
    ),
    says=(
        "What does a {occupation} earn?", "How much money does a {occupation} make?",
        "I may become a {occupation}. What's the pay?", "{occupation}: what salary is usual?",
    ),
)  # fmt: skip
def salary(draw: Draw) -> Facts:
    name = draw.pick(_names(draw, "GetOccupationSalary", "salary_info"))
    return Facts({"occupation": name}, occupation=name)


@task(
    "tax", "finance", "TaxCalculator", level=3,
    does=(
        "calculate what is left of a salary of {salary} after tax",
        "work out the tax on {salary}", "compute the net salary for {salary} gross",
        "find out how much of {salary} remains after taxes", "calculate my tax",
    ),
    says=(
        "I earn {salary}. What do I keep after tax?",
        "How much of a salary of {salary} is left when taxes are paid?",
        "My contract says {salary} gross. And net?", "{salary} before tax is how much after tax?",
    ),
)  # fmt: skip
def tax(draw: Draw) -> Facts:
    amount = draw.pick((draw.chance.randint(5, 49) * 100, draw.chance.randint(5, 180) * 1000))
    return Facts({"salary": str(amount)}, salary=amount)


@task(
    "net-salary", "finance", "GetOccupationSalary", "TaxCalculator", level=3, weight=1.5,
    does=(
        "work out what a {occupation} has left after tax",
        "find the salary of a {occupation} and take the taxes off",
        "compute the net pay of a {occupation}",
        "look up what a {occupation} earns and what remains after taxes",
        "determine the income of a {occupation} after deduction of taxes",
    ),
    says=(
        "What does a {occupation} take home when taxes are paid?",
        "How much does a {occupation} really get, after tax?",
        "If I worked as a {occupation}, what would I keep after taxes?",
        "My sister is a {occupation}. What is that net of tax?",
    ),
)  # fmt: skip
def net_salary(draw: Draw) -> Facts:
    name = draw.pick(_names(draw, "GetOccupationSalary", "salary_info"))

    def solve(call: Caller) -> None:
        call("TaxCalculator", salary=call("GetOccupationSalary", occupation=name)["salary"])

    return Facts({"occupation": name}, solve)


def _person(draw: Draw) -> dict[str, Any]:
    name, password = draw.pick(draw.data.level_3["AccountInfo"]["database"])[0]
    return {"username": name, "password": password}


@task(
    "account-info", "account", "AccountInfo", level=3,
    does=(
        "show the account data of {username}, password {password}",
        "look up the account information of {username}",
        "get the email and phone of the account {username} with the password {password}",
        "show me my account data",
    ),
    says=(
        "What is stored in the account {username}? The password is {password}.",
        "Which phone number does my account have? I'm {username}.",
        "I am {username}, password {password}. What do you know about me?",
        "Let me see the details of my account.",
    ),
)  # fmt: skip
def account_info(draw: Draw) -> Facts:
    person = _person(draw)
    return Facts(dict(person), **person)


@task(
    "new-address", "account", "PersonalInfoUpdate", level=3,
    does=(
        "change the address of {username} (password {password}) to {address}",
        "set my address to {address}",
        "update the address in the account {username} to {address}", "update my address",
    ),
    says=(
        "I moved to {address}. My account is {username}, password {password}.",
        "{username} lives at {address} now; the password is {password}.",
        "New address: {address}. Please note it for {username}.",
        "My address is not right any more.",
    ),
)  # fmt: skip
def new_address(draw: Draw) -> Facts:
    person = _person(draw)
    address = f"{draw.chance.randint(1, 199)} {draw.pick(STREETS)}"
    return Facts({**person, "address": address}, **person, address=address)


@task(
    "check-and-move", "account", "AccountInfo", "PersonalInfoUpdate", level=3, weight=1.5,
    does=(
        "look up the account of {username} with the password {password} and change its address "
        "to {address}",
        "show the account data of {username} (password {password}), and then set the address to "
        "{address}",
        "bring the personal data of {username} up to date: password {password}, new address "
        "{address}",
    ),
    says=(
        "I'm {username}, password {password}. Show me my data and put {address} as my address.",
        "{username} has moved to {address}. The password is {password}. Check the account "
        "first, then change it.",
        "What's in the account of {username}, password {password}? The address must become "
        "{address}.",
    ),
)  # fmt: skip
def check_and_move(draw: Draw) -> Facts:
    person = _person(draw)
    address = f"{draw.chance.randint(1, 199)} {draw.pick(STREETS)}"

    def solve(call: Caller) -> None:
        call("AccountInfo", **person)
        call("PersonalInfoUpdate", **person, address=address)

    return Facts({**person, "address": address}, solve)


@task("calculate-level-3", "information", "Calculator", level=3, weight=0.7,
      does=_CALCULATE["does"], says=_CALCULATE["says"])  # fmt: skip
def calculate_level_3(draw: Draw) -> Facts:
    formula = formula_of(draw)
    return Facts({"formula": formula}, formula=formula)
