# Constraints and indexes are in CreateModel where they can be: as operations of their own they take most of the time.

import datetime
import uuid

import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import access.models.documents
import access.models.hours
import access.models.principals
import access.models.requests


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "times",
                    models.JSONField(
                        default=list, help_text="Seconds since 1970, never more of them than the limit allows."
                    ),
                ),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name_plural": "attempts",
            },
        ),
        migrations.CreateModel(
            name="ChainWalk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(help_text="One begins every day, in UTC.", unique=True)),
                ("began_at", models.DateTimeField()),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, help_text="When it had come to the end of the chain.", null=True),
                ),
                (
                    "sequence",
                    models.PositiveBigIntegerField(default=0, help_text="Of the last event that it has verified."),
                ),
                (
                    "hash",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        help_text="Of the same event.",
                        max_length=64,
                    ),
                ),
                (
                    "broken_at",
                    models.JSONField(blank=True, default=list, help_text="Sequences, the first hundred of them."),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ClockComparison",
            fields=[
                (
                    "process",
                    models.CharField(
                        help_text="Host name and process id.", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                ("read_at", models.DateTimeField()),
                ("process_ahead", models.DurationField(help_text="The process's own clock.")),
                (
                    "aws_ahead",
                    models.DurationField(blank=True, help_text="AWS's, by the Date of its last answer.", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("total", models.PositiveBigIntegerField(default=0)),
                ("at", models.DateTimeField(help_text="When it was counted last.")),
            ],
        ),
        migrations.CreateModel(
            name="ExpiringValue",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("value", models.TextField(blank=True, help_text="Sealed; empty where only the key counts.")),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ResetEmail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254)),
                ("asked_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Role",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "office_days",
                    models.CharField(blank=True, help_text="1 for Monday to 7 for Sunday, as 12345.", max_length=7),
                ),
                ("office_opens", models.TimeField(blank=True, null=True)),
                ("office_closes", models.TimeField(blank=True, null=True)),
                (
                    "office_zone",
                    models.CharField(blank=True, max_length=64, validators=[access.models.hours.zone_validator]),
                ),
                ("longest_window", models.DurationField(default=datetime.timedelta(seconds=28800))),
                (
                    "latest_start",
                    models.DurationField(
                        default=datetime.timedelta(days=90), help_text="How far ahead a start can be."
                    ),
                ),
                (
                    "factor_minutes",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="How old an approver's second factor can be, where that is less than usual.",
                        null=True,
                    ),
                ),
                (
                    "expires_after",
                    models.DurationField(
                        default=datetime.timedelta(days=1), help_text="An undecided request expires after so long."
                    ),
                ),
                (
                    "first_reminder",
                    models.DurationField(
                        blank=True,
                        default=datetime.timedelta(seconds=3600),
                        help_text="The pause before the first; later ones grow.",
                        null=True,
                    ),
                ),
                (
                    "ticket_pattern",
                    models.CharField(
                        blank=True, help_text="What a ticket number looks like; empty asks for none.", max_length=100
                    ),
                ),
                ("ticket_example", models.CharField(blank=True, help_text="One that would be taken.", max_length=64)),
                (
                    "source_rule",
                    models.CharField(
                        choices=[
                            ("never", "cannot be named"),
                            ("optional", "can be named"),
                            ("always", "have to be named"),
                        ],
                        default="optional",
                        help_text="Whether addresses can be named.",
                        max_length=10,
                    ),
                ),
                (
                    "source_networks",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Networks in which named source addresses must lie; empty for any.",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_+=,.@-]{1,64}\\Z",
                                "The role name contains a character that IAM does not accept, or is not 1 to 64 characters long. Use 1 to 64 characters from A to Z, a to z, 0 to 9 and _+=,.@-.", "role_name_invalid",
                            )
                        ],
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        default="/daypass/",
                        max_length=512,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A/(?:[A-Za-z0-9_+=,.@-]+/)*\\Z", "This is not a valid IAM path. Begin and end the path with a slash.", "role_path_invalid"
                            )
                        ],
                    ),
                ),
                (
                    "description",
                    models.CharField(
                        blank=True,
                        max_length=1000,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[\\x20-\\x7e\\xa1-\\xff]*\\Z",
                                "IAM accepts only Western European characters in a description. Remove other characters, such as long dashes and curly quotes.", "role_description_invalid",
                            )
                        ],
                    ),
                ),
                (
                    "is_managed",
                    models.BooleanField(default=True, help_text="Made by Daypass; off for an imported role."),
                ),
                ("is_active", models.BooleanField(default=True, help_text="Can be asked for.")),
                ("permissions_name", models.CharField(blank=True, max_length=128)),
                (
                    "permissions",
                    models.JSONField(blank=True, default=dict, help_text="The permissions policy, as IAM reads it."),
                ),
                (
                    "policy_arns",
                    models.JSONField(blank=True, default=list, help_text="Managed policies attached to the role."),
                ),
                ("tags", models.JSONField(blank=True, default=dict)),
                (
                    "max_session_seconds",
                    models.PositiveIntegerField(
                        default=3600,
                        validators=[
                            django.core.validators.MinValueValidator(3600),
                            django.core.validators.MaxValueValidator(43200),
                        ],
                    ),
                ),
                (
                    "allows_console",
                    models.BooleanField(default=False, help_text="The portal signs in to the AWS console."),
                ),
                (
                    "issues_per_hour",
                    models.PositiveSmallIntegerField(default=20, help_text="Sessions that one grant can open an hour."),
                ),
                (
                    "live_sessions",
                    models.PositiveSmallIntegerField(
                        default=5, help_text="How many sessions of one grant can be live at the same time."
                    ),
                ),
                ("requires_mfa", models.BooleanField(default=False)),
                (
                    "external_id",
                    models.CharField(
                        blank=True, help_text="Made by Daypass; empty when the role asks for none.", max_length=64
                    ),
                ),
                (
                    "allows_own_identity",
                    models.BooleanField(default=True, help_text="Contractors assume it from their own AWS account."),
                ),
                (
                    "allows_vouched",
                    models.BooleanField(
                        default=False,
                        help_text="A sponsor can vouch for an AWS identity that the contractor did not prove.",
                    ),
                ),
                ("allows_portal_issued", models.BooleanField(default=False, help_text="The portal issues sessions.")),
                (
                    "largest_share",
                    models.PositiveSmallIntegerField(
                        default=60, help_text="Per cent of the trust policy that one contractor can fill."
                    ),
                ),
                (
                    "allows_overflow",
                    models.BooleanField(
                        default=False,
                        help_text="When full, more grants go to numbered overflow roles; bucket and key policies must name those too.",
                    ),
                ),
                ("to_build", models.BooleanField(default=False, help_text="Not in AWS yet; the builder makes it.")),
                (
                    "to_update",
                    models.BooleanField(
                        default=False, help_text="In AWS with other permissions or limits; the builder changes them."
                    ),
                ),
                (
                    "expiry_not_enforceable",
                    models.BooleanField(
                        default=False,
                        help_text="An administrator knows that the end cannot be enforced and lets it be asked for.",
                    ),
                ),
                (
                    "quorum",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                ("unique_id", models.CharField(blank=True, help_text="AROA…, as the worker read it.", max_length=128)),
            ],
            options={
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="email address")),
                ("name", models.CharField(blank=True, max_length=150)),
                (
                    "is_sponsor",
                    models.BooleanField(default=False, help_text="May invite contractors and looks after them."),
                ),
                (
                    "decides_again_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Until then they decide nothing, because their second factor was reset.",
                        null=True,
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        blank=True,
                        help_text="In which they read and enter times; empty until it is known.",
                        max_length=64,
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="user_email_unique_ignoring_case"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                (
                    "account_id",
                    models.CharField(
                        max_length=12,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[0-9]{12}\\Z", "This is not a valid AWS account ID. Enter exactly 12 digits.", "account_id_invalid"
                            )
                        ],
                        verbose_name="AWS account id",
                    ),
                ),
                (
                    "partition",
                    models.CharField(
                        default="aws",
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\Aaws(?:-us-gov|-cn)?\\Z", "This is not a valid partition. Enter aws, aws-us-gov or aws-cn.", "partition_invalid"
                            )
                        ],
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        default="us-east-1",
                        max_length=30,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z]{2}(?:-[a-z]+){1,2}-[0-9]\\Z", "This is not a valid region. Enter a region such as eu-central-1.", "region_invalid"
                            )
                        ],
                    ),
                ),
                (
                    "issuer_arn",
                    models.CharField(
                        blank=True,
                        help_text="The portal's own identity that portal-issued statements name.",
                        max_length=512,
                    ),
                ),
                (
                    "boundary_arn",
                    models.CharField(
                        blank=True,
                        help_text="The permissions boundary of every role that Daypass makes here.",
                        max_length=512,
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        blank=True,
                        help_text="Made by Daypass; empty when our identities are in the account themselves.",
                        max_length=64,
                    ),
                ),
                (
                    "hub_account_id",
                    models.CharField(
                        blank=True,
                        help_text="The account that Daypass runs in.",
                        max_length=12,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[0-9]{12}\\Z", "This is not a valid AWS account ID. Enter exactly 12 digits.", "account_id_invalid"
                            )
                        ],
                    ),
                ),
                (
                    "org_id",
                    models.CharField(
                        blank=True,
                        max_length=36,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\Ao-[a-z0-9]{10,32}\\Z", "This is not a valid organisation ID. Enter o- followed by 10 to 32 lowercase letters or digits.", "organisation_id_invalid"
                            )
                        ],
                    ),
                ),
                (
                    "unreachable_at",
                    models.DateTimeField(blank=True, help_text="When AWS last did not answer for it.", null=True),
                ),
                ("test_asked_at", models.DateTimeField(blank=True, null=True)),
                ("tested_at", models.DateTimeField(blank=True, null=True)),
                (
                    "test_steps",
                    models.JSONField(blank=True, default=list, help_text="Codes and facts that the last test found."),
                ),
                (
                    "trust_quota",
                    models.PositiveIntegerField(default=2048, help_text="Characters of a trust policy, as IAM says."),
                ),
                ("trust_quota_read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "throttled_at",
                    models.DateTimeField(blank=True, help_text="When AWS last answered with throttling.", null=True),
                ),
                (
                    "next_write_at",
                    models.DateTimeField(blank=True, help_text="While throttled, writes take turns.", null=True),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("account_id__regex", "^[0-9]{12}$")), name="account_id_is_12_digits"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveBigIntegerField(unique=True)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(help_text="Email address, or the name of the process.", max_length=254)),
                ("verb", models.CharField(max_length=60)),
                (
                    "subject",
                    models.CharField(
                        db_index=True, help_text="Kind and public id: request:<uuid>, role:<name> …", max_length=100
                    ),
                ),
                ("details", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
                (
                    "group",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Substr(
                            django.db.models.functions.text.Concat("verb", models.Value(".")),
                            1,
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.functions.text.StrIndex(
                                    django.db.models.functions.text.Concat("verb", models.Value(".")), models.Value(".")
                                ),
                                "-",
                                models.Value(1),
                            ),
                        ),
                        help_text="What the verb has before its dot: grant, role, session …",
                        output_field=models.CharField(max_length=60),
                    ),
                ),
            ],
            options={
                "ordering": ["sequence"],
                "indexes": [
                    models.Index(fields=["at", "sequence"], name="audit_event_by_time"),
                    models.Index(fields=["group", "at", "sequence"], name="audit_event_by_group"),
                    models.Index(fields=["verb", "at", "sequence"], name="audit_event_by_verb"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveBigIntegerField(default=0)),
                (
                    "hash",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64
                    ),
                ),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_head_is_one_row")],
            },
        ),
        migrations.CreateModel(
            name="AuditSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("contractor", "Contractor"),
                            ("role", "Role"),
                            ("account", "Account"),
                            ("company", "Company"),
                            ("request", "Request"),
                            ("audit", "Audit"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.PositiveBigIntegerField(help_text="Primary key of the object in its own table.")),
                ("at", models.DateTimeField(help_text="Of the event.")),
                ("sequence", models.PositiveBigIntegerField(help_text="Of the event.")),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "key", "at", "sequence"], name="audit_subject_by_time")],
                "constraints": [
                    models.UniqueConstraint(fields=("sequence", "kind", "key"), name="audit_subject_once_for_an_event"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["person", "contractor", "role", "account", "company", "request", "audit"])
                        ),
                        name="audit_subject_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BreakGlassPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("longest", models.DurationField(default=datetime.timedelta(seconds=3600))),
                ("reason", models.TextField(validators=[django.core.validators.MaxLengthValidator(2000)])),
                ("expires_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("people", models.ManyToManyField(related_name="break_glass_policies", to=settings.AUTH_USER_MODEL)),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "nonce",
                    models.CharField(
                        default=access.models.principals.new_nonce, editable=False, max_length=40, unique=True
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="challenges",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(models.F("person"), models.F("created_at"), name="challenge_person_created")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_at", None), ("used_at__gte", models.F("created_at")), _connector="OR"
                        ),
                        name="challenge_used_after_made",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveBigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "key",
                    models.CharField(
                        help_text="The Ed25519 public key that verifies the signature, in Base64.", max_length=44
                    ),
                ),
                (
                    "new_key",
                    models.CharField(
                        blank=True, help_text="The public key that follows this one, if it does.", max_length=44
                    ),
                ),
                ("signature", models.CharField(help_text="In Base64.", max_length=88)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["sequence"], name="checkpoint_by_sequence")],
            },
        ),
        migrations.CreateModel(
            name="ClockEpisode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason_code",
                    models.CharField(blank=True, help_text="Of a sentence in access/texts.", max_length=60),
                ),
                ("reason_facts", models.JSONField(blank=True, default=dict)),
                ("began_at", models.DateTimeField()),
                ("observed_at", models.DateTimeField(help_text="When they last differed too much.")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "notified",
                    models.JSONField(blank=True, default=list, help_text="Addresses to which the email went."),
                ),
                ("notified_at", models.DateTimeField(blank=True, help_text="When it had gone to all.", null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1), condition=models.Q(("ended_at", None)), name="clock_episode_one_at_a_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Company",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=150)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name_plural": "companies",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="company_name_unique_ignoring_case"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Stop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("role", "Role"),
                            ("account", "Account"),
                            ("company", "Company"),
                            ("person", "Person"),
                            ("sponsor", "All contractors of a sponsor"),
                            ("everything", "Everything"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stops",
                        to="access.role",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stops",
                        to="access.account",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stops",
                        to="access.company",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        help_text="The person, or the sponsor whose contractors are stopped.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stops",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reason", models.TextField(validators=[django.core.validators.MaxLengthValidator(2000)])),
                (
                    "stopped_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("stopped_at", models.DateTimeField()),
                ("withdrawn_requests", models.PositiveIntegerField(default=0)),
                ("ended_policies", models.PositiveIntegerField(default=0)),
                (
                    "lift_proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("lift_proposed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("account__isnull", True),
                                    ("company__isnull", True),
                                    ("person__isnull", True),
                                    ("role__isnull", False),
                                ),
                                ("scope", "role"),
                            ),
                            models.Q(
                                models.Q(
                                    ("account__isnull", False),
                                    ("company__isnull", True),
                                    ("person__isnull", True),
                                    ("role__isnull", True),
                                ),
                                ("scope", "account"),
                            ),
                            models.Q(
                                models.Q(
                                    ("account__isnull", True),
                                    ("company__isnull", False),
                                    ("person__isnull", True),
                                    ("role__isnull", True),
                                ),
                                ("scope", "company"),
                            ),
                            models.Q(
                                models.Q(
                                    ("account__isnull", True),
                                    ("company__isnull", True),
                                    ("person__isnull", False),
                                    ("role__isnull", True),
                                ),
                                ("scope__in", ["person", "sponsor"]),
                            ),
                            models.Q(
                                models.Q(
                                    ("account__isnull", True),
                                    ("company__isnull", True),
                                    ("person__isnull", True),
                                    ("role__isnull", True),
                                ),
                                ("scope", "everything"),
                            ),
                            _connector="OR",
                        ),
                        name="stop_names_what_its_scope_needs",
                    ),
                    models.UniqueConstraint(
                        models.F("role"),
                        condition=models.Q(models.Q(("scope", "role")), ("lifted_at", None)),
                        name="stop_is_open_once_for_a_role",
                    ),
                    models.UniqueConstraint(
                        models.F("account"),
                        condition=models.Q(models.Q(("scope", "account")), ("lifted_at", None)),
                        name="stop_is_open_once_for_an_account",
                    ),
                    models.UniqueConstraint(
                        models.F("company"),
                        condition=models.Q(models.Q(("scope", "company")), ("lifted_at", None)),
                        name="stop_is_open_once_for_a_company",
                    ),
                    models.UniqueConstraint(
                        models.F("scope"),
                        models.F("person"),
                        condition=models.Q(models.Q(("scope__in", ["person", "sponsor"])), ("lifted_at", None)),
                        name="stop_is_open_once_for_a_person",
                    ),
                    models.UniqueConstraint(
                        models.F("scope"),
                        condition=models.Q(models.Q(("scope", "everything")), ("lifted_at", None)),
                        name="stop_is_open_once_for_everything",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="stop_has_a_reason"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lift_proposed_at", None),
                                ("lift_proposed_by", None),
                                ("lifted_at", None),
                                ("lifted_by", None),
                            ),
                            models.Q(
                                ("lift_proposed_at__isnull", False),
                                ("lift_proposed_by__isnull", False),
                                ("lifted_at", None),
                                ("lifted_by", None),
                            ),
                            models.Q(
                                ("lift_proposed_at__isnull", False),
                                ("lift_proposed_by__isnull", False),
                                ("lifted_at__isnull", False),
                                ("lifted_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="stop_lift_facts_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_by", None),
                            models.Q(("lifted_by", models.F("lift_proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="stop_lifted_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AutoApprovalPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "office_days",
                    models.CharField(blank=True, help_text="1 for Monday to 7 for Sunday, as 12345.", max_length=7),
                ),
                ("office_opens", models.TimeField(blank=True, null=True)),
                ("office_closes", models.TimeField(blank=True, null=True)),
                (
                    "office_zone",
                    models.CharField(blank=True, max_length=64, validators=[access.models.hours.zone_validator]),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("longest_window", models.DurationField()),
                (
                    "per_week",
                    models.PositiveSmallIntegerField(blank=True, help_text="Requests in seven days.", null=True),
                ),
                (
                    "hours_per_week",
                    models.DurationField(blank=True, help_text="Their windows in seven days, added up.", null=True),
                ),
                ("expires_at", models.DateTimeField()),
                ("made_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="auto_approval_policies",
                        to="access.company",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Contractor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("contract_ends_at", models.DateTimeField()),
                ("is_active", models.BooleanField(default=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contractors", to="access.company"
                    ),
                ),
                (
                    "sponsor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sponsored_contractors",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contractor",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("named_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "approver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="delegations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "delegate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="received_delegations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approver", models.F("delegate")), _negated=True),
                        name="delegation_to_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_at__gt", models.F("from_at"))), name="delegation_until_after_from"
                    ),
                    models.UniqueConstraint(
                        models.F("approver"),
                        condition=models.Q(("ended_at", None)),
                        name="delegation_one_at_a_time_for_an_approver",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("problem", models.CharField(blank=True, max_length=40)),
                (
                    "problem_code",
                    models.CharField(blank=True, help_text="Of a sentence in access/texts.", max_length=60),
                ),
                ("problem_facts", models.JSONField(blank=True, default=dict)),
                (
                    "revoked_reason",
                    models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(2000)]),
                ),
                (
                    "revoked_code",
                    models.CharField(blank=True, help_text="Of a sentence in access/texts.", max_length=60),
                ),
                ("revoked_facts", models.JSONField(blank=True, default=dict)),
                ("session_name", models.CharField(max_length=16, unique=True)),
                ("principal_arn", models.CharField(blank=True, max_length=512)),
                ("principal_unique_id", models.CharField(blank=True, max_length=128)),
                ("portal_issued", models.BooleanField(default=False)),
                ("external_id", models.CharField(blank=True, max_length=64)),
                ("requires_mfa", models.BooleanField(default=False)),
                ("source_cidrs", models.JSONField(blank=True, default=list)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "written_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When its statement was sent to AWS, where `applied_at` does not say so.",
                        null=True,
                    ),
                ),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "refused_at",
                    models.DateTimeField(blank=True, help_text="When AWS was seen to refuse the issuer.", null=True),
                ),
                (
                    "break_glass_policy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="access.breakglasspolicy",
                    ),
                ),
                (
                    "contractor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="access.contractor",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Issuance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason_code",
                    models.CharField(blank=True, help_text="Of a sentence in access/texts.", max_length=60),
                ),
                ("reason_facts", models.JSONField(blank=True, default=dict)),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("credentials", "credentials"), ("console", "console sign-in")], max_length=12
                    ),
                ),
                ("started_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("open", "asked AWS"),
                            ("issued", "issued"),
                            ("failed", "failed"),
                            ("discarded", "discarded"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("access_key_id", models.CharField(blank=True, max_length=128)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="issuances",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="issuances", to="access.grant"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(models.F("grant"), models.F("started_at"), name="issuance_grant_started")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("outcome", "open")),
                            models.Q(models.Q(("outcome", "open"), _negated=True), ("closed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="issuance_closed_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "issued"), _negated=True),
                            models.Q(models.Q(("access_key_id", ""), _negated=True), ("expires_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="issuance_issued_has_key_and_expiry",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownBrowser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("token_hash", models.CharField(help_text="SHA-256 of the cookie.", max_length=64, unique=True)),
                (
                    "stamp",
                    models.CharField(
                        help_text="Hash of the password and factors with which it was made.", max_length=64
                    ),
                ),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("user_agent", models.CharField(blank=True, max_length=200)),
                ("signed_in_at", models.DateTimeField(help_text="The last time with password and second factor.")),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_browsers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("failures__lte", 5)), name="known_browser_fails_so_often"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("signed_in_at"))), name="known_browser_expires"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Principal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("arn", models.CharField(max_length=512, verbose_name="ARN")),
                (
                    "unique_id",
                    models.CharField(
                        blank=True,
                        help_text="AIDA…, AROA… or AROA…:<session>, known once it is proven.",
                        max_length=128,
                    ),
                ),
                (
                    "proof",
                    models.CharField(
                        choices=[
                            ("typed", "not proven"),
                            ("signed", "proven by a signed request"),
                            ("vouched", "vouched for"),
                        ],
                        default="typed",
                        max_length=10,
                    ),
                ),
                ("proven_at", models.DateTimeField(blank=True, null=True)),
                ("vouched_at", models.DateTimeField(blank=True, null=True)),
                (
                    "contractor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="principals", to="access.contractor"
                    ),
                ),
                (
                    "vouched_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("contractor"), models.F("arn"), name="principal_arn_unique_per_contractor"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("proof", "signed"),
                                ("proven_at__isnull", False),
                                models.Q(("unique_id", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("proof", "signed"), _negated=True), ("proven_at", None), ("unique_id", "")
                            ),
                            _connector="OR",
                        ),
                        name="principal_proven_has_id_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("proof", "vouched"), ("vouched_at__isnull", False), ("vouched_by__isnull", False)
                            ),
                            models.Q(
                                models.Q(("proof", "vouched"), _negated=True),
                                ("vouched_at", None),
                                ("vouched_by", None),
                            ),
                            _connector="OR",
                        ),
                        name="principal_vouched_has_voucher_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("proof__in", ["typed", "signed", "vouched"])), name="principal_proof_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minute", models.DateTimeField(db_index=True)),
                ("verb", models.CharField(max_length=60)),
                (
                    "subject",
                    models.CharField(
                        help_text="Whom it is about: person:<uuid>, or address:<address>.", max_length=100
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        help_text="Of the account that it is about; empty where there is none.",
                        max_length=254,
                    ),
                ),
                ("address", models.CharField(max_length=64)),
                (
                    "page",
                    models.CharField(
                        help_text="The page's name, and the status or the way that failed.", max_length=100
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        blank=True, help_text="Public id of what was asked for, the first time.", max_length=36
                    ),
                ),
                ("count", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("minute", "verb", "subject", "address", "page"), name="refusal_is_counted_in_one_row"
                    ),
                    models.CheckConstraint(condition=models.Q(("count__gte", 1)), name="refusal_happened"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "session_name",
                    models.CharField(
                        default=access.models.requests.new_session_name, editable=False, max_length=16, unique=True
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "length",
                    models.DurationField(blank=True, help_text="Of a window that begins with the approval.", null=True),
                ),
                ("latest_start", models.DateTimeField(blank=True, null=True)),
                ("latest_end", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(validators=[django.core.validators.MaxLengthValidator(2000)])),
                ("ticket", models.CharField(blank=True, max_length=64)),
                ("asks_mfa", models.BooleanField(default=False, help_text="Beside what the role itself asks for.")),
                (
                    "source_cidrs",
                    models.JSONField(blank=True, default=list, help_text="The networks the grant can be used from."),
                ),
                ("content_hash", models.CharField(max_length=64)),
                ("submitted_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("approved", "approved"),
                            ("denied", "denied"),
                            ("withdrawn", "withdrawn"),
                            ("expired", "expired"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(help_text="When it expires if nobody decides.")),
                (
                    "times_notified",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How often the approvers of the stage were notified."
                    ),
                ),
                ("notify_next_at", models.DateTimeField(blank=True, null=True)),
                (
                    "break_glass_policy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="access.breakglasspolicy",
                    ),
                ),
                (
                    "contractor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="access.contractor",
                    ),
                ),
                (
                    "extends",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions",
                        to="access.grant",
                    ),
                ),
                (
                    "principal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="access.principal",
                    ),
                ),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="grant",
            name="request",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="grant", to="access.request"
            ),
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.PositiveSmallIntegerField(default=1)),
                ("verdict", models.CharField(choices=[("approve", "approved"), ("deny", "denied")], max_length=10)),
                ("content_hash", models.CharField(max_length=64)),
                ("reason", models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(2000)])),
                ("decided_at", models.DateTimeField()),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "length",
                    models.DurationField(blank=True, help_text="Of a window that begins with the approval.", null=True),
                ),
                ("asks_mfa", models.BooleanField(default=False)),
                ("source_cidrs", models.JSONField(blank=True, default=list)),
                (
                    "approver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "auto_approval_policy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="access.autoapprovalpolicy",
                    ),
                ),
                (
                    "delegate_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="access.request"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("auto_approval_policy"), models.F("decided_at"), name="decision_policy_decided"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("request"),
                        models.F("approver"),
                        models.F("content_hash"),
                        name="one_decision_per_approver_and_terms",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asks_mfa", False), ("ends_at", None), ("length", None), ("starts_at", None)),
                            models.Q(
                                ("ends_at__gt", models.F("starts_at")),
                                ("ends_at__isnull", False),
                                ("length", None),
                                ("starts_at__isnull", False),
                                ("verdict", "approve"),
                            ),
                            models.Q(
                                ("ends_at", None),
                                ("length__gt", datetime.timedelta(0)),
                                ("length__isnull", False),
                                ("starts_at", None),
                                ("verdict", "approve"),
                            ),
                            _connector="OR",
                        ),
                        name="decision_window_together",
                    ),
                    models.UniqueConstraint(
                        models.F("request"),
                        django.db.models.functions.comparison.Coalesce("delegate_of", "approver"),
                        models.F("content_hash"),
                        name="one_decision_per_vote_and_terms",
                    ),
                    models.UniqueConstraint(
                        models.F("request"), condition=models.Q(("approver", None)), name="one_decision_by_a_policy"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("approver", models.F("requester")), _negated=True),
                        name="nobody_decides_their_own_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approver__isnull", False), ("auto_approval_policy", None)),
                            models.Q(
                                ("approver", None),
                                ("auto_approval_policy__isnull", False),
                                ("delegate_of", None),
                                ("verdict", "approve"),
                            ),
                            _connector="OR",
                        ),
                        name="decision_by_a_person_or_a_policy",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("delegate_of", models.F("approver")), _negated=True),
                            models.Q(("delegate_of", models.F("requester")), _negated=True),
                        ),
                        name="decision_delegate_of_somebody_else",
                    ),
                    models.CheckConstraint(condition=models.Q(("stage__gte", 1)), name="decision_stage_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["approve", "deny"])), name="decision_verdict_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("is_question", models.BooleanField()),
                ("text", models.TextField(validators=[django.core.validators.MaxLengthValidator(2000)])),
                ("written_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="comments", to="access.request"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="comment_not_empty")
                ],
            },
        ),
        migrations.CreateModel(
            name="BreakGlassGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used_at", models.DateTimeField()),
                (
                    "notified",
                    models.JSONField(blank=True, default=list, help_text="Addresses to which the email went."),
                ),
                (
                    "not_notified",
                    models.JSONField(blank=True, default=list, help_text="Addresses to which no email went yet."),
                ),
                (
                    "notified_at",
                    models.DateTimeField(blank=True, help_text="When the email had gone to all.", null=True),
                ),
                (
                    "verdict",
                    models.CharField(blank=True, choices=[("justified", "justified"), ("not_justified", "not justified")], max_length=15),
                ),
                ("comment", models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(2000)])),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="break_glass_grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "break_glass_policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="break_glass_grants",
                        to="access.breakglasspolicy",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="break_glass_grant",
                        to="access.request",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("person"),
                        condition=models.Q(("reviewed_at", None)),
                        name="one_unreviewed_break_glass_grant_of_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_by", None),
                            models.Q(("reviewed_by", models.F("person")), _negated=True),
                            _connector="OR",
                        ),
                        name="break_glass_grant_reviewed_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("comment", ""), ("reviewed_at", None), ("reviewed_by", None), ("verdict", "")),
                            models.Q(
                                ("reviewed_at__isnull", False),
                                ("reviewed_by__isnull", False),
                                ("verdict__in", ["justified", "not_justified"]),
                                models.Q(("comment", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="break_glass_grant_reviewed_facts_together",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleState",
            fields=[
                ("problem", models.CharField(blank=True, max_length=40)),
                (
                    "problem_code",
                    models.CharField(blank=True, help_text="Of a sentence in access/texts.", max_length=60),
                ),
                ("problem_facts", models.JSONField(blank=True, default=dict)),
                (
                    "role",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="state",
                        serialize=False,
                        to="access.role",
                    ),
                ),
                ("generation", models.PositiveBigIntegerField(default=0)),
                ("reconciled_generation", models.PositiveBigIntegerField(default=0)),
                ("waiting_since", models.DateTimeField(blank=True, null=True)),
                ("reconciled_at", models.DateTimeField(blank=True, null=True)),
                ("next_change_at", models.DateTimeField(blank=True, null=True)),
                ("retry_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("lease_holder", models.CharField(blank=True, max_length=64)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("settle_until", models.DateTimeField(blank=True, null=True)),
                ("observed_trust", access.models.documents.DocumentField(blank=True, null=True)),
                ("observed_expiry_policy", access.models.documents.DocumentField(blank=True, null=True)),
                ("observed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "write_intent",
                    access.models.documents.DocumentField(
                        blank=True, help_text="Both documents before a write that is not on record yet.", null=True
                    ),
                ),
                (
                    "can_bypass_expiry",
                    models.JSONField(
                        blank=True, default=list, help_text="Why a session of this role could outlive its end."
                    ),
                ),
                (
                    "other_inline_size",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Characters of its inline policies that are not ours; all of them share one quota.",
                    ),
                ),
                ("permissions_read_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease_holder", ""), ("leased_until", None)),
                            models.Q(models.Q(("lease_holder", ""), _negated=True), ("leased_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="role_state_lease_holder_and_end_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("problem", ""), ("problem_code", "")),
                            models.Q(
                                models.Q(("problem", ""), _negated=True), models.Q(("problem_code", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="role_state_problem_has_code",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="role",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="roles", to="access.account"
            ),
        ),
        migrations.AddField(
            model_name="role",
            name="approver_groups",
            field=models.ManyToManyField(
                blank=True,
                help_text="Their members decide like named approvers.",
                related_name="approves_roles",
                to="auth.group",
            ),
        ),
        migrations.AddField(
            model_name="role",
            name="approvers",
            field=models.ManyToManyField(blank=True, related_name="approves_roles", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="role",
            name="contractors",
            field=models.ManyToManyField(blank=True, related_name="roles", to="access.contractor"),
        ),
        migrations.AddField(
            model_name="role",
            name="favourite_of",
            field=models.ManyToManyField(
                blank=True,
                help_text="Whose pages list the role first.",
                related_name="favourite_roles",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="role",
            name="overflow_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="overflow_roles",
                to="access.role",
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="role",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="access.role"
            ),
        ),
        migrations.CreateModel(
            name="PermissionsVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("permissions_name", models.CharField(blank=True, max_length=128)),
                ("permissions", models.JSONField(blank=True, default=dict)),
                ("policy_arns", models.JSONField(blank=True, default=list)),
                ("made_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="access.role"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("role"), models.F("number"), name="permissions_version_number_unique_in_role"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="permissions_version_counts_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PermissionsSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "managed",
                    models.JSONField(
                        default=dict, help_text="The documents of the attached managed policies by their ARN."
                    ),
                ),
                (
                    "analysis",
                    models.JSONField(blank=True, help_text="What Access Analyzer found, when it answered.", null=True),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When IAM saw a session of the role at work; empty when not in 400 days.",
                        null=True,
                    ),
                ),
                ("read_at", models.DateTimeField()),
                (
                    "role",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="snapshot", to="access.role"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(max_length=254, verbose_name="email address")),
                ("contract_ends_at", models.DateTimeField(blank=True, null=True)),
                ("makes_administrator", models.BooleanField(default=False)),
                ("makes_sponsor", models.BooleanField(default=False)),
                ("sent_at", models.DateTimeField()),
                ("times_sent", models.PositiveSmallIntegerField(default=1)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accepted_by",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accepted_invitation",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="access.company",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("roles", models.ManyToManyField(blank=True, related_name="+", to="access.role")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("company", None), ("contract_ends_at", None)),
                            models.Q(
                                ("company__isnull", False),
                                ("contract_ends_at__isnull", False),
                                ("invited_by__isnull", False),
                                ("makes_administrator", False),
                                ("makes_sponsor", False),
                            ),
                            _connector="OR",
                        ),
                        name="invitation_contractor_has_company_end_and_sponsor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at", None), ("accepted_by", None)),
                            models.Q(
                                ("accepted_at__isnull", False), ("accepted_by__isnull", False), ("withdrawn_at", None)
                            ),
                            _connector="OR",
                        ),
                        name="invitation_acceptance_facts_together",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                        name="invitation_one_open_for_an_address",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HardeningChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason_code",
                    models.CharField(blank=True, help_text="Of a sentence in access/texts.", max_length=60),
                ),
                ("reason_facts", models.JSONField(blank=True, default=dict)),
                (
                    "how",
                    models.CharField(
                        choices=[("remove", "remove"), ("external_id", "external_id"), ("mfa", "mfa")], max_length=20
                    ),
                ),
                ("statement", access.models.documents.DocumentField(help_text="The statement as it was shown.")),
                (
                    "value",
                    models.CharField(blank=True, help_text="The external id that it is to ask for.", max_length=64),
                ),
                ("document", access.models.documents.DocumentField(help_text="The trust policy as it was shown.")),
                ("document_hash", models.CharField(max_length=64)),
                ("requested_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("done", "done"), ("superseded", "superseded"), ("refused", "refused")],
                        max_length=10,
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hardening_changes", to="access.role"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("role"),
                        condition=models.Q(("settled_at", None)),
                        name="one_open_hardening_change_per_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("settled_at", None)),
                            models.Q(("settled_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="hardening_change_settled_has_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["remove", "external_id", "mfa"])), name="hardening_change_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("how", "external_id"), models.Q(("value", ""), _negated=True)),
                            models.Q(models.Q(("how", "external_id"), _negated=True), ("value", "")),
                            _connector="OR",
                        ),
                        name="hardening_change_has_external_id_where_it_asks_for_one",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="grant",
            name="role",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="access.role"
            ),
        ),
        migrations.CreateModel(
            name="Certification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("verdict", models.CharField(choices=[("keep", "kept"), ("reject", "rejected")], max_length=10)),
                ("comment", models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(2000)])),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "whose",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contractor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certifications",
                        to="access.contractor",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certifications",
                        to="access.grant",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certifications",
                        to="access.role",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(models.F("grant"), models.F("at"), name="certification_grant_at"),
                    models.Index(models.F("role"), models.F("at"), name="certification_role_at"),
                    models.Index(models.F("contractor"), models.F("at"), name="certification_contractor_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("contractor", None), ("grant__isnull", False), ("role", None), ("whose__isnull", False)
                            ),
                            models.Q(("contractor", None), ("grant", None), ("role__isnull", False), ("whose", None)),
                            models.Q(
                                ("contractor__isnull", False), ("grant", None), ("role", None), ("whose__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="certification_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["keep", "reject"])), name="certification_verdict_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verdict", "keep"), models.Q(("comment", ""), _negated=True), _connector="OR"
                        ),
                        name="certification_rejection_has_a_comment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("whose", None), models.Q(("by", models.F("whose")), _negated=True), _connector="OR"
                        ),
                        name="nobody_certifies_what_is_their_own",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="breakglasspolicy",
            name="role",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="break_glass_policies", to="access.role"
            ),
        ),
        migrations.AddField(
            model_name="autoapprovalpolicy",
            name="role",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="auto_approval_policies", to="access.role"
            ),
        ),
        migrations.CreateModel(
            name="RoleChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("before", models.JSONField(help_text="The named fields as they were when this was proposed.")),
                ("after", models.JSONField(help_text="The same fields as they are to be.")),
                ("content_hash", models.CharField(max_length=64)),
                ("proposed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True, choices=[("confirmed", "confirmed"), ("withdrawn", "withdrawn")], max_length=10
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="access.role"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "confirmed"), _negated=True),
                            models.Q(
                                ("settled_by__isnull", False),
                                models.Q(("settled_by", models.F("proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="nobody_confirms_their_own_role_change",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("settled_at", None), ("settled_by", None)),
                            models.Q(
                                ("outcome__in", ["confirmed", "withdrawn"]),
                                ("settled_at__isnull", False),
                                ("settled_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="role_change_settled_facts_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("proposed_at"))),
                        name="role_change_expires_after_it_was_proposed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                (
                    "session_key",
                    models.CharField(
                        max_length=64, primary_key=True, serialize=False, verbose_name="SHA-256 of the key"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "access_session",
            },
        ),
        migrations.CreateModel(
            name="SpooledEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.UUIDField(default=uuid.uuid4, help_text="Of the event: it is chained once.", unique=True),
                ),
                ("at", models.DateTimeField(help_text="When it happened.")),
                ("actor", models.CharField(max_length=254)),
                ("verb", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=100)),
                (
                    "details",
                    models.TextField(
                        help_text="JSON as the HMAC was computed over it; a JSON column would rewrite it."
                    ),
                ),
                (
                    "spooled_at",
                    models.DateTimeField(help_text="When it was stored here: the order of events of the same moment."),
                ),
                ("mac", models.CharField(help_text="HMAC-SHA-256 of all of the above, in hex.", max_length=64)),
                ("chained_at", models.DateTimeField(blank=True, null=True)),
                (
                    "set_aside_at",
                    models.DateTimeField(
                        blank=True, help_text="When the worker found that it cannot chain it.", null=True
                    ),
                ),
                (
                    "acknowledged_at",
                    models.DateTimeField(
                        blank=True, help_text="When an administrator decided that it stays out of the chain.", null=True
                    ),
                ),
            ],
            options={
                "ordering": ["at", "spooled_at", "pk"],
                "indexes": [
                    models.Index(condition=models.Q(("chained_at", None)), fields=["at"], name="spooled_event_waits")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("chained_at", None), ("set_aside_at", None), _connector="OR"),
                        name="spooled_event_chained_or_set_aside",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("acknowledged_at", None), ("set_aside_at__isnull", False), _connector="OR"),
                        name="spooled_event_acknowledged_was_set_aside",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(help_text="2 comes after the role's own approvers.")),
                ("name", models.CharField(blank=True, max_length=60)),
                (
                    "quorum",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                ("approver_groups", models.ManyToManyField(blank=True, related_name="+", to="auth.group")),
                ("approvers", models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="further_stages", to="access.role"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("role"), models.F("position"), name="stage_position_unique_in_role"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 2)), name="stage_comes_after_the_first"
                    ),
                    models.CheckConstraint(condition=models.Q(("quorum__gte", 1)), name="stage_quorum_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnmanagedStatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("removed", "an Allow that Daypass removes"),
                            ("deny", "a Deny that is kept"),
                            ("no_room", "a Deny that the expiry policy had no room for"),
                            ("held", "an Allow beside the default-deny statement"),
                        ],
                        max_length=10,
                    ),
                ),
                ("sid", models.CharField(blank=True, max_length=128)),
                ("is_in_expiry_policy", models.BooleanField(default=False, help_text="Not in the trust policy.")),
                ("text", models.TextField()),
                ("is_cut", models.BooleanField(default=False)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "is_urgent",
                    models.BooleanField(
                        default=False, help_text="Daypass removed the same text less than an hour before."
                    ),
                ),
                ("found_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("removed", "removed by Daypass"),
                            ("gone", "no longer in AWS"),
                            ("accepted", "accepted"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unmanaged_statements",
                        to="access.role",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("role"),
                        models.F("sha256"),
                        condition=models.Q(("settled_at", None)),
                        name="unmanaged_statement_is_open_once",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            django.db.models.functions.text.Length("text"), 8192
                        ),
                        name="unmanaged_statement_text_is_limited",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at", None), ("accepted_by", None)),
                            models.Q(("accepted_at__isnull", False), ("accepted_by__isnull", False), ("kind", "held")),
                            _connector="OR",
                        ),
                        name="unmanaged_statement_accepted_facts_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("settled_at", None)),
                            models.Q(("settled_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="unmanaged_statement_settled_has_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "accepted"), _negated=True),
                            ("accepted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="unmanaged_statement_accepted_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FactorReset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("reason", models.TextField(validators=[django.core.validators.MaxLengthValidator(2000)])),
                ("is_by_command", models.BooleanField(default=False)),
                ("proposed_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factor_resets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_by", None), ("proposed_by", None)),
                            models.Q(
                                models.Q(("proposed_by", models.F("person")), _negated=True), ("confirmed_by", None)
                            ),
                            models.Q(
                                models.Q(("proposed_by", models.F("person")), _negated=True),
                                models.Q(("confirmed_by", models.F("person")), _negated=True),
                                models.Q(("proposed_by", models.F("confirmed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="factor_reset_by_two_others",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_by", None),
                                ("done_at__isnull", False),
                                ("is_by_command", True),
                                ("proposed_by", None),
                                ("withdrawn_at", None),
                                ("withdrawn_by", None),
                            ),
                            models.Q(
                                ("confirmed_by__isnull", False),
                                ("done_at__isnull", False),
                                ("is_by_command", False),
                                ("proposed_by__isnull", False),
                                ("withdrawn_at", None),
                                ("withdrawn_by", None),
                            ),
                            models.Q(
                                ("confirmed_by", None),
                                ("done_at", None),
                                ("is_by_command", False),
                                ("proposed_by__isnull", False),
                                ("withdrawn_at", None),
                                ("withdrawn_by", None),
                            ),
                            models.Q(
                                ("confirmed_by", None),
                                ("done_at", None),
                                ("is_by_command", False),
                                ("proposed_by__isnull", False),
                                ("withdrawn_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="factor_reset_facts_together",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="factor_reset_has_a_reason"
                    ),
                    models.UniqueConstraint(
                        models.F("person"),
                        condition=models.Q(("done_at", None), ("withdrawn_at", None)),
                        name="factor_reset_is_open_once_for_a_person",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asked", "a request waits"),
                            ("auto_approved", "approved by a rule"),
                            ("decided", "a request is decided"),
                            ("question", "an approver asks for information"),
                            ("answer", "the contractor has answered"),
                            ("role_change", "a change of a role waits"),
                            ("statement", "an unmanaged statement was found"),
                            ("stopped", "access was stopped"),
                            ("factor_reset_proposed", "a reset of a second factor waits"),
                            ("factor_reset", "a second factor was reset"),
                            ("withdrawn", "an extension was withdrawn"),
                        ],
                        max_length=25,
                    ),
                ),
                ("stage", models.PositiveSmallIntegerField(default=1)),
                ("number", models.PositiveSmallIntegerField(default=0, help_text="0 is the first, the others remind.")),
                ("made_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "stop",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="access.stop",
                    ),
                ),
                (
                    "factor_reset",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="access.factorreset",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="access.request",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="access.rolechange",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notifications",
                        to="access.unmanagedstatement",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("tried_at"), condition=models.Q(("sent_at", None)), name="notification_unsent"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("request"),
                        models.F("person"),
                        models.F("kind"),
                        models.F("stage"),
                        models.F("number"),
                        name="notification_is_created_once",
                    ),
                    models.UniqueConstraint(
                        models.F("change"), models.F("person"), name="notification_about_a_change_is_created_once"
                    ),
                    models.UniqueConstraint(
                        models.F("statement"), models.F("person"), name="notification_about_a_statement_is_created_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent_at", None), ("tried_at__isnull", False), _connector="OR"),
                        name="notification_sent_was_tried",
                    ),
                    models.UniqueConstraint(
                        models.F("stop"), models.F("person"), name="notification_about_a_stop_is_created_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(
                                    ("change__isnull", False),
                                    ("factor_reset__isnull", True),
                                    ("request__isnull", True),
                                    ("statement__isnull", True),
                                    ("stop__isnull", True),
                                ),
                                ("kind", "role_change"),
                            ),
                            models.Q(
                                models.Q(
                                    ("change__isnull", True),
                                    ("factor_reset__isnull", True),
                                    ("request__isnull", True),
                                    ("statement__isnull", False),
                                    ("stop__isnull", True),
                                ),
                                ("kind", "statement"),
                            ),
                            models.Q(
                                models.Q(
                                    ("change__isnull", True),
                                    ("factor_reset__isnull", True),
                                    ("request__isnull", True),
                                    ("statement__isnull", True),
                                    ("stop__isnull", False),
                                ),
                                ("kind", "stopped"),
                            ),
                            models.Q(
                                models.Q(
                                    ("change__isnull", True),
                                    ("factor_reset__isnull", False),
                                    ("request__isnull", True),
                                    ("statement__isnull", True),
                                    ("stop__isnull", True),
                                ),
                                ("kind__in", ["factor_reset_proposed", "factor_reset"]),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "role_change",
                                            "statement",
                                            "stopped",
                                            "factor_reset_proposed",
                                            "factor_reset",
                                        ],
                                    ),
                                    _negated=True,
                                ),
                                ("change__isnull", True),
                                ("factor_reset__isnull", True),
                                ("request__isnull", False),
                                ("statement__isnull", True),
                                ("stop__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="notification_is_about_one_thing",
                    ),
                    models.UniqueConstraint(
                        models.F("factor_reset"),
                        models.F("person"),
                        models.F("kind"),
                        name="notification_about_a_factor_reset_is_created_once",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.UniqueConstraint(
                models.F("account"), models.F("name"), name="role_name_unique_in_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_session_seconds__gte", 3600), ("max_session_seconds__lte", 43200)),
                name="role_session_length_within_iam_limits",
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(("longest_window__gt", datetime.timedelta(0))), name="role_longest_window_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("latest_start__gt", datetime.timedelta(0)), ("latest_start__lte", datetime.timedelta(days=90))
                ),
                name="role_latest_start_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(("factor_minutes", None), ("factor_minutes__gte", 1), _connector="OR"),
                name="role_factor_minutes_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expires_after__gt", datetime.timedelta(0)),
                    ("expires_after__lte", datetime.timedelta(days=90)),
                    models.Q(("first_reminder", None), ("first_reminder__gt", datetime.timedelta(0)), _connector="OR"),
                ),
                name="role_pauses_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ticket_example", ""), ("ticket_pattern", "")),
                    models.Q(
                        models.Q(("ticket_pattern", ""), _negated=True), models.Q(("ticket_example", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="role_ticket_pattern_has_example",
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(("source_rule__in", ["never", "optional", "always"])), name="role_source_rule_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("office_closes", None), ("office_days", ""), ("office_opens", None), ("office_zone", "")),
                    models.Q(
                        ("office_days__regex", "^[1-7]{1,7}$"),
                        ("office_closes__gt", models.F("office_opens")),
                        ("office_closes__isnull", False),
                        ("office_opens__isnull", False),
                        models.Q(("office_zone", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="role_office_hours_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(("largest_share__gte", 1), ("largest_share__lte", 100)),
                name="role_share_is_per_cent",
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("overflow_of", None), models.Q(("allows_overflow", False), ("is_managed", True)), _connector="OR"
                ),
                name="role_overflow_roles_are_managed_and_last",
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(
                condition=models.Q(("allows_overflow", False), ("is_managed", True), _connector="OR"),
                name="role_overflow_only_when_managed",
            ),
        ),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.CheckConstraint(condition=models.Q(("quorum__gte", 1)), name="role_quorum_positive"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(models.F("state"), models.F("role"), name="request_state_role"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                models.F("notify_next_at"), condition=models.Q(("state", "pending")), name="request_notify_next"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                models.F("submitted_at"), condition=models.Q(("state", "pending")), name="request_waiting_by_time"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(models.F("settled_at"), name="request_by_settlement"),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ends_at__gt", models.F("starts_at")),
                        ("ends_at__isnull", False),
                        ("latest_end", None),
                        ("latest_start", None),
                        ("length", None),
                        ("starts_at__isnull", False),
                    ),
                    models.Q(
                        ("ends_at", None),
                        (
                            "latest_end",
                            django.db.models.expressions.CombinedExpression(
                                models.F("latest_start"), "+", models.F("length")
                            ),
                        ),
                        ("latest_end__isnull", False),
                        ("latest_start__isnull", False),
                        ("length__gt", datetime.timedelta(0)),
                        ("length__isnull", False),
                        ("starts_at", None),
                    ),
                    _connector="OR",
                ),
                name="request_has_a_window_or_a_length",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("submitted_at"))),
                name="request_expires_after_it_is_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_at", None), ("expires_at__lte", models.F("ends_at")), _connector="OR"),
                    models.Q(("latest_start", None), ("latest_start__lte", models.F("expires_at")), _connector="OR"),
                ),
                name="request_expires_while_it_can_be_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="request_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "approved", "denied", "withdrawn", "expired"])),
                name="request_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("break_glass_policy", None), ("contractor__isnull", False)),
                    models.Q(
                        ("break_glass_policy__isnull", False),
                        ("contractor", None),
                        (
                            "ends_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("starts_at"), "+", models.Value(datetime.timedelta(seconds=3600))
                            ),
                        ),
                        ("extends", None),
                        ("length", None),
                        ("principal", None),
                    ),
                    _connector="OR",
                ),
                name="request_of_a_contractor_or_by_break_glass",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("state", "pending")),
                    models.Q(models.Q(("state", "pending"), _negated=True), ("settled_at__isnull", False)),
                    _connector="OR",
                ),
                name="request_settled_has_time",
            ),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(models.F("role"), models.F("removed_at"), models.F("ends_at"), name="grant_role_live"),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                models.F("ends_at"), condition=models.Q(("removed_at", None)), name="grant_open_by_end"
            ),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(models.F("ends_at"), name="grant_by_end"),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="grant_ends_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at", None), ("revoked_by", None), ("revoked_code", ""), ("revoked_reason", "")),
                    models.Q(
                        ("revoked_at__isnull", False),
                        ("revoked_by__isnull", False),
                        models.Q(("revoked_code", ""), ("revoked_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="grant_revocation_facts_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("break_glass_policy", None), ("contractor__isnull", False)),
                    models.Q(
                        ("break_glass_policy__isnull", False),
                        ("contractor", None),
                        (
                            "ends_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("starts_at"), "+", models.Value(datetime.timedelta(seconds=3600))
                            ),
                        ),
                        ("portal_issued", True),
                    ),
                    _connector="OR",
                ),
                name="grant_to_a_contractor_or_by_break_glass",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("removed_at", None),
                    ("revoked_at__isnull", False),
                    ("removed_at__gte", models.F("ends_at")),
                    _connector="OR",
                ),
                name="grant_removed_only_when_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refused_at", None),
                    models.Q(("portal_issued", True), ("removed_at__isnull", False)),
                    _connector="OR",
                ),
                name="grant_refusal_seen_only_of_the_issuer_and_after_the_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("portal_issued", True), ("principal_arn", "")),
                    models.Q(("portal_issued", False), models.Q(("principal_arn", ""), _negated=True)),
                    _connector="OR",
                ),
                name="grant_own_principal_or_portal_issued",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("problem", ""), ("problem_code", "")),
                    models.Q(models.Q(("problem", ""), _negated=True), models.Q(("problem_code", ""), _negated=True)),
                    _connector="OR",
                ),
                name="grant_problem_has_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglasspolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("longest__gt", datetime.timedelta(0)), ("longest__lte", datetime.timedelta(seconds=3600))
                ),
                name="break_glass_policy_at_most_an_hour",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglasspolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="break_glass_policy_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglasspolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("made_at"))), name="break_glass_policy_expires"
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglasspolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", None),
                    models.Q(("confirmed_by", models.F("made_by")), _negated=True),
                    _connector="OR",
                ),
                name="break_glass_policy_confirmed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglasspolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                    _connector="OR",
                ),
                name="break_glass_policy_confirmed_facts_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglasspolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="break_glass_policy_withdrawn_facts_together",
            ),
        ),
        migrations.AddConstraint(
            model_name="autoapprovalpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("office_closes", None), ("office_days", ""), ("office_opens", None), ("office_zone", "")),
                    models.Q(
                        ("office_days__regex", "^[1-7]{1,7}$"),
                        ("office_closes__gt", models.F("office_opens")),
                        ("office_closes__isnull", False),
                        ("office_opens__isnull", False),
                        models.Q(("office_zone", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="auto_approval_policy_hours_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="autoapprovalpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        models.Q(("confirmed_by", models.F("made_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="auto_approval_policy_confirmed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="autoapprovalpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="auto_approval_policy_ended_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="autoapprovalpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("per_week__isnull", False), ("hours_per_week__isnull", False), _connector="OR"),
                    models.Q(("per_week", None), ("per_week__gte", 1), _connector="OR"),
                    models.Q(("hours_per_week", None), ("hours_per_week__gt", datetime.timedelta(0)), _connector="OR"),
                ),
                name="auto_approval_policy_has_a_budget",
            ),
        ),
        migrations.AddConstraint(
            model_name="autoapprovalpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("longest_window__gt", datetime.timedelta(0))),
                name="auto_approval_policy_window_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="autoapprovalpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("made_at"))), name="auto_approval_policy_expires"
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="ended_by_stop",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="access.stop",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_by_stop", None), ("revoked_at__isnull", False), _connector="OR"),
                name="grant_ended_by_a_stop_is_revoked",
            ),
        ),
    ]
