"""The public library: a catalogue, loans, reservations and readers' lists."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError
from .fields import Date, Done

_BOOKS = (
    ("The Salt Road", "Mirela Anton", "novel", 2019),
    ("Quiet Engines", "Tom Aldous", "science", 2021),
    ("A Garden of Clocks", "Ines Moreau", "novel", 2015),
    ("River Maps", "Tom Aldous", "travelogue", 2012),
    ("Bread and Weather", "Olga Petrova", "cooking", 2020),
    ("The Ninth Harbour", "Mirela Anton", "crime", 2022),
    ("Stars for Beginners", "Kofi Mensah", "science", 2018),
    ("Paper Mountains", "Ines Moreau", "poetry", 2010),
    ("Night Trains", "Lars Holm", "crime", 2016),
    ("The Honest Liar", "Lars Holm", "crime", 2023),
)
BOOKS = Sandbox(
    "books",
    """
    create table books (isbn text primary key, title text not null, author text not null,
        genre text not null, year integer not null, copies integer not null);
    create table loans (id text primary key, isbn text not null, card text not null,
        due text not null);
    create table copy_orders (id text primary key, isbn text not null, card text not null);
    create table reading_list (id text primary key, list_name text not null, title text not null);
    """,
    {
        "books": [
            {"isbn": f"978-{3100 + 13 * i}", "title": title, "author": author, "genre": genre,
             "year": year, "copies": 1 + i % 3}
            for i, (title, author, genre, year) in enumerate(_BOOKS)
        ],
        "loans": [
            {"id": str(301 + i), "isbn": f"978-{3100 + 13 * i}", "card": card, "due": "2026-03-15"}
            for i, card in enumerate(("L-204", "L-318", "L-522", "L-640", "L-711"))
        ],
    },
)  # fmt: skip

Isbn = Annotated[str, "ISBN of the book"]
Card = Annotated[str, "Number of the library card, such as L-204"]
LoanId = Annotated[str, "Number of the loan"]


class Book(TypedDict):
    isbn: str
    title: str
    author: str
    year: int


class Books(TypedDict):
    books: list[Book]


class Lent(TypedDict):
    loan_id: str
    due: str


class Ordered(TypedDict):
    copy_order_id: str


class Loan(TypedDict):
    loan_id: str
    isbn: str
    due: str


class Loans(TypedDict):
    loans: list[Loan]


def _book(scene: Scene, isbn: str) -> None:
    if scene.row("select isbn from books where isbn = ?", isbn) is None:
        raise ToolError(f"There is no book with ISBN {isbn}.")


@BOOKS.tool
def search_by_title(
    scene: Scene, title: Annotated[str, Field(description="Title or part of it", min_length=1)]
) -> Books:
    """Search the library's books by title."""
    found = scene.rows(
        "select isbn, title, author, year from books"
        " where instr(lower(title), lower(?)) order by isbn",
        title,
    )
    return {"books": found}  # type: ignore[typeddict-item]


@BOOKS.tool
def search_by_author(
    scene: Scene, author: Annotated[str, Field(description="The author's name", min_length=1)]
) -> Books:
    """Search the library's books by author."""
    found = scene.rows(
        "select isbn, title, author, year from books"
        " where instr(lower(author), lower(?)) order by isbn",
        author,
    )
    return {"books": found}  # type: ignore[typeddict-item]


@BOOKS.tool
def browse_genre(
    scene: Scene,
    genre: Annotated[
        Literal["novel", "crime", "science", "poetry", "cooking", "travelogue"], "Genre"
    ],
    since_year: Annotated[int, Field(description="Earliest year", ge=1800, le=2100)] = 1800,
) -> Books:
    """List the library's books of a genre."""
    found = scene.rows(
        "select isbn, title, author, year from books where genre = ? and year >= ? order by isbn",
        genre, since_year,
    )  # fmt: skip
    return {"books": found}  # type: ignore[typeddict-item]


@BOOKS.tool
def borrow_book(scene: Scene, isbn: Isbn, card: Card, due: Date) -> Lent:
    """Borrow a book with a library card."""
    _book(scene, isbn)
    identity = scene.next_id("loans")
    scene.change("insert into loans values (?, ?, ?, ?)", identity, isbn, card, due)
    return {"loan_id": identity, "due": due}


@BOOKS.tool
def renew_loan(scene: Scene, loan_id: LoanId, due: Date) -> Lent:
    """Renew a loan until another day."""
    if not scene.change("update loans set due = ? where id = ?", due, loan_id):
        raise ToolError(f"There is no loan {loan_id}.")
    return {"loan_id": loan_id, "due": due}


@BOOKS.tool
def close_loan(scene: Scene, loan_id: LoanId) -> Done:
    """Close a loan when the book has been brought back."""
    if not scene.change("delete from loans where id = ?", loan_id):
        raise ToolError(f"There is no loan {loan_id}.")
    return {"status": "closed"}


@BOOKS.tool
def order_copy(scene: Scene, isbn: Isbn, card: Card) -> Ordered:
    """Order a copy of a book for the holder of a library card."""
    _book(scene, isbn)
    identity = scene.next_id("copy_orders")
    scene.change("insert into copy_orders values (?, ?, ?)", identity, isbn, card)
    return {"copy_order_id": identity}


@BOOKS.tool
def list_loans(scene: Scene, card: Card) -> Loans:
    """List what a library card has borrowed."""
    sql = "select id as loan_id, isbn, due from loans where upper(card) = upper(?) order by id"
    return {"loans": scene.rows(sql, card)}  # type: ignore[typeddict-item]


@BOOKS.tool
def add_to_reading_list(
    scene: Scene,
    list_name: Annotated[str, "Name of the list"],
    title: Annotated[str, "Title of the book"],
) -> Done:
    """Add a book to one of the user's reading lists."""
    identity = scene.next_id("reading_list")
    scene.change("insert into reading_list values (?, ?, ?)", identity, list_name, title)
    return {"status": "added"}
