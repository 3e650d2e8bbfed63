from django.db import models


class Counter(models.Model):
    """The last number given in a series, for example the items of 2026."""

    series = models.CharField(max_length=20, primary_key=True)
    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series}: {self.value}"
