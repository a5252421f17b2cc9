"""Information and media: sums, dates, encyclopedias, documents, pictures, sound, mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from .draw import Draw
from .spoken import Said, ordinal
from .task import Caller, Facts, task
from .vocabulary import (
    LANGUAGES,
    QUESTIONS,
    SEARCHES,
    SENTENCES,
    SONGS,
    SUBJECTS,
    WORDS,
)


def formula_of(draw: Draw) -> str:
    """Arithmetic over whole numbers, with at most one pair of parentheses around a part."""
    number = draw.chance.randint
    a, b, c, d = (number(2, draw.pick((12, 60, 400))) for _ in range(4))
    shapes = (
        f"{a}+{b}", f"{a}*{b}", f"{a + b}-{b}", f"{a}/{b}", f"({a}+{b})*{c}", f"{a}*({b}+{c})",
        f"({a}+{b})/{c}", f"{a}*{b}+{c}", f"{a}+{b}*{c}", f"({a}+{b})*({c}+{d})", f"{a}+{b}+{c}",
        f"{a}*{b}-{c}", f"({a + b}-{b})*{d}", f"{a}/{b}+{c}*{d}",
    )  # fmt: skip
    return draw.pick(shapes)


_CALCULATE = {
    "does": ("calculate {formula}", "work out {formula}", "compute {formula}", "evaluate {formula}",
          "do a calculation for me", "solve {formula}", "give me the result of {formula}"),
    "says": (
        "How much is {formula}?", "What does {formula} come to?", "{formula} = ?",
        "{formula}: what's the result?", "I got stuck at {formula} in my bookkeeping.",
        "My homework says {formula}. What is that?",
    ),
}  # fmt: skip


@task("calculate", "information", "Calculator", does=_CALCULATE["does"], says=_CALCULATE["says"])
def calculate(draw: Draw) -> Facts:
    formula = formula_of(draw)
    spaced = formula
    for sign in "+-*/":
        spaced = spaced.replace(sign, f" {sign} ") if draw.likely(0.3) else spaced
    return Facts({"formula": spaced}, formula=spaced)


@task(
    "today", "information", "GetToday",
    does=("say which date it is today", "check what day it is", "look up the current date",
          "find out which date we have", "get today's date", "give me the date of today"),
    says=(
        "What's the date?", "Which day is it today?",
        "I lost track of time. What is today's date?", "Today is which date, please?",
        "I need the current date for a letter.", "Date check: what do we have today?",
    ),
)  # fmt: skip
def today(draw: Draw) -> Facts:
    return Facts()


@task(
    "history", "information", "QueryHistoryToday",
    does=("tell me what happened {on:date} in history", "look up historical events of {date}",
          "find out what history knows about {date}", "list what happened on a day in the past",
          "search the history of {date}", "show me the events of {date} in former years"),
    says=(
        "What happened {on:date} in the past?",
        "My birthday is {date}. Did anything important happen on that day?",
        "Which events took place {on:date}?",
        "I am writing a calendar page for {date}. What happened then?",
        "Is {date} a special day in history?", "What's notable about a certain day in history?",
    ),
)  # fmt: skip
def history(draw: Draw) -> Facts:
    date = draw.pick(list(draw.data.file("History")))
    day = datetime.strptime(f"2024-{date}", "%Y-%m-%d").date()
    month = f"{day:%B}"
    bare = draw.pick(
        (
            f"{month} {ordinal(day.day)}",
            f"{month} {day.day}",
            f"{day.day} {month}",
            f"the {ordinal(day.day)} of {month}",
            date,
            f"{day.month}/{day.day}",
        )
    )
    return Facts({"date": Said(date, bare, f"on {bare}")}, date=date)


@task(
    "wiki", "information", "Wiki",
    does=(
        "look up {keyword} in the encyclopedia", "find the wiki article on {keyword}",
        "search the wiki for {keyword}", "get me the wiki summary of {keyword}",
        "look something up in the wiki", "check Wikipedia for {keyword}",
    ),
    says=(
        "What does the wiki say about {keyword}?",
        "I want to read up on {keyword}. Is there a wiki page?", "Wiki: {keyword}.",
        "Give me an encyclopedia entry: {keyword}.",
        "I have a presentation about {keyword} and need the wiki article.",
        "I'd like to read a wiki page.",
    ),
)  # fmt: skip
def wiki(draw: Draw) -> Facts:
    keyword = draw.pick(list(draw.data.file("Wiki")))
    said = keyword if draw.likely(0.7) else keyword.title()
    return Facts({"keyword": said}, keyword=said)


@task(
    "search", "information", "SearchEngine",
    does=("search the web for {keyword}", "search for {keyword}", "find articles about {keyword}",
          "look for pages on {keyword}", "run a web search", "google {keyword}"),
    says=("What can be found online about {keyword}?", "I need sources about {keyword}.",
          "Are there good articles on {keyword}?", "Search engine query: {keyword}.",
          "I'm researching {keyword}. What's out there?", "I'd like to search for something."),
)  # fmt: skip
def search(draw: Draw) -> Facts:
    keyword = draw.pick(SEARCHES)
    return Facts({"keyword": keyword}, keyword=keyword)


@task(
    "dictionary", "information", "Dictionary", weight=0.5,
    does=(
        'look up "{keyword}" in the dictionary', 'define the word "{keyword}"',
        'find the definition of "{keyword}"', 'explain what "{keyword}" means', "look up a word",
        'check the dictionary for "{keyword}"',
    ),
    says=('What does "{keyword}" mean?', 'I read the word "{keyword}" and don\'t know it.',
          'How is "{keyword}" defined?', 'The dictionary entry of "{keyword}", please.',
          'Is "{keyword}" a noun? Look it up.', "There is a word that I don't understand."),
)  # fmt: skip
def dictionary(draw: Draw) -> Facts:
    known = [*draw.on_record("Dictionary"), *({"keyword": word} for word in WORDS)]
    word = draw.pick(draw.answerable("Dictionary", known))["keyword"]
    return Facts({"keyword": word}, keyword=word)


@task(
    "translate", "information", "Translate", weight=0.5,
    does=('translate "{src}" into {tgt_lang}', 'put "{src}" into {tgt_lang}', 'translate "{src}"',
          'tell me how to say "{src}" in {tgt_lang}', "translate something into {tgt_lang}",
          'give me the {tgt_lang} for "{src}"'),
    says=(
        'How do you say "{src}" in {tgt_lang}?', 'What is "{src}" in {tgt_lang}?',
        '"{src}" - in {tgt_lang}, please.',
        "I'm writing to a friend: \"{src}\". Make that {tgt_lang}.",
        "I need a translation into {tgt_lang}.",
        'My guest only speaks {tgt_lang}. What is "{src}"?',
    ),
)  # fmt: skip
def translate(draw: Draw) -> Facts:
    tried = [{"src": text, "tgt_lang": code} for text in SENTENCES for _, code in LANGUAGES]
    chosen = draw.pick(draw.answerable("Translate", [*draw.on_record("Translate"), *tried]))
    names = {code: name for name, code in LANGUAGES}
    said = names.get(chosen["tgt_lang"], chosen["tgt_lang"])
    return Facts({"src": chosen["src"], "tgt_lang": said}, **chosen)


@task(
    "ask-document", "information", "DocumentQA",
    does=(
        'read {url} and answer "{question}"',
        'answer the question "{question}" from the document {url}',
        'look into {url} for the answer to "{question}"', "answer a question about {url}",
        "answer a question about a document", 'find out from {url}: "{question}"',
    ),
    says=('I have no time to read {url}. "{question}"', '"{question}" The document is at {url}.',
          'The text {url} should tell. "{question}"', 'About the document {url}: "{question}"',
          "I have a question about the paper at {url}.", 'Can {url} answer this: "{question}"'),
)  # fmt: skip
def ask_document(draw: Draw) -> Facts:
    url = draw.pick(list(draw.data.file("QuestionAnswering")))
    question = draw.pick(QUESTIONS)
    return Facts({"url": url, "question": question}, url=url, question=question)


@task(
    "caption", "information", "ImageCaption",
    does=(
        "describe the picture {url}", "write a caption for {url}", "caption the image at {url}",
        "tell me what can be seen on {url}", "describe a picture",
        "make a caption for the photo {url}",
    ),
    says=(
        "What is on this picture? {url}",
        "My screen reader can't handle {url}. What does it show?", "Caption needed: {url}",
        "I found the image {url}. What is it?", "What does the photo {url} show?",
        "I have a picture without a caption.",
    ),
)  # fmt: skip
def caption(draw: Draw) -> Facts:
    found = draw.data.file("ImageCaptioning")
    item = draw.pick(found) if isinstance(found, list) else found[draw.pick(list(found))]
    return Facts({"url": item["url"]}, url=item["url"])


@task(
    "transcribe", "information", "SpeechRecognition",
    does=(
        "transcribe {url}", "turn the recording {url} into text",
        "write down what is said in {url}", "recognize the speech in {url}",
        "transcribe a recording", "make a transcript of {url}",
    ),
    says=(
        "What does the person in {url} say?",
        "I can't listen to {url} right now. What is it about?",
        "There's a voice message at {url}. Please write it out.", "Speech to text: {url}",
        "Somebody left me the message {url}. What do they want?",
        "I have an audio file to be typed up.",
    ),
)  # fmt: skip
def transcribe(draw: Draw) -> Facts:
    url = draw.pick(list(draw.data.file("SpeechRecognition")))
    return Facts({"url": url}, url=url)


@task(
    "music", "information", "PlayMusic",
    does=(
        "play {music_name}", 'play the song "{music_name}"', 'put on "{music_name}"',
        "play some music", 'let me hear "{music_name}"',
        'start "{music_name}" on the music player',
    ),
    says=(
        'I feel like listening to "{music_name}".', "I'm in the mood for \"{music_name}\".",
        'Music, please: "{music_name}".', 'Do you know "{music_name}"? Play it.',
        "A song would be nice now.", 'Our song is "{music_name}". Put it on!',
    ),
)  # fmt: skip
def music(draw: Draw) -> Facts:
    name = draw.pick(SONGS)
    return Facts({"music_name": name}, music_name=name)


@task(
    "mail", "information", "SendEmail", weight=1.5,
    does=('send {receiver} an email with the subject "{subject}" and the content "{content}"',
          'email {receiver}: subject "{subject}", content "{content}"',
          'write a mail to {receiver} with the subject "{subject}" that says "{content}"',
          "send an email to {receiver}", "send an email", 'mail "{content}" to {receiver}'),
    says=(
        '{receiver} should get a mail. Subject: "{subject}". Content: "{content}"',
        'To {receiver}, subject "{subject}": "{content}" Send it, please.',
        'I have to write to {receiver} about "{subject}".',
        'Please let {receiver} know by email: "{content}"',
        'The subject is "{subject}", the content "{content}", and it goes to {receiver}. Send '
        "the mail.",
    ),
)  # fmt: skip
def mail(draw: Draw) -> Facts:
    subject, content = draw.pick(SUBJECTS)
    receiver = draw.email(draw.first_name() + draw.pick(("", "", str(draw.chance.randint(1, 99)))))
    said = {"receiver": receiver, "subject": subject, "content": content}
    return Facts(said, receiver=receiver, subject=subject, content=content)


@task(
    "search-and-mail", "information", "Wiki", "SendEmail", weight=0.6,
    does=(
        "look up {keyword} in the wiki and mail {receiver} the link, with the subject "
        '"{subject}"',
        "find the wiki page about {keyword} and send its link to {receiver}; the subject is "
        '"{subject}"',
    ),
    says=(
        "{receiver} wants to read about {keyword}. Find the wiki page and mail its link, "
        'subject "{subject}".',
        'Is there a wiki page on {keyword}? Send the link to {receiver} with "{subject}" as the '
        "subject.",
    ),
)  # fmt: skip
def search_and_mail(draw: Draw) -> Facts:
    keyword = draw.pick(list(draw.data.file("Wiki")))
    receiver, subject = (
        draw.email(draw.first_name()),
        draw.pick(
            (
                "For you",
                "A link",
                "Worth reading",
            )
        ),
    )

    def solve(call: Caller) -> None:
        found = call("Wiki", keyword=keyword)
        call("SendEmail", receiver=receiver, subject=subject, content=found["url"])

    return Facts({"keyword": keyword, "receiver": receiver, "subject": subject}, solve)


@task(
    "today-then-alarm", "schedule", "GetToday", "AddAlarm", weight=0.5,
    does=("check today's date and set an alarm for the day after it at {time}",
          "find out the date of today and wake me one day later at {time}"),
    says=("I don't know what day it is. Look that up and set an alarm for the next day, {time}.",
          "Get the current date first; then I want an alarm for the following day at {time}."),
)  # fmt: skip
def today_then_alarm(draw: Draw) -> Facts:
    at = draw.at(draw.today, 5, 11)
    time = draw.pick((f"{at:%H:%M}", f"{at.hour}:{at:%M} am"))

    def solve(call: Caller) -> None:
        day = datetime.fromisoformat(call("GetToday")) + timedelta(days=1)
        call("AddAlarm", time=f"{day:%Y-%m-%d} {at:%H:%M}:00")

    return Facts({"time": time}, solve)
