"""Refusals of the values that people type for the recipe of a permissions policy."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "recipe_account_invalid": Sentence(
        N_("The account of the role is missing or invalid. Choose an account from the list."), Reader.ADMINISTRATOR
    ),
    "recipe_bucket_invalid": Sentence(
        N_(
            "This is not a valid bucket name. Enter only the name of one bucket: 3 to 63 characters from a to z, 0 to "
            "9, hyphens and dots. Wildcards and ARNs are not allowed."
        ),
        Reader.ADMINISTRATOR,
    ),
    "recipe_folder_invalid": Sentence(
        N_(
            "This is not a valid folder. Enter a path such as incoming/reports/, with at most 900 characters from A to "
            "Z, a to z, 0 to 9 and _.-/. Do not begin with a slash, and do not use wildcards."
        ),
        Reader.ADMINISTRATOR,
    ),
    "recipe_incomplete": Sentence(
        N_("The values of the recipe are incomplete. Fix the errors that the page shows beside the values."),
        Reader.ADMINISTRATOR,
    ),
    "recipe_log_group_invalid": Sentence(
        N_(
            "This is not a valid log group name. Enter the name of one log group, such as /aws/lambda/orders: at most "
            "512 characters from A to Z, a to z, 0 to 9 and _-/.#. Wildcards and ARNs are not allowed."
        ),
        Reader.ADMINISTRATOR,
    ),
    "recipe_not_chosen": Sentence(
        N_("You entered values for a recipe, but no recipe is selected. Select a recipe."), Reader.ADMINISTRATOR
    ),
    "recipe_region_elsewhere": Sentence(
        N_("The region {region} does not belong to the partition {partition}. Enter a region of this partition."),
        Reader.ADMINISTRATOR,
    ),
    "recipe_region_invalid": Sentence(
        N_("This is not a valid AWS region. Enter the code of one region, such as eu-central-1."), Reader.ADMINISTRATOR
    ),
    "recipe_tag_key_invalid": Sentence(
        N_(
            "This is not a valid tag key. Enter 1 to 128 characters from A to Z, a to z, 0 to 9, spaces and "
            "_.:/=+-@. Do not begin with aws: or with a space, and do not use wildcards."
        ),
        Reader.ADMINISTRATOR,
    ),
    "recipe_tag_value_invalid": Sentence(
        N_(
            "This is not a valid tag value. Enter 1 to 256 characters from A to Z, a to z, 0 to 9, spaces and "
            "_.:/=+-@. Do not begin or end with a space, and do not use wildcards."
        ),
        Reader.ADMINISTRATOR,
    ),
    "recipe_value_missing": Sentence(
        N_("The recipe needs this value. Enter the value that the field describes."), Reader.ADMINISTRATOR
    ),
}
