"""Messages of django-allauth that pages and emails show, so that our catalogues translate them.

Its German says "du" to people, and ours says "Sie".
"""

from access.texts.template import N_

MESSAGES = (
    N_("Be patient, you are sending too many requests."),
    N_("Please type your current password."),
    N_("The email address and/or password you specified are not correct."),
    N_("Too many failed login attempts. Try again later."),
    N_("You have signed out."),
    N_("You must type the same password each time."),
    N_("Your account has no password set up."),
    N_("Your password has been changed."),
)
