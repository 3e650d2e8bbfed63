from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils import timezone

from accounts.models import User
from casework.models.case import Case, Casework
from casework.models.constraints import one_of, paired
from platforms.models import Platform, Severity


class Category(models.Model):
    """A node of the category tree; `slug` is stable and is what files and figures name."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    is_active = models.BooleanField(default=True)

    objects = Casework.as_manager()

    class Meta:
        ordering: ClassVar = ["parent__name", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Kind(models.TextChoices):
    """What an address names (platforms.recognition gives the same words)."""

    POST = "post", "Post"
    VIDEO = "video", "Video"
    SHORT = "short", "Short video"
    STORY = "story", "Story"
    LIVE = "live", "Live stream"
    COMMENT = "comment", "Comment"
    ACCOUNT = "account", "Account"
    CHANNEL = "channel", "Channel"
    GROUP = "group", "Group"
    PAGE = "page", "Page"
    HASHTAG = "hashtag", "Hashtag"
    INVITE = "invite", "Invite"
    ADVERT = "advert", "Advert"
    LISTING = "listing", "Listing"
    PHOTO = "photo", "Photo"
    AUDIO = "audio", "Audio"
    PLAYLIST = "playlist", "Playlist"
    BOARD = "board", "Board"
    APP = "app", "App"
    PLACE = "place", "Place"
    EVENT = "event", "Event"
    WEB_PAGE = "web_page", "Web page"
    WEB_SITE = "web_site", "Web site"


class ItemStatus(models.TextChoices):
    """Handling: where our own work on the item stands (lifecycles.md)."""

    REPORTED = "reported", "Reported"
    IN_ASSESSMENT = "in_assessment", "In assessment"
    INFO_NEEDED = "info_needed", "Information needed"
    ON_HOLD = "on_hold", "On hold"
    DUPLICATE = "duplicate", "Duplicate"
    NOT_ACTIONABLE = "not_actionable", "Not actionable"
    APPROVED = "approved", "Approved"
    NOTIFIED = "notified", "Notified"
    WATCHING = "watching", "Watching"
    CLOSED = "closed", "Closed"


class NotActionable(models.TextChoices):
    """Why an item is not for a notice."""

    LAWFUL = "lawful", "Lawful content"
    OUT_OF_SCOPE = "out_of_scope", "Out of scope"
    INSUFFICIENT = "insufficient", "Not enough to go on"
    VICTIM_CONTENT = "victim_content", "Victim's own content"
    JOURNALISM_OR_RESEARCH = "journalism_or_research", "Journalism or research"


class ClosedAs(models.TextChoices):
    REMOVED = "removed", "Removed"
    NOT_REMOVED = "not_removed", "Not removed"
    GONE_BEFORE_NOTICE = "gone_before_notice", "Gone before notice"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Presence(models.TextChoices):
    """What we hold true about an item's visibility, from the checks."""

    UNKNOWN = "unknown", "Not seen yet"
    LIVE = "live", "Live"
    PERHAPS_GONE = "perhaps_gone", "Gone, not confirmed"
    GONE = "gone", "Gone"
    RESTRICTED = "restricted", "Restricted"


class Claim(models.TextChoices):
    """What a platform says about one item (lifecycles.md, “Answer per line”)."""

    REMOVED = "removed", "Removed"
    ACCESS_DISABLED = "access_disabled", "Access disabled"
    RESTRICTED_AGE = "restricted_age", "Restricted by age"
    RESTRICTED_GEO = "restricted_geo", "Restricted by territory"
    RESTRICTED_REACH = "restricted_reach", "Reach restricted"
    LABELLED = "labelled", "Labelled"
    REDIRECTED_TO_SUPPORT = "redirected_to_support", "Redirected to support"
    ACCOUNT_SUSPENDED = "account_suspended", "Account suspended"
    ACCOUNT_TERMINATED = "account_terminated", "Account terminated"
    ALREADY_GONE = "already_gone", "Already gone"
    NOT_FOUND_BY_PLATFORM = "not_found_by_platform", "Not found by the platform"
    NOT_HOSTED_HERE = "not_hosted_here", "Not hosted here"
    REFUSED = "refused", "Refused"
    MORE_INFORMATION = "more_information", "More information asked for"
    PRESERVED_ONLY = "preserved_only", "Preserved only"
    REINSTATED = "reinstated", "Reinstated"


# Verdicts that are no observation (casework.models.check.OBSERVATIONS are the others).
TOLD_NOTHING = ("private", "login_required", "redirected", "inconclusive")

# Nothing is left for us to do, unless it comes back; in one form for the order and for its index.
RESTING = ExpressionWrapper(
    Q(status__in=[ItemStatus.WATCHING, ItemStatus.CLOSED, ItemStatus.DUPLICATE, ItemStatus.NOT_ACTIONABLE]),
    output_field=models.BooleanField(),
)


class ItemQuerySet(Casework):
    def work_first(self) -> Self:
        """Open work by priority, then what rests; the newest first among equals."""
        return self.order_by(RESTING, "priority", "-pk")

    def open(self) -> Self:
        return self.exclude(status__in=[ItemStatus.CLOSED, ItemStatus.DUPLICATE, ItemStatus.NOT_ACTIONABLE])

    def to_assess(self) -> Self:
        return self.filter(
            status__in=[ItemStatus.REPORTED, ItemStatus.IN_ASSESSMENT], assessed_at__isnull=True
        )

    def to_approve(self) -> Self:
        return self.filter(status=ItemStatus.IN_ASSESSMENT, assessed_at__isnull=False)

    def to_notify(self) -> Self:
        return self.filter(status=ItemStatus.APPROVED)

    def info_needed(self) -> Self:
        return self.filter(status=ItemStatus.INFO_NEEDED)

    def on_hold(self) -> Self:
        return self.filter(status=ItemStatus.ON_HOLD)

    def to_check(self, at: datetime) -> Self:
        return self.filter(next_check_at__lte=at, status__in=[ItemStatus.NOTIFIED, ItemStatus.WATCHING])

    def unseen(self, at: datetime) -> Self:
        """Not looked at in time: an hour late, or the last look told nothing."""
        late = Q(next_check_at__lte=at - timedelta(hours=1))
        return self.filter(
            late | Q(last_verdict__in=TOLD_NOTHING), status__in=[ItemStatus.NOTIFIED, ItemStatus.WATCHING]
        )

    def reappeared(self) -> Self:
        return self.filter(reappeared_at__isnull=False, status=ItemStatus.APPROVED)


class Item(models.Model):
    """One piece of content at one address on one service, in one case."""

    # What it is
    reference = models.CharField(max_length=20, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="items")
    address = models.TextField(help_text="As reported, to the letter.")
    canonical = models.TextField(help_text="One address for all forms of the same item.")
    printed = models.TextField(
        help_text="The address that letters print: the same item, with owner or group."
    )
    platform = models.ForeignKey(Platform, models.PROTECT, related_name="items")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    namespace = models.CharField(max_length=40, blank=True)
    identifier = models.CharField(max_length=500, blank=True, help_text="The platform's own identifier.")
    key = models.CharField(
        max_length=64, help_text="SHA-256 of the recognition key: equal means the same item."
    )
    recognition_rule = models.CharField(max_length=100, blank=True)
    rules_version = models.CharField(max_length=40, blank=True)
    owner = models.CharField(max_length=300, blank=True, help_text="The account that published it.")
    account = models.ForeignKey(
        "casework.Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        help_text="The record of that account, or of the item where it is one itself.",
    )
    title = models.CharField(max_length=300, blank=True)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="items")
    language = models.CharField(
        max_length=10, blank=True, help_text="ISO 639 code of the content's language."
    )
    priority = models.PositiveSmallIntegerField(default=3, help_text="1 is most urgent, 5 least.")
    source = models.CharField(max_length=120, blank=True, help_text="Where the report came from.")
    note = models.TextField(blank=True, help_text="Internal; never enters a letter.")
    posted_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(help_text="First recorded sighting by us.")
    identified_at = models.DateTimeField(default=timezone.now)
    identified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    identified_by_name = models.CharField(max_length=120)
    import_reference = models.CharField(max_length=200, blank=True)
    described_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last corrected or assessed (Description)."
    )

    # Handling
    status = models.CharField(max_length=20, choices=ItemStatus.choices, default=ItemStatus.REPORTED)
    status_before = models.CharField(max_length=20, choices=ItemStatus.choices, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    assessed_at = models.DateTimeField(null=True, blank=True)
    assessed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    severity = models.CharField(max_length=10, choices=Severity.choices, blank=True)
    threat_to_life = models.BooleanField(default=False)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    not_actionable_as = models.CharField(max_length=30, choices=NotActionable.choices, blank=True)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="duplicates")
    review_at = models.DateTimeField(
        null=True, blank=True, help_text="When a hold or a question is looked at again."
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_as = models.CharField(max_length=20, choices=ClosedAs.choices, blank=True)

    # Presence: a projection of the checks
    presence = models.CharField(max_length=20, choices=Presence.choices, default=Presence.UNKNOWN)
    last_verdict = models.CharField(max_length=20, blank=True)
    last_checked_at = models.DateTimeField(null=True, blank=True)
    last_live_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(
        null=True, blank=True, help_text="First look of those that confirm it gone."
    )
    gone_cause = models.CharField(max_length=20, blank=True)
    reappeared_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)
    watch_until = models.DateTimeField(null=True, blank=True)

    # Claim: stamped by notices when an answer comes in
    notified_at = models.DateTimeField(null=True, blank=True, help_text="When the first notice left.")
    received_at = models.DateTimeField(null=True, blank=True, help_text="T0 of the current episode.")
    claim = models.CharField(max_length=30, choices=Claim.choices, blank=True)
    claims_removal = models.BooleanField(default=False)
    claim_at = models.DateTimeField(null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["priority", "-pk"]
        constraints: ClassVar = [
            one_of("status", ItemStatus),
            one_of("kind", Kind),
            one_of("presence", Presence),
            one_of("severity", Severity, blank=True),
            one_of("claim", Claim, blank=True),
            one_of("closed_as", ClosedAs, blank=True),
            one_of("not_actionable_as", NotActionable, blank=True),
            one_of("status_before", ItemStatus, blank=True),
            paired("claimed"),
            paired("assessed"),
            paired("approved"),
            models.UniqueConstraint(
                fields=["case", "key"],
                condition=~Q(status__in=["duplicate", "closed"]),
                name="%(app_label)s_%(class)s_one_open_per_case",
                violation_error_message="This case already has an open item with this address.",
            ),
            models.CheckConstraint(
                condition=Q(status="duplicate", duplicate_of__isnull=False)
                | (~Q(status="duplicate") & Q(duplicate_of__isnull=True)),
                name="%(app_label)s_%(class)s_duplicate_points",
                violation_error_message="A duplicate points at the surviving item; nothing else does.",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")),
                name="%(app_label)s_%(class)s_not_its_own_duplicate",
                violation_error_message="An item is not a duplicate of itself.",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(closed_as="")
                | (~Q(status="closed") & Q(closed_at__isnull=True, closed_by__isnull=True, closed_as="")),
                name="%(app_label)s_%(class)s_closed_stamped",
                violation_error_message="A closed item says when and as what; an open one does not.",
            ),
            models.CheckConstraint(
                condition=~Q(status="watching") | Q(gone_at__isnull=False),
                name="%(app_label)s_%(class)s_watching_gone",
                violation_error_message="Only an item seen gone is watched.",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approved_at__isnull=False) | ~Q(import_reference=""),
                name="%(app_label)s_%(class)s_approved_stamped",
                violation_error_message="An approved item says when and by whom.",
            ),
            models.CheckConstraint(
                condition=~Q(status="not_actionable") | ~Q(not_actionable_as=""),
                name="%(app_label)s_%(class)s_not_actionable_coded",
                violation_error_message="An item that is not actionable says why.",
            ),
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=5),
                name="%(app_label)s_%(class)s_priority",
                violation_error_message="The priority is a number from 1 to 5.",
            ),
        ]
        indexes: ClassVar = [
            # duplicates of an address over all cases (intake preview)
            models.Index(fields=["key"], name="item_key"),
            # casework.rereading: items that were read by other rules
            models.Index(fields=["rules_version"], name="item_rules"),
            # the queues: ItemQuerySet.to_assess, to_approve, to_notify, on_hold, info_needed, by priority
            models.Index(fields=["status", "priority", "-id"], name="item_queue"),
            # ItemQuerySet.work_first: the list of all items
            models.Index(RESTING, "priority", F("id").desc(), name="item_work_first"),
            # ItemQuerySet.to_check
            models.Index(
                fields=["next_check_at"],
                name="item_to_check",
                condition=Q(next_check_at__isnull=False, status__in=["notified", "watching"]),
            ),
            # ItemQuerySet.unseen, beside item_to_check
            models.Index(
                fields=["last_verdict"],
                name="item_unseen",
                condition=Q(last_verdict__in=TOLD_NOTHING, status__in=["notified", "watching"]),
            ),
            # casework.lifecycle.close_watched
            models.Index(fields=["watch_until"], name="item_watching", condition=Q(status="watching")),
            # casework.disputes: said_removed, said_kept
            models.Index(
                fields=["claim_at"],
                name="item_said_removed",
                condition=Q(claims_removal=True, presence__in=["live", "restricted"], status="notified"),
            ),
            models.Index(
                fields=["claim_at"],
                name="item_said_kept",
                condition=Q(claim="refused", presence="gone", status__in=["notified", "watching"]),
            ),
            models.Index(fields=["case", "status"], name="item_case"),
        ]

    def __str__(self) -> str:
        return self.reference
