"""Macros as pages see them: forms with errors, pages of a list, prices in words."""

from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from flask_wtf import FlaskForm
from wtforms import BooleanField, FormField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired

from shop.styleguide.samples import piece


class AddressForm(FlaskForm):
    class Meta:
        csrf = False

    city = StringField("Town", [InputRequired("Enter a town")])


class OrderForm(FlaskForm):
    class Meta:
        csrf = False

    email = StringField("E-mail", [InputRequired("Enter your e-mail")], description="For the mail.")
    name = StringField("Name")
    way = RadioField(
        "Delivery",
        [InputRequired("Choose one")],
        choices=[SelectChoice("a", "Post"), SelectChoice("b", "Courier")],
    )
    terms = BooleanField("I agree", [InputRequired("Tick this")])
    address = FormField(AddressForm)


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def _render(source: str, **values: object) -> str:
    return render_template_string(source, **values)


def _form(**data: object) -> OrderForm:
    form = OrderForm(data=data)
    form.validate()
    return form


def test_field_ties_hint_and_error_to_the_control() -> None:
    html = _render(
        '{% from "components/forms.html" import field %}{{ field(f, autocomplete="email") }}',
        f=_form().email,
    )
    assert 'aria-describedby="email-hint email-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'autocomplete="email"' in html
    assert html.index('for="email"') < html.index("email-hint") < html.index("Enter your e-mail")


def test_field_without_hint_or_error_is_plain() -> None:
    html = _render(
        '{% from "components/forms.html" import field %}{{ field(f, optional=True) }}',
        f=_form().name,
    )
    assert "aria-" not in html
    assert "(optional)" in html


def test_summary_links_each_problem_also_of_an_inner_form() -> None:
    html = _render(
        '{% from "components/forms.html" import error_summary %}{{ error_summary(f) }}', f=_form()
    )
    assert 'role="alert"' in html
    for anchor, sentence in (
        ("email", "Enter your e-mail"),
        ("way", "Choose one"),
        ("terms", "Tick this"),
        ("address-city", "Enter a town"),
    ):
        assert f'<a href="#{anchor}">{sentence}</a>' in html


def test_forms_of_one_page_share_a_summary() -> None:
    html = _render(
        '{% from "components/forms.html" import error_summary %}'
        "{{ error_summary(good, also=[f]) }}",
        good=OrderForm(),
        f=_form(),
    )
    assert html.count('role="alert"') == 1
    assert '<a href="#email">Enter your e-mail</a>' in html


def test_summary_of_a_form_without_problems_is_nothing() -> None:
    html = _render(
        '{% from "components/forms.html" import error_summary %}{{ error_summary(f) }}',
        f=OrderForm(),
    )
    assert not html.strip()


def test_radios_are_a_group_with_a_name() -> None:
    html = _render(
        '{% from "components/forms.html" import radios %}'
        '{{ radios(f, ends=ends, disabled=("b",)) }}',
        f=_form().way,
        ends={"a": "€6"},
    )
    assert "<legend>Delivery</legend>" in html
    assert html.count('type="radio"') == 2
    assert html.count("disabled") == 1
    assert 'id="way"' in html


def test_submit_carries_the_token() -> None:
    html = _render('{% from "components/forms.html" import submit %}{{ submit("Go on") }}')
    assert 'name="csrf_token" value="' in html


@pytest.mark.parametrize(
    ("page", "pages", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (5, 13, [1, 4, 5, 6, 13]),
        (13, 13, [1, 12, 13]),
        (2, 2, [1, 2]),
    ],
)
def test_page_links(page: int, pages: int, shown: list[int]) -> None:
    html = _render(
        '{% from "components/pagination.html" import page_links %}'
        "{{ page_links(page, pages, url) }}",
        page=page, pages=pages, url=lambda number: f"?page={number}",
    )  # fmt: skip
    for number in range(1, pages + 1):
        assert (f"</span>{number}</" in html) is (number in shown)
    assert html.count('aria-current="page"') == 1


@pytest.mark.parametrize(
    ("page", "total", "words"),
    [
        (1, 312, ["Showing 24 of 312 pieces", "Show 24 more", 'rel="next"']),
        (1, 25, ["Showing 24 of 25 pieces", "Show one more"]),
        (2, 25, ["All 25 pieces shown"]),
        (1, 1, ["The only piece"]),
    ],
)
def test_progress_of_a_list(page: int, total: int, words: list[str]) -> None:
    html = _render(
        '{% from "components/pagination.html" import pagination %}'
        "{{ pagination(page, pages, total, url) }}",
        page=page, pages=-(-total // 24), total=total, url=lambda number: f"?page={number}",
    )  # fmt: skip
    for word in words:
        assert word in html
    assert ('rel="next"' in html) is (page * 24 < total)


def test_reduced_price_says_so_in_words() -> None:
    source = '{% from "components/price.html" import price %}{{ price(amount, "EUR", was) }}'
    html = _render(source, amount=9900, was=12000)
    assert '<span class="sr">Now </span>' in html
    assert '<span class="sr">was </span>€120</s>' in html
    assert "was" not in _render(source, amount=9900, was=9900)


@pytest.mark.parametrize(
    ("changes", "there", "missing"),
    [
        ({}, ['form="quick-add"', 'value="1"'], ["Sold out", "left"]),
        ({"is_available": False}, ["Sold out", 'class="card off"'], ["quick-add"]),
        ({"few_left": 2}, ["Only 2 left", "quick-add"], ["Sold out"]),
        ({"single_variant_id": None, "has_price_range": True}, ["From"], ["quick-add"]),
        ({"cover": "ab12"}, ["/media/ab12-400.webp 400w", 'loading="lazy"'], ["no-pic"]),
    ],
)
def test_card(changes: dict[str, object], there: list[str], missing: list[str]) -> None:
    html = _render(
        '{% from "components/card.html" import product_card %}{{ product_card(product, "EUR") }}',
        product=piece("Pen <b>", "Maison Flux", 12000, **changes),
    )
    assert "Pen &lt;b&gt;" in html
    assert all(word in html for word in there)
    assert not [word for word in missing if word in html]


@pytest.mark.parametrize(
    ("shipping", "is_known", "word"),
    [(0, False, "Not known yet"), (0, True, "Complimentary"), (600, True, "€6.00")],
)
def test_totals_say_what_delivery_costs(shipping: int, is_known: bool, word: str) -> None:
    html = _render(
        '{% from "components/summary.html" import totals %}'
        '{{ totals(amounts, "EUR", shipping_known=is_known) }}',
        is_known=is_known,
        amounts={
            "amount_subtotal": 1000, "amount_discount": 0, "amount_shipping": shipping,
            "amount_tax": 0, "amount_total": 1000,
        },
    )  # fmt: skip
    assert word in html
    assert "Discount" not in html


def test_every_status_of_an_order_has_a_word() -> None:
    from shop.models import Attention, FulfilmentStatus, PaymentStatus

    for macro, statuses in (
        ("payment_pill", PaymentStatus),
        ("fulfilment_pill", FulfilmentStatus),
        ("attention_pill", Attention),
    ):
        for status in statuses:
            html = _render(
                f'{{% from "components/pill.html" import {macro} %}}{{{{ {macro}(status) }}}}',
                status=status,
            )
            assert ('class="pill' in html) is bool(status)
