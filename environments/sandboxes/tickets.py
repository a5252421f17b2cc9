"""The help desk: tickets, their comments, agents and articles."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError
from .fields import Done

TICKETS = Sandbox(
    "tickets",
    """
    create table agents (name text primary key, team text not null, email text not null);
    create table tickets (id text primary key, summary text not null, priority text not null,
        reporter_email text not null, assignee text, status text not null);
    create table comments (id text primary key, ticket_id text not null, body text not null,
        internal integer not null);
    create table tags (ticket_id text not null, tag text not null, primary key (ticket_id, tag));
    create table articles (article_id text primary key, heading text not null, body text not null);
    """,
    {
        "agents": [
            {"name": "Grace", "team": "network", "email": "grace@example.com"},
            {"name": "Ibrahim", "team": "accounts", "email": "ibrahim@example.com"},
            {"name": "Yuki", "team": "hardware", "email": "yuki@example.com"},
            {"name": "Tomas", "team": "network", "email": "tomas@example.com"},
        ],
        "tickets": [
            {"id": f"T-{1200 + 17 * i}", "summary": summary, "priority": priority,
             "reporter_email": email, "assignee": None, "status": "open"}
            for i, (summary, priority, email) in enumerate((
                ("VPN drops every hour", "high", "lea@example.org"),
                ("Printer jams on floor 2", "low", "omar@example.org"),
                ("Cannot log in to payroll", "urgent", "petra@example.net"),
                ("Laptop battery swollen", "urgent", "quentin@example.net"),
                ("New headset wanted", "low", "rosa@example.org"),
                ("Shared drive is full", "normal", "sven@example.net"),
                ("Email signature broken", "normal", "tara@example.org"),
            ))
        ],
        "articles": [
            {"article_id": "KB-11", "heading": "Reset your password", "body": "Use the portal."},
            {"article_id": "KB-24", "heading": "Connect to the VPN", "body": "Start the client."},
            {"article_id": "KB-37", "heading": "Replace printer toner", "body": "Open flap B."},
            {"article_id": "KB-52", "heading": "Set up two-factor login", "body": "Scan the code."},
        ],
    },
)  # fmt: skip

TicketId = Annotated[str, "Id of the ticket, such as T-1217"]
Priority = Annotated[Literal["low", "normal", "high", "urgent"], "How urgent it is"]


class Opened(TypedDict):
    ticket_id: str


class Ticket(TypedDict):
    ticket_id: str
    summary: str
    priority: str
    status: str


class Tickets(TypedDict):
    tickets: list[Ticket]


class Commented(TypedDict):
    comment_id: str


class Agent(TypedDict):
    name: str
    email: str


class Agents(TypedDict):
    agents: list[Agent]


class Article(TypedDict):
    article_id: str
    heading: str
    body: str


class Articles(TypedDict):
    articles: list[Article]


def _ticket(scene: Scene, ticket_id: str) -> str:
    row = scene.row("select id from tickets where upper(id) = upper(?)", ticket_id)
    if row is None:
        raise ToolError(f"There is no ticket {ticket_id}.")
    return str(row["id"])


@TICKETS.tool
def openTicket(
    scene: Scene,
    summary: Annotated[str, Field(description="What is wrong, in a few words", min_length=1)],
    priority: Priority,
    reporterEmail: Annotated[
        str, Field(description="Email address of who reports it", pattern="^[^@ ]+@[^@ ]+$")
    ],
) -> Opened:
    """Open a ticket at the help desk."""
    row = scene.row("select max(cast(substr(id, 3) as integer)) + 1 as next from tickets")
    assert row is not None
    identity = f"T-{row['next'] or 1200}"
    scene.change("insert into tickets values (?, ?, ?, ?, null, 'open')",
                 identity, summary, priority, reporterEmail)  # fmt: skip
    return {"ticket_id": identity}


@TICKETS.tool
def listTickets(
    scene: Scene,
    status: Annotated[Literal["open", "closed"], "Status of the tickets"],
    priority: Annotated[Literal["low", "normal", "high", "urgent"] | None, "How urgent"] = None,
) -> Tickets:
    """List the tickets with a status."""
    found = scene.rows(
        "select id as ticket_id, summary, priority, status from tickets"
        " where status = ? and priority = coalesce(?, priority) order by id",
        status, priority,
    )  # fmt: skip
    return {"tickets": found}  # type: ignore[typeddict-item]


@TICKETS.tool
def assignTicket(
    scene: Scene, ticketId: TicketId, assignee: Annotated[str, "Name of the agent who takes it"]
) -> Done:
    """Assign a ticket to an agent."""
    identity = _ticket(scene, ticketId)
    agent = scene.row("select name from agents where lower(name) = lower(?)", assignee)
    if agent is None:
        raise ToolError(f"There is no agent {assignee}.")
    scene.change("update tickets set assignee = ? where id = ?", agent["name"], identity)
    return {"status": "assigned"}


@TICKETS.tool
def setPriority(scene: Scene, ticketId: TicketId, priority: Priority) -> Done:
    """Change the priority of a ticket."""
    identity = _ticket(scene, ticketId)
    scene.change("update tickets set priority = ? where id = ?", priority, identity)
    return {"status": "changed"}


@TICKETS.tool
def closeTicket(
    scene: Scene,
    ticketId: TicketId,
    resolution: Annotated[Literal["solved", "duplicate", "rejected"], "How it ended"],
) -> Done:
    """Close a ticket."""
    identity = _ticket(scene, ticketId)
    scene.change("update tickets set status = 'closed' where id = ?", identity)
    return {"status": f"closed as {resolution}"}


@TICKETS.tool
def commentTicket(
    scene: Scene,
    ticketId: TicketId,
    comment: Annotated[str, "Text of the comment"],
    internal: Annotated[bool, "Whether only agents see it"] = False,
) -> Commented:
    """Write a comment on a ticket."""
    identity = _ticket(scene, ticketId)
    number = scene.next_id("comments")
    scene.change("insert into comments values (?, ?, ?, ?)",
                 number, identity, comment, int(internal))  # fmt: skip
    return {"comment_id": number}


@TICKETS.tool
def tagTicket(
    scene: Scene,
    ticketId: TicketId,
    tags: Annotated[list[str], Field(description="Tags to put on it", min_length=1)],
) -> Done:
    """Put tags on a ticket."""
    identity = _ticket(scene, ticketId)
    for tag in tags:
        scene.change("insert or ignore into tags values (?, lower(?))", identity, tag)
    return {"status": "tagged"}


@TICKETS.tool
def findAgents(
    scene: Scene,
    team: Annotated[Literal["network", "accounts", "hardware"], "The agents' team"],
) -> Agents:
    """Find the agents of a team."""
    sql = "select name, email from agents where team = ? order by name"
    return {"agents": scene.rows(sql, team)}  # type: ignore[typeddict-item]


@TICKETS.tool
def searchArticles(
    scene: Scene, keyword: Annotated[str, Field(description="Word to look for", min_length=1)]
) -> Articles:
    """Search the help articles."""
    sql = "select * from articles where instr(lower(heading), lower(?)) order by article_id"
    return {"articles": scene.rows(sql, keyword)}  # type: ignore[typeddict-item]
