"""What waits for somebody."""

import pytest

from notices.incoming import queues
from tests.notices.incoming.conftest import TakeIn
from tests.notices.letters_at import Desk
from tests.notices.mails import reports
from tests.notices.mails.forms import Case

CASES = {case.name: case for case in reports.CASES}
NAMES = [
    ("postfix", "bounces", 0),
    ("bounce of another recipient", "doubtful", 1),
    ("bounce to the reply address", "doubtful", 1),
    ("delayed", "bounces", 0),
    ("out of office", "automatic", 0),
]


@pytest.mark.parametrize(("case", "queue", "to_do"), [(CASES[name], *rest) for name, *rest in NAMES])
def test_report_stands_in_one_list_and_waits_only_where_it_changed_nothing(
    case: Case, queue: str, to_do: int, take_in: TakeIn, desk: Desk
) -> None:
    take_in(case)

    counts = queues.counts(desk.first)

    assert {slug: count for slug, count in counts.items() if count} == {queue: 1}
    assert queues.to_do(desk.first) == to_do
