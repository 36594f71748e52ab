"""What owners type about colleagues and roles."""

from collections.abc import Sequence

from wtforms import EmailField, SelectField, StringField

from shop.admin.forms import DeskForm
from shop.admin.staff.queries import ColleagueReading, RoleRow
from shop.admin.staff.roles import LONGEST_ROLE
from shop.auth.permissions import DESKS, OWNERS_ONLY
from shop.core.errors import BadInput
from shop.core.row_ids import parse_id
from shop.models import Role
from shop.web.forms import ShopForm, options

# What may be given, desk by desk, with words: the grid of a role.
GRID = {
    desk: rows
    for desk, names in DESKS.items()
    if (rows := {name: words for name, words in names.items() if name not in OWNERS_ONLY})
}


class RoleForm(DeskForm):
    """A role: its name, and ticks in a grid."""

    name = StringField("Name", render_kw={"maxlength": LONGEST_ROLE})

    def __init__(self, *args: object, ticked: list[str] | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.ticked = ticked or []

    @classmethod
    def of(cls, role: Role) -> "RoleForm":
        """Return the form as the role is, whatever the request posts."""
        data = {"name": role.name, "version": str(role.version)}
        return cls(formdata=None, data=data, ticked=list(role.permissions))


class ColleagueForm(ShopForm):
    """The role of a colleague; `none`: a customer again."""

    role = SelectField("Role", validate_choice=False)

    @classmethod
    def of(cls, reading: ColleagueReading) -> "ColleagueForm":
        """Return the form with the role that the colleague has."""
        return cls(formdata=None, data={"role": str(reading.role.id)})

    def choose_from(self, roles: Sequence[RoleRow]) -> "ColleagueForm":
        """Return the form with all roles to choose from, and none."""
        named = [(str(row.role.id), row.role.name) for row in roles]
        self.role.choices = options([*named, ("none", "None: a customer again")])
        return self

    def role_id(self) -> int | None:
        """Return the chosen role, None for none. Raises BadInput."""
        if self.role.data == "none":
            return None
        chosen = parse_id(self.role.data)
        if not chosen:
            raise BadInput(role="Choose a role.")
        return chosen


class InviteForm(ColleagueForm):
    """Whom to invite, and as what."""

    email = EmailField("Email address", render_kw={"maxlength": 254})
    role = SelectField("Role", validate_choice=False)

    def choose_from(self, roles: Sequence[RoleRow]) -> "InviteForm":
        """Return the form with all roles to choose from, owners last and by choice alone."""
        kept = sorted((row.role for row in roles), key=lambda role: role.is_owner)
        self.role.choices = options([("", "Choose a role"), *((str(r.id), r.name) for r in kept)])
        return self

    def role_id(self) -> int:
        """Return the chosen role. Raises BadInput."""
        chosen = parse_id(self.role.data)
        if not chosen:
            raise BadInput(role="Choose a role.")
        return chosen


class DeletionForm(ShopForm):
    """Which role those get who have the one that goes."""

    instead = SelectField("Role for those who have it now", validate_choice=False)

    def choose_from(self, roles: Sequence[RoleRow], gone_id: int) -> "DeletionForm":
        """Return the form with the other roles to choose from."""
        others = [row.role for row in roles if row.role.id != gone_id and not row.role.is_owner]
        named = [(str(role.id), role.name) for role in others]
        self.instead.choices = options([("", "Choose a role"), *named])
        return self
