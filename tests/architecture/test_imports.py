"""Who may import whom: design rule "one way", as the README of docs/architecture.md tells it."""

import re
from collections.abc import Mapping

from tests.architecture.source import (
    ARROWS,
    BASE,
    FEATURES,
    FOUNDATION,
    LEAVES,
    LOOSE,
    TOP,
    WEB,
    Module,
    made_up,
    modules,
    target_of,
)

# Where the application is put together, or started from.
ENTRANCES = {"shop/__init__.py", "shop/jobs/celery.py", "shop/operations/config_error_app.py"}
REQUEST = {"flask", "flask_login", "flask_wtf"}
# Modules that are neither routes nor forms and need the request or the application all the same.
NEAR_THE_WEB = {
    "shop/core/config.py": "finds the settings that the factory has put into the application",
    "shop/admin/orders/labels.py": "writes amounts as the pages do",
    "shop/auth/sessions.py": "makes the rows of sessions that the visitor is known by",
    "shop/catalog/queries/counts.py": "takes the lists' version that the visitor's row has",
    "shop/catalog/services/sync.py": "sends the addresses of pictures to the payment service",
    "shop/checkout/return_page.py": "asks whether the order belongs to who has returned",
    "shop/coupons/messages.py": "writes amounts as the pages do",
    "shop/operations/checks.py": "tells the address at which the webhook is to be called",
    "shop/orders/payment/attempt.py": "tells the payment page where to return to",
    "shop/orders/timeline.py": "writes days in the words of the page",
    "shop/settings/queries.py": "takes the settings' version that the visitor's row has",
    "shop/account/guard.py": "the hook that routes put around themselves",
    "shop/auth/guard.py": "the decorators and hooks that routes put around themselves",
    "shop/admin/context.py": "marks the desk of the page that is being shown",
    "shop/cart/page.py": "reads and writes the cart's part of the session cookie",
    "shop/catalog/context.py": "binds the navigation and the page cache to the application",
    "shop/jobs/runner.py": "gives every job an application context of its own",
    "shop/jobs/worker.py": "holds the application for which it runs jobs",
    "shop/mail/render.py": "mails use the application's templates",
    "shop/media/uploads.py": "raises the body limit of the request that carries a picture",
    "shop/payments/setup.py": "mounts the sandbox into the application",
    "shop/payments/current.py": "finds the gateway that the factory has put into the application",
    "shop/pages/context.py": "binds the public pages to the application's templates",
    "shop/settings/maintenance.py": "turns visitors away while the shop is closed",
    "shop/settings/context.py": "binds the settings to the application's templates",
}
KNOW_THE_SANDBOXES = {"shop/payments/setup.py", "shop/payments/commands.py"}
KNOWN_FOLDERS = FEATURES | BASE | TOP | FOUNDATION.keys() | {""}


def rule_1_arrows(module: Module, target: Module) -> str | None:
    """Features follow the arrows; what lies below them knows none; nobody knows what is on top."""
    here, there = module.folder, target.folder
    if here == there or module.name in ENTRANCES:
        return None
    if there in TOP and here not in TOP:
        return f"nobody imports {there}"
    if there in FEATURES and module.layer not in LEAVES and here not in TOP:
        if here not in FEATURES:
            return f"{here} lies below the features"
        if there not in ARROWS[here]:
            return f"no arrow leads from {here} to {there}"
    return None


def rule_2_leaves(module: Module, target: Module) -> str | None:
    """Routes, commands and handlers are imported by the factory alone; forms only by routes."""
    if module.name in ENTRANCES or target.path == module.path:
        return None
    if target.layer in LEAVES:
        return f"{target.layer} are leaves"
    if target.layer == "forms" and module.layer not in WEB and module.folder != "web":
        return "forms belong to the pages"
    return None


def is_of_a_provider(module: Module) -> bool:
    """Return whether a module lies in the folder of a payment provider."""
    return module.name.startswith("shop/payments/") and module.name.count("/") > 2


def rule_3_foundation(module: Module, target: Module) -> str | None:
    """The folders below everything import each other as FOUNDATION says, and nothing else."""
    here, there = module.folder, target.folder
    if module.name in ENTRANCES or here not in FOUNDATION or there in {here, *FOUNDATION[here]}:
        return None
    if there == "models" and is_of_a_provider(module):  # it may keep its state in the shop's tables
        return None
    if target.name == "shop/command_errors.py" and module.layer == "commands":
        return None
    return f"{here} lies below {there or 'the modules of shop/'}"


def rule_4_sandboxes(module: Module, target: Module) -> str | None:
    """The sandboxes could be another company's; only the payment set-up knows them."""
    if target.folder != "sandboxes" or module.folder == "sandboxes":
        return None
    return None if module.name in KNOW_THE_SANDBOXES else "only the payment set-up knows them"


def rule_5_providers(module: Module, target: Module) -> str | None:
    """A provider's folder is known to the registry alone."""
    parts = target.name.split("/")
    if parts[:2] != ["shop", "payments"] or len(parts) == 3:
        return None
    folder = "/".join(parts[:3])
    if module.name == "shop/payments/registry.py" or module.name.startswith(f"{folder}/"):
        return None
    return "only the registry knows the providers' folders"


RULES = (rule_1_arrows, rule_2_leaves, rule_3_foundation, rule_4_sandboxes, rule_5_providers)


def is_of_the_web(name: str) -> bool:
    """Return whether an imported name belongs to the request and its answer."""
    return name.split(".", maxsplit=1)[0] in REQUEST or name.startswith("shop.web.")


def broken_rules(module: Module) -> list[str]:
    """Return what `module` imports against the rules."""
    found = []
    for name in sorted(set(module.imports)):
        target = target_of(name)
        reasons = [rule(module, target) for rule in RULES] if target else []
        found += [f"{name}: {reason}" for reason in reasons if reason]
        if (
            is_of_the_web(name)
            and module.folder not in {"", "web", "sandboxes"}
            and module.layer not in WEB
            and module.name not in ENTRANCES | NEAR_THE_WEB.keys()
        ):
            found.append(f"{name}: gets values and ids, not requests")
        if name.split(".")[0] == "stripe" and not module.name.startswith("shop/payments/stripe/"):
            found.append(f"{name}: only shop/payments/stripe/ talks to the library")
    return found


def test_imports_point_one_way() -> None:
    found = [f"{module.name}: {rule}" for module in modules() for rule in broken_rules(module)]
    assert found == []


# A module that breaks each of the rules, and what it is told.
WRONG = (
    ("shop/cart/queries.py", "shop.admin.context", "nobody imports admin"),
    ("shop/cart/queries.py", "shop.orders.queries", "no arrow leads from cart to orders"),
    ("shop/pricing/price.py", "shop.cart.queries", "pricing lies below the features"),
    ("shop/core/money.py", "shop.cart.queries", "core lies below cart"),
    ("shop/core/money.py", "shop.models.Order", "core lies below models"),
    ("shop/shared/audit_log.py", "shop.web.visitor", "shared lies below web"),
    ("shop/web/forms.py", "shop.settings.queries", "web lies below settings"),
    ("shop/payments/gateway.py", "shop.models.Order", "payments lies below models"),
    ("shop/payments/stripe/entry.py", "shop.shared.audit_log", "payments lies below shared"),
    ("shop/cart/queries.py", "shop.cart.routes", "routes are leaves"),
    ("shop/cart/queries.py", "shop.cart.forms", "forms belong to the pages"),
    ("shop/models/order.py", "shop.pricing.price", "models lies below pricing"),
    ("sandboxes/stripe/store.py", "shop.core.money", "sandboxes lies below core"),
    ("shop/cart/queries.py", "sandboxes.stripe.store", "only the payment set-up knows them"),
    (
        "shop/orders/payment/attempt.py",
        "shop.payments.stripe.params.session_params",
        "only the registry knows the providers' folders",
    ),
    ("shop/cart/queries.py", "flask.request", "gets values and ids, not requests"),
    ("shop/cart/queries.py", "stripe.Refund", "only shop/payments/stripe/ talks to the library"),
)


def test_each_rule_sees_who_breaks_it() -> None:
    for place, name, told in WRONG:
        package, _, thing = name.rpartition(".")
        module = made_up(place, f"def late():\n    from {package} import {thing}\n")
        assert f"{name}: {told}" in broken_rules(module)


def test_every_folder_has_its_place() -> None:
    assert {module.folder for module in modules()} <= KNOWN_FOLDERS
    assert {module.name for module in modules() if module.folder == ""} == LOOSE


def test_the_allow_list_names_what_is_there_and_why() -> None:
    names = {module.name for module in modules()}
    assert set(NEAR_THE_WEB) | ENTRANCES <= names
    assert all(len(reason) > 15 for reason in NEAR_THE_WEB.values())
    for name in NEAR_THE_WEB:
        used = next(module for module in modules() if module.name == name)
        assert any(is_of_the_web(found) for found in used.imports), f"{name} needs none"


def test_folders_import_each_other_in_no_circle() -> None:
    edges: dict[str, set[str]] = {}
    for module in modules():
        if module.layer in LEAVES or module.folder == "" or module.name in ENTRANCES:
            continue
        for name in module.imports:
            target = target_of(name)
            if target and target.folder not in {"", module.folder}:
                edges.setdefault(module.folder, set()).add(target.folder)
    assert a_circle(edges) == ()


def a_circle(edges: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return a way along `edges` that comes back to where it has been; () where there is none."""
    done: set[str] = set()

    def walk(place: str, way: tuple[str, ...]) -> tuple[str, ...]:
        if place in way:
            return (*way, place)
        if place not in done:
            done.add(place)
            for further in sorted(edges.get(place, ())):
                if found := walk(further, (*way, place)):
                    return found
        return ()

    return next(filter(None, (walk(place, ()) for place in sorted(edges))), ())


def test_a_circle_is_seen() -> None:
    assert a_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == ()
    assert a_circle({"a": {"b"}, "b": {"c", "d"}, "d": {"b"}}) == ("a", "b", "d", "b")


def test_the_modules_of_orders_import_each_other_in_no_circle() -> None:
    """So that whoever follows an order from one to the next never comes back to the first."""
    edges = {
        module.name: {target.name for name in module.imports if (target := target_of(name))}
        for module in modules()
        if module.folder == "orders"
    }
    assert a_circle(edges) == ()


BY_NAME = re.compile(r"\bProvider\.(STRIPE|SANDBOX)\b")


def test_providers_are_told_apart_by_what_they_can_do() -> None:
    """Nobody asks which provider a row has; `free` alone has none."""
    named = [module.name for module in modules() if BY_NAME.search(module.text)]
    assert named == []
    assert BY_NAME.search("if payment.provider is not Provider.STRIPE:")
