"""Pages of quality reports: one file of HTML each, which needs no network, no script and no font.

Every string on a page passes through `elements`, which escapes it; the content security policy
forbids scripts, requests and styles other than the page's own, should anything ever get past.
"""

from .comparison_page import comparison_page
from .report_page import report_page

__all__ = ["comparison_page", "report_page"]
