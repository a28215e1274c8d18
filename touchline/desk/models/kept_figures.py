"""Figures that take long to count, kept with the time at which they were counted."""

from django.db import models

from touchline.desk.models.row import Row


class KeptFigures(Row):
    name = models.CharField(max_length=200, unique=True)
    counted_at = models.DateTimeField()
    figures = models.JSONField(default=dict)
