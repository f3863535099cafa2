

import access.models.hours
import datetime
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0017_refusals_counted'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='AutoApproval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('office_days', models.CharField(blank=True, help_text='1 for Monday to 7 for Sunday, as 12345.', max_length=7)),
                ('office_opens', models.TimeField(blank=True, null=True)),
                ('office_closes', models.TimeField(blank=True, null=True)),
                ('office_zone', models.CharField(blank=True, max_length=64, validators=[access.models.hours.zone_validator])),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('longest_window', models.DurationField()),
                ('per_week', models.PositiveSmallIntegerField(blank=True, help_text='Requests in seven days.', null=True)),
                ('hours_per_week', models.DurationField(blank=True, help_text='Their windows in seven days, added up.', null=True)),
                ('expires_at', models.DateTimeField()),
                ('made_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Deputy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('named_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('asked', 'a request waits'), ('auto_approved', 'approved by a rule')], max_length=20)),
                ('stage', models.PositiveSmallIntegerField(default=1)),
                ('number', models.PositiveSmallIntegerField(default=0, help_text='0 is the first, the others remind.')),
                ('made_at', models.DateTimeField()),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Stage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(help_text="2 comes after the role's own approvers.")),
                ('name', models.CharField(blank=True, max_length=60)),
                ('quorum', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)])),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.AddField(
            model_name='decision',
            name='deputy_of',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='decision',
            name='stage',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='request',
            name='lapses_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='request',
            name='tell_next_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='request',
            name='told',
            field=models.PositiveSmallIntegerField(default=0, help_text='How often the approvers of the stage were told.'),
        ),
        migrations.AddField(
            model_name='role',
            name='factor_minutes',
            field=models.PositiveSmallIntegerField(blank=True, help_text="How old a decider's second factor may be, where that is less than usual.", null=True),
        ),
        migrations.AddField(
            model_name='role',
            name='first_reminder',
            field=models.DurationField(blank=True, default=datetime.timedelta(seconds=3600), help_text='The pause before the first; later ones grow.', null=True),
        ),
        migrations.AddField(
            model_name='role',
            name='lapses_after',
            field=models.DurationField(blank=True, help_text='An undecided request lapses after so long.', null=True),
        ),
        migrations.AddField(
            model_name='role',
            name='latest_start',
            field=models.DurationField(default=datetime.timedelta(days=90), help_text='How far ahead a start may lie.'),
        ),
        migrations.AddField(
            model_name='role',
            name='office_closes',
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='role',
            name='office_days',
            field=models.CharField(blank=True, help_text='1 for Monday to 7 for Sunday, as 12345.', max_length=7),
        ),
        migrations.AddField(
            model_name='role',
            name='office_opens',
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='role',
            name='office_zone',
            field=models.CharField(blank=True, max_length=64, validators=[access.models.hours.zone_validator]),
        ),
        migrations.AlterField(
            model_name='decision',
            name='approver',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='request',
            index=models.Index(models.F('tell_next_at'), condition=models.Q(('state', 'pending')), name='request_tell_next'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('lapses_at', None), ('lapses_at__gt', models.F('submitted_at')), _connector='OR'), name='request_lapses_after_it_is_asked'),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(('latest_start__gt', datetime.timedelta(0)), ('latest_start__lte', datetime.timedelta(days=90))), name='role_latest_start_positive'),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(('factor_minutes', None), ('factor_minutes__gte', 1), _connector='OR'), name='role_factor_minutes_positive'),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lapses_after', None), ('lapses_after__gt', datetime.timedelta(0)), _connector='OR'), models.Q(('first_reminder', None), ('first_reminder__gt', datetime.timedelta(0)), _connector='OR')), name='role_pauses_positive'),
        ),
        migrations.AddConstraint(
            model_name='role',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('office_closes', None), ('office_days', ''), ('office_opens', None), ('office_zone', '')), models.Q(('office_days__regex', '^[1-7]{1,7}$'), ('office_closes__gt', models.F('office_opens')), ('office_closes__isnull', False), ('office_opens__isnull', False), models.Q(('office_zone', ''), _negated=True)), _connector='OR'), name='role_office_hours_whole'),
        ),
        migrations.AddField(
            model_name='autoapproval',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='auto_approvals', to='access.company'),
        ),
        migrations.AddField(
            model_name='autoapproval',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='autoapproval',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='autoapproval',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='autoapproval',
            name='role',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='auto_approvals', to='access.role'),
        ),
        migrations.AddField(
            model_name='decision',
            name='rule',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='access.autoapproval'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(models.F('rule'), models.F('decided_at'), name='decision_rule_decided'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(models.F('request'), django.db.models.functions.comparison.Coalesce('deputy_of', 'approver'), models.F('content_hash'), name='one_decision_per_voice_and_terms'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(models.F('request'), condition=models.Q(('approver', None)), name='one_decision_by_a_rule'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approver__isnull', False), ('rule', None)), models.Q(('approver', None), ('deputy_of', None), ('rule__isnull', False), ('verdict', 'approve')), _connector='OR'), name='decision_by_a_person_or_a_rule'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('deputy_of', models.F('approver')), _negated=True), models.Q(('deputy_of', models.F('requester')), _negated=True)), name='nobody_is_his_own_deputy_nor_the_requesters'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('stage__gte', 1)), name='decision_stage_positive'),
        ),
        migrations.AddField(
            model_name='deputy',
            name='approver',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deputies', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='deputy',
            name='deputy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stands_in_for', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='letter',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='letter',
            name='request',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='access.request'),
        ),
        migrations.AddField(
            model_name='stage',
            name='approver_groups',
            field=models.ManyToManyField(blank=True, related_name='+', to='auth.group'),
        ),
        migrations.AddField(
            model_name='stage',
            name='approvers',
            field=models.ManyToManyField(blank=True, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stage',
            name='role',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='further_stages', to='access.role'),
        ),
        migrations.AddConstraint(
            model_name='autoapproval',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('office_closes', None), ('office_days', ''), ('office_opens', None), ('office_zone', '')), models.Q(('office_days__regex', '^[1-7]{1,7}$'), ('office_closes__gt', models.F('office_opens')), ('office_closes__isnull', False), ('office_opens__isnull', False), models.Q(('office_zone', ''), _negated=True)), _connector='OR'), name='auto_approval_hours_whole'),
        ),
        migrations.AddConstraint(
            model_name='autoapproval',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('confirmed_by', models.F('made_by')), _negated=True)), _connector='OR'), name='auto_approval_confirmed_by_another'),
        ),
        migrations.AddConstraint(
            model_name='autoapproval',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='auto_approval_ended_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='autoapproval',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('per_week__isnull', False), ('hours_per_week__isnull', False), _connector='OR'), models.Q(('per_week', None), ('per_week__gte', 1), _connector='OR'), models.Q(('hours_per_week', None), ('hours_per_week__gt', datetime.timedelta(0)), _connector='OR')), name='auto_approval_has_a_budget'),
        ),
        migrations.AddConstraint(
            model_name='autoapproval',
            constraint=models.CheckConstraint(condition=models.Q(('longest_window__gt', datetime.timedelta(0))), name='auto_approval_window_positive'),
        ),
        migrations.AddConstraint(
            model_name='autoapproval',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='auto_approval_expires'),
        ),
        migrations.AddConstraint(
            model_name='deputy',
            constraint=models.CheckConstraint(condition=models.Q(('approver', models.F('deputy')), _negated=True), name='deputy_is_somebody_else'),
        ),
        migrations.AddConstraint(
            model_name='deputy',
            constraint=models.CheckConstraint(condition=models.Q(('until_at__gt', models.F('from_at'))), name='deputy_until_after_from'),
        ),
        migrations.AddConstraint(
            model_name='deputy',
            constraint=models.UniqueConstraint(models.F('approver'), condition=models.Q(('ended_at', None)), name='deputy_one_at_a_time_for_an_approver'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(models.F('tried_at'), condition=models.Q(('sent_at', None)), name='letter_unsent'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.UniqueConstraint(models.F('request'), models.F('person'), models.F('kind'), models.F('stage'), models.F('number'), name='letter_is_written_once'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('sent_at', None), ('tried_at__isnull', False), _connector='OR'), name='letter_sent_was_tried'),
        ),
        migrations.AddConstraint(
            model_name='stage',
            constraint=models.UniqueConstraint(models.F('role'), models.F('position'), name='stage_position_unique_in_role'),
        ),
        migrations.AddConstraint(
            model_name='stage',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 2)), name='stage_comes_after_the_first'),
        ),
        migrations.AddConstraint(
            model_name='stage',
            constraint=models.CheckConstraint(condition=models.Q(('quorum__gte', 1)), name='stage_quorum_positive'),
        ),
    ]
