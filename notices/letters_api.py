"""What letters are written from, to read; they are written and approved on their pages."""

from accounts.endpoints import Endpoint, Listed, Retrieved
from accounts.roles import Permission as P
from notices.models import LetterVersion
from notices.serializers import LetterVersionSerializer


class Letters(Listed, Retrieved, Endpoint):
    """Every version of every letter, the newest first."""

    queryset = LetterVersion.objects.order_by("-pk")
    serializer_class = LetterVersionSerializer
    lookup_field = "pk"
    lookup_value_converter = "int"
    related = ("platform", "written_by", "approved_by", "retired_by")
    needs = (P.SEE_CASEWORK, P.WRITE_LETTERS)
