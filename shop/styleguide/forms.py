"""A form with one field of each kind."""

from typing import ClassVar

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length


class SampleForm(FlaskForm):
    """Nothing is ever sent with it."""

    class Meta:
        """The samples are not posted, so there is no token to check."""

        csrf: ClassVar[bool] = False

    email = EmailField(
        "E-mail", [InputRequired("Enter your e-mail address")], description="For the confirmation."
    )
    name = StringField("Name", [InputRequired("Enter your name"), Length(max=120)])
    postcode = StringField("Postcode", [InputRequired("Enter a postcode, like 69001")])
    city = StringField("Town or city", [InputRequired("Enter a town or city")])
    country = SelectField(
        "Country", choices=[SelectChoice("FR", "France"), SelectChoice("IE", "Ireland")]
    )
    message = TextAreaField("Note for the parcel")
    size = RadioField(
        "Size: 50 ml", choices=[SelectChoice(size, f"{size} ml") for size in ("50", "100", "10")]
    )
    delivery = RadioField(
        "Delivery",
        [InputRequired("Choose how we send it")],
        choices=[
            SelectChoice("std", "Tracked parcel, Thu 26 – Fri 27 Nov"),
            SelectChoice("fast", "Courier, Tue 24 Nov"),
        ],
    )
    terms = BooleanField("I agree to the terms", [InputRequired("Tick this to go on")])
