"""What an assistant types into ToolSearcher when it looks for a tool.

Several ways for every tool; the first that finds the tool with the data at hand is used, tried in
an order that the scenario's seed shuffles.
"""

from __future__ import annotations

from random import Random
from typing import Any

from ....environments.api_bank import LEVEL_3, ApiBankData, Catalog, Session
from ..end_state import CallFails, call
from ..offer import SEARCH, split_name

KEYWORDS: dict[str, tuple[str, ...]] = {
    "AddAgenda": ("add agenda", "add schedule item", "agenda add", "adding a schedule item"),
    "AddAlarm": ("add alarm", "setting an alarm", "alarm set"),
    "AddMeeting": ("add meeting", "reserve a meeting", "new meeting reservation", "add a meeting"),
    "AddReminder": ("add a reminder", "set reminder", "reminder add", "new reminder"),
    "AddScene": ("add scene", "add smart home scene", "new scene smart home"),
    "AppointmentRegistration": (
        "register appointment",
        "hospital appointment",
        "book doctor appointment",
    ),
    "BookHotel": ("hotel room", "order hotel room", "book a hotel room", "hotel"),
    "Calculator": ("calculator", "arithmetic", "calculate formula"),
    "CancelRegistration": (
        "cancel appointment",
        "cancel registration",
        "cancel hospital appointment",
    ),
    "CancelTimedSwitch": ("cancel timed switch", "cancel smart device timer"),
    "CheckToken": ("check token", "verify user token"),
    "DeleteAccount": ("remove account", "account deletion", "close account"),
    "DeleteAgenda": ("remove agenda", "delete schedule item", "agenda delete"),
    "DeleteAlarm": ("remove alarm", "alarm delete", "removing an alarm"),
    "DeleteMeeting": (
        "delete meeting",
        "remove meeting",
        "delete a meeting",
        "delete meeting reservation",
    ),
    "DeleteReminder": ("remove reminder", "delete reminder", "reminder delete"),
    "DeleteScene": ("delete scene", "remove scene"),
    "Dictionary": ("dictionary", "dictionary keyword", "word definition"),
    "DocumentQA": ("document question", "answer question from document", "document qa"),
    "EmergencyKnowledge": ("emergency", "emergency symptom", "first aid emergency"),
    "ForgotPassword": ("forgot password", "forgot password link", "password forgotten link"),
    "GetToday": ("get today", "today's date", "date today"),
    "GetUserToken": ("get user token", "user token"),
    "ImageCaption": ("image caption", "describe image", "picture caption"),
    "ModifyAgenda": ("modify agenda", "change schedule item", "agenda modify"),
    "ModifyAlarm": ("modify alarm", "change alarm", "alarm modify"),
    "ModifyMeeting": (
        "modify meeting",
        "change meeting",
        "modify a meeting reservation",
        "modify reservation",
    ),
    "ModifyPassword": ("modify password", "change password", "new password"),
    "ModifyRegistration": (
        "modify registration",
        "registration modify",
        "modify appointment registration",
    ),
    "ModifyReminder": ("modify reminder", "change reminder"),
    "ModifyScene": ("modify scene", "change scene devices"),
    "OpenBankAccount": ("open bank account", "bank account", "opening a bank account"),
    "PlayMusic": ("play music", "music player", "play song"),
    "QueryAgenda": ("query agenda", "get schedule item", "agenda query", "getting a schedule item"),
    "QueryAlarm": ("query alarm", "check alarm clock", "query alarm clock"),
    "QueryBalance": ("query balance", "balance", "check balance", "query user balance"),
    "QueryHealthData": ("query health data", "health data query", "query recorded health data"),
    "QueryHistoryToday": ("history today", "historical events", "history of the date"),
    "QueryMeeting": ("meeting query", "query a meeting", "query meeting"),
    "QueryRegistration": ("query registration", "registration query", "query patient registration"),
    "QueryReminder": ("query reminder", "look up reminder", "reminder query"),
    "QueryScene": ("query scene", "look up scene", "scene query"),
    "QueryStock": ("stock price", "stock query", "share price"),
    "RecordHealthData": ("record health", "health history record", "health data record"),
    "RegisterUser": ("register user", "sign up user", "create user account"),
    "SearchEngine": ("search engine", "web search", "search keyword"),
    "SendEmail": ("send email", "email", "write email"),
    "SpeechRecognition": ("speech recognition", "transcribe audio", "audio to text"),
    "SymptomSearch": ("symptom search", "symptom", "search symptom causes"),
    "TimedSwitch": ("timed switch", "switch device at time", "switch smart device on or off"),
    "Translate": ("translate", "translation", "translate text"),
    "Wiki": ("wiki", "wiki search", "wiki page"),
}
"""For the tools of levels 1 and 2."""
LEVEL_3_KEYWORDS: dict[str, tuple[str, ...]] = {
    "AddMeeting": ("meeting reservation", "make meeting reservation", "store meeting reservation"),
}
"""Where the tool's name finds another one."""


class NotFound(ValueError):
    """No keywords find the tool."""


class SearchFails(ValueError):
    """ToolSearcher itself does not work, for want of an encoder."""


class Keywords:
    """Finds and keeps keywords for the tools of one catalog, with the data's own search."""

    def __init__(self, catalog: Catalog, data: ApiBankData) -> None:
        self._session = Session(catalog, data=data)
        self._found: dict[str, str] = {}

    def for_tool(self, tool: str, chance: Random) -> str:
        """Keywords that find `tool`.

        Level 3's annotators searched by the tool's name, those of level 2 by a few words. Raises
        `NotFound`, and `SearchFails` where nothing can be searched.
        """
        split = split_name(tool)
        if self._session.catalog is LEVEL_3:
            tried = list(LEVEL_3_KEYWORDS.get(tool, (tool, split)))
        else:
            tried = list(KEYWORDS.get(tool, ()))
        chance.shuffle(tried)
        for words in (*tried, split.lower(), split, tool):
            if self.found(words) == tool:
                return words
        raise NotFound(f"no keywords find {tool}")

    def found(self, words: str) -> str:
        """The name of the tool that ToolSearcher answers with."""
        if words not in self._found:
            # A search that cannot search at all is no matter of keywords.
            try:
                self._found[words] = tool_found(call(self._session, SEARCH, {"keywords": words}))
            except CallFails as failure:
                raise SearchFails(str(failure)) from None
        return self._found[words]


def tool_found(output: Any) -> str:
    """The tool in a search's output; where there are two, the second is what was looked for."""
    if isinstance(output, list) and output:
        output = output[-1]
    return str(output.get("name", "")) if isinstance(output, dict) else ""
