"""When a notice stands in the way of what is to be done with an item."""

from casework.models import Item
from casework.objections import objects_to
from notices import ladder
from notices.models import FINISHED, REMOVALS, Notice


@objects_to("give_up")
def open_notice(item: Item) -> str:
    """“Not removed” is said when every conversation about the item has ended."""
    open_ones = (
        Notice.objects.filter(lines__item=item, kind__in=REMOVALS).exclude(status__in=FINISHED).order_by("pk")
    )
    if not (found := list(open_ones.values_list("reference", flat=True))):
        return ""
    named = ", ".join(found)
    if len(found) == 1:
        return f"Notice {named} about {item} is open: close it first."
    return f"Notices {named} about {item} are open: close them first."


@objects_to("give_up")
def ladder_left(item: Item) -> str:
    """“Not removed” is said when every step of the platform's ladder has been taken."""
    rung = ladder.rung_left(item)
    if rung is None:
        return ""
    way = rung.channels[0].addressee or str(rung.channels[0])
    return f"Step {rung.number} of {item.platform}'s ladder ({way}) has not been used about {item}: escalate first."
