"""The append-only audit chain, the events that wait to be added to it, and the heartbeats of background processes."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Concat, StrIndex, Substr

_VERB_AND_DOT = Concat("verb", models.Value("."))


class AuditEvent(models.Model):
    """One thing that happened. No foreign keys: history survives its subjects. Triggers refuse UPDATE and DELETE.

    The hash covers all fields that were given; the database computes `group` from the verb.
    """

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=254, help_text="Email address, or the name of the process.")
    verb = models.CharField(max_length=60)
    subject = models.CharField(
        max_length=100, db_index=True, help_text="Kind and public id: request:<uuid>, role:<name> …"
    )
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    group = models.GeneratedField(
        expression=Substr(_VERB_AND_DOT, 1, StrIndex(_VERB_AND_DOT, models.Value(".")) - 1),
        output_field=models.CharField(max_length=60),
        db_persist=True,
        help_text="What the verb has before its dot: grant, role, session …",
    )

    class Meta:
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["at", "sequence"], name="audit_event_by_time"),
            models.Index(fields=["group", "at", "sequence"], name="audit_event_by_group"),
            models.Index(fields=["verb", "at", "sequence"], name="audit_event_by_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.subject}"


class SubjectKind(models.TextChoices):
    """Which table an object is in that an event concerns."""

    PERSON = "person"
    # Events about somebody as a contractor, which their sponsor can read. Sign-ins are only events of the person.
    CONTRACTOR = "contractor"
    ROLE = "role"
    ACCOUNT = "account"
    COMPANY = "company"
    REQUEST = "request"
    AUDIT = "audit"  # the audit log itself, which has the key 0


class AuditSubject(models.Model):
    """One object that an event concerns: how the events of a person, role, account, company or request are found.

    It is written with its event and is no part of the hash chain. No foreign keys, as in the events. Triggers refuse
    UPDATE and DELETE.
    """

    kind = models.CharField(max_length=10, choices=SubjectKind)
    key = models.PositiveBigIntegerField(help_text="Primary key of the object in its own table.")
    at = models.DateTimeField(help_text="Of the event.")
    sequence = models.PositiveBigIntegerField(help_text="Of the event.")

    class Meta:
        indexes = [models.Index(fields=["kind", "key", "at", "sequence"], name="audit_subject_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["sequence", "kind", "key"], name="audit_subject_once_for_an_event"),
            models.CheckConstraint(
                name="audit_subject_kind_known",
                condition=models.Q(kind__in=SubjectKind.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} concerns {self.kind} {self.key}"


class AuditHead(models.Model):
    """The one row that every writer locks, so that the chain cannot fork."""

    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.CheckConstraint(name="audit_head_is_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return f"audit head at {self.sequence}"


class SpooledEvent(models.Model):
    """An event that the audit chain did not take when it happened. The worker adds it to the chain later.

    Triggers refuse DELETE, and every UPDATE but those that mark it as chained, or as set aside; what was set aside can
    be acknowledged, or tried again.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Of the event: it is chained once.")
    at = models.DateTimeField(help_text="When it happened.")
    actor = models.CharField(max_length=254)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=100)
    details = models.TextField(help_text="JSON as the HMAC was computed over it; a JSON column would rewrite it.")
    spooled_at = models.DateTimeField(help_text="When it was stored here: the order of events of the same moment.")
    mac = models.CharField(max_length=64, help_text="HMAC-SHA-256 of all of the above, in hex.")
    chained_at = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(
        null=True, blank=True, help_text="When the worker found that it cannot chain it."
    )
    acknowledged_at = models.DateTimeField(
        null=True, blank=True, help_text="When an administrator decided that it stays out of the chain."
    )

    class Meta:
        ordering = ["at", "spooled_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="spooled_event_chained_or_set_aside",
                condition=models.Q(chained_at=None) | models.Q(set_aside_at=None),
            ),
            models.CheckConstraint(
                name="spooled_event_acknowledged_was_set_aside",
                condition=models.Q(acknowledged_at=None) | models.Q(set_aside_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="spooled_event_waits", condition=models.Q(chained_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject} spooled"


class Checkpoint(models.Model):
    """A signed statement about the head of the chain, as it was also written to a file and to the log.

    Triggers refuse UPDATE, DELETE and TRUNCATE; what proves anything is the signature, and the copy kept elsewhere.
    """

    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    key = models.CharField(max_length=44, help_text="The Ed25519 public key that verifies the signature, in Base64.")
    new_key = models.CharField(max_length=44, blank=True, help_text="The public key that follows this one, if it does.")
    signature = models.CharField(max_length=88, help_text="In Base64.")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["sequence"], name="checkpoint_by_sequence")]

    def __str__(self) -> str:
        return f"checkpoint of event {self.sequence}"


class ChainWalk(models.Model):
    """One verification of the whole chain by the worker, from the first event and in batches: how far it is, and where
    the chain is broken. The next verification starts at the first event again and finds the same.
    """

    day = models.DateField(unique=True, help_text="One begins every day, in UTC.")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it had come to the end of the chain.")
    sequence = models.PositiveBigIntegerField(default=0, help_text="Of the last event that it has verified.")
    hash = models.CharField(max_length=64, default="0" * 64, help_text="Of the same event.")
    broken_at = models.JSONField(default=list, blank=True, help_text="Sequences, the first hundred of them.")

    def __str__(self) -> str:
        return f"walk of {self.day} to {self.sequence}"


class Refusal(models.Model):
    """How often somebody was refused something within one minute. The sweep writes it to the chain and deletes it."""

    minute = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=100, help_text="Whom it is about: person:<uuid>, or address:<address>.")
    email = models.EmailField(blank=True, help_text="Of the account that it is about; empty where there is none.")
    address = models.CharField(max_length=64)
    page = models.CharField(max_length=100, help_text="The page's name, and the status or the way that failed.")
    about = models.CharField(max_length=36, blank=True, help_text="Public id of what was asked for, the first time.")
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["minute", "verb", "subject", "address", "page"], name="refusal_is_counted_in_one_row"
            ),
            models.CheckConstraint(name="refusal_happened", condition=models.Q(count__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject} {self.page} x {self.count}"


class Heartbeat(models.Model):
    """When a background process last did its work."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%H:%M:%S}"


class Counter(models.Model):
    """How often something happened that is worth a number and no row of its own."""

    name = models.CharField(max_length=40, primary_key=True)
    total = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField(help_text="When it was counted last.")

    def __str__(self) -> str:
        return f"{self.name}: {self.total}"
