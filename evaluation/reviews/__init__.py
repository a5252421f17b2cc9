"""Reviews: what people say of trajectories, how far they agree, and what is trained on for it.

`ReviewFolder` keeps entries on disk, `standings` says what stands of them, `queue` what a reviewer
is given next, `review_report` how far people agree with each other and with scores, and `reviewed`
is the condition by which `callsheet filter --reviewed` sorts. No page, no server and no account:
a reviewer is a name. May import evaluation's own modules and everything below.
"""

from .deciding import accepted, reviewed
from .entry import SCALES, Entry, Ratings, Review, content_digest, reviewer_name
from .folder import NAME, ReviewFolder, ReviewsUnreadable
from .queue import Item, Place, items_of, queue
from .report import ReviewReport, report_lines, review_report
from .standing import Standing, Standings, reviews_of, standings

__all__ = [
    "NAME",
    "SCALES",
    "Entry",
    "Item",
    "Place",
    "Ratings",
    "Review",
    "ReviewFolder",
    "ReviewReport",
    "ReviewsUnreadable",
    "Standing",
    "Standings",
    "accepted",
    "content_digest",
    "items_of",
    "queue",
    "report_lines",
    "review_report",
    "reviewed",
    "reviewer_name",
    "reviews_of",
    "standings",
]
