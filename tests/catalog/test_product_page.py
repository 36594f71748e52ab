"""The page of one piece: which variant is in sight, what is said about it, where addresses lead."""

import json
import re

import pytest
from flask import Flask

from shop.catalog.input_types import (
    NewVariant,
    OptionFields,
    OptionValue,
    PictureFields,
    ProductFields,
    VariantFields,
)
from shop.catalog.services import (
    archive_product,
    create_product,
    deactivate_product,
    update_product,
    update_variant,
)
from shop.models import StockPolicy
from tests.client import ShopClient
from tests.factories import make_brand, make_category, make_method, make_product, product_again


def text(page: str) -> str:
    """Return what one reads of a page."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_a_simple_piece_can_be_bought_at_once(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        brand, section = make_brand("Sorel"), make_category("Home", slug="home")
        product = make_product(
            "Cabas <Noir>",
            slug="cabas",
            brand=brand,
            category=section,
            price=119_000,
            summary="Full-grain & soft.",
            description="First.\n\nSecond.",
            details=[("Care", "Keep dry.")],
            pictures=3,
        )
    page = client.get("/products/cabas").text
    assert "Cabas &lt;Noir&gt;" in page
    assert f'name="variant_id" value="{product.variants[0].id}"' in page
    assert "€1,190.00" in page
    assert "In stock, ready to send" in page
    assert page.count('aria-label="Picture ') == 3
    assert "<p>First.</p><p>Second.</p>" in page
    assert "<summary>Care</summary>" in page
    assert '<a href="/categories/home">Home</a>' in page


def test_structured_data_is_safe_and_complete(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_product(
            "</script><script>alert(1)</script>",
            slug="x",
            brand=make_brand("Sorel"),
            variants=[{"unit_amount": 14800}, {"stock": 0}],
        )
    page = client.get("/products/x").text
    assert "<script>alert" not in page
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert data["name"] == "</script><script>alert(1)</script>"
    assert data["url"] == "http://localhost/products/x"
    assert [offer["price"] for offer in data["offers"]] == ["148.00", "148.00"]
    assert data["offers"][1]["availability"] == "https://schema.org/SoldOut"
    assert data["brand"]["name"] == "Sorel"


def test_variants_are_radio_buttons_that_need_no_script(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        product = make_product(
            slug="neroli",
            variants=[
                {"option_values": ["10 ml"], "unit_amount": 2800, "stock": 0},
                {"option_values": ["50 ml"], "unit_amount": 14800, "unit_measure": "50 ml"},
                {"option_values": ["100 ml"], "unit_amount": 23200, "stock": 2},
            ],
        )
    first, second, third = (variant.id for variant in product.variants)
    page = client.get("/products/neroli").text
    assert f'id="variant-{second}" value="{second}" checked>' in page
    assert f'id="variant-{first}" value="{first}" disabled>' in page
    assert "€296.00 / 100 ml" in page
    assert "100 ml — €232" in text(page)
    page = client.get(f"/products/neroli?variant={third}").text
    assert f'value="{third}" checked>' in page
    assert "Only 2 left" in text(page)
    assert 'max="2"' in page


@pytest.mark.parametrize("variant", ["999999", "abc", "-1", "1" * 40, "٣", ""])
def test_a_variant_that_is_none_shows_what_there_is(
    app: Flask, client: ShopClient, variant: str
) -> None:
    with app.app_context():
        make_product(slug="neroli", variants=[{}, {}])
    response = client.get(f"/products/neroli?variant={variant}")
    assert response.status_code == 200
    assert ("no longer on sale" in response.text) is bool(variant)


@pytest.fixture
def scarf(app: Flask) -> list[int]:
    """A scarf in two sizes and colours, of which one combination is missing, one sold out."""
    with app.app_context():
        product = make_product(
            "Scarf",
            slug="scarf",
            variants=[
                {"option_values": ["S", "Rouge"]},
                {"option_values": ["M", "Rouge"], "stock": 0},
                {"option_values": ["M", "Bleu"], "unit_amount": 9900},
            ],
        )
        return [product.id, *(variant.id for variant in product.variants)]


def test_a_combination_shows_its_variant(client: ShopClient, scarf: list[int]) -> None:
    page = client.get("/products/scarf?option_1=M&option_2=Bleu").text
    assert "€99.00" in page
    assert page.count(" checked>") == 2
    sold_out = client.get("/products/scarf?option_1=M&option_2=Rouge").text
    assert '<button class="btn block" disabled>Sold out</button>' in sold_out
    assert f'<a href="/products/scarf?variant={scarf[3]}">' in sold_out


def test_what_there_is_none_of_beside_the_chosen_values_is_said_before_it_is_chosen(
    client: ShopClient, scarf: list[int]
) -> None:
    for _ in ("made", "kept"):
        first = text(client.get("/products/scarf").text)  # S, Rouge
        assert "M sold out in Rouge" in first
        assert "Bleu not made in S" in first
        assert "S sold out in" not in first
    other = text(client.get(f"/products/scarf?variant={scarf[3]}").text)  # M, Bleu
    assert "Rouge sold out in M" in other
    assert "S not made in Bleu" in other
    assert "M sold out" not in other


def test_with_three_options_the_other_two_are_named(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_product(
            slug="robe",
            variants=[
                {"option_values": ["S", "Rouge", "Lin"]},
                {"option_values": ["S", "Rouge", "Soie"], "stock": 0},
                {"option_values": ["M", "Bleu", "Lin"]},
                {"option_values": ["M", "Bleu", "Soie"]},
            ],
        )
    page = text(client.get("/products/robe").text)
    assert "Soie sold out in S, Rouge" in page
    assert "M not made in Rouge, Lin" in page
    assert "Bleu not made in S, Lin" in page


@pytest.mark.parametrize("choice", ["S,Bleu", "XXL,Rouge", "<b>,Rouge"])
def test_a_combination_that_does_not_exist_is_answered_with_words(
    client: ShopClient, scarf: list[int], choice: str
) -> None:
    size, colour = choice.split(",")
    page = client.get("/products/scarf", query_string={"option_1": size, "option_2": colour}).text
    assert "There is no " in text(page)
    assert "Please choose another combination" in text(page)
    assert "<b>," not in page


def test_the_bag_finds_the_combination_or_says_there_is_none(
    client: ShopClient, scarf: list[int]
) -> None:
    form = {"product_id": str(scarf[0]), "variant_id": str(scarf[1]), "quantity": "1"}
    added = client.submit(
        "/cart/items", {**form, "option_1": "M", "option_2": "Bleu"}, page="/products/scarf"
    )
    assert added.status_code == 303
    assert "M, Bleu" in client.get("/cart").text
    refused = client.submit(
        "/cart/items", {**form, "option_1": "S", "option_2": "Bleu"}, page="/products/scarf"
    )
    assert refused.status_code == 422
    assert "There is no S, Bleu" in refused.text


def test_pictures_and_address_follow_the_choice(app: Flask, client: ShopClient) -> None:
    """The pictures of three colours stand with the first size alone; size is not what one sees."""
    sizes, colours = ("S", "M"), ("Sand", "Ink", "Moss")
    combinations = [[size, colour] for size in sizes for colour in colours]
    options = [
        OptionFields("Size", [OptionValue(size) for size in sizes]),
        OptionFields("Colour", [OptionValue(colour, "#112233") for colour in colours]),
    ]
    shown = [
        PictureFields("0" * 64, 1600, 2000, "all"),
        *(PictureFields(f"{n}" * 64, 800, 1000, c, ("S", c)) for n, c in enumerate(colours, 1)),
        PictureFields("4" * 64, 800, 1000, "label"),
    ]
    with app.app_context():
        fields = [
            NewVariant(VariantFields(sku=f"P-{n}", unit_amount=100, option_values=values), 3)
            for n, values in enumerate(combinations)
        ]
        made = create_product(
            ProductFields(name="Plaid", slug="plaid"),
            fields,
            options=options,
            pictures=shown,
            user_id=None,
            is_active=True,
        )
        ids = {tuple(v.option_values): v.id for v in product_again(made).variants}

    def gallery(page: str) -> str:
        strip = page[page.index('class="view"') : page.index('class="thumbs"')]
        assert f'imagesrcset="/media/{strip.split("/media/")[1][:64]}' in page
        return "".join(re.findall(r'src="/media/(\d)', strip))

    assert gallery(client.get("/products/plaid").text) == "10234"  # S, Sand
    for colour, order in (("Ink", "20134"), ("Moss", "30124")):
        for size in sizes:
            address = f"/products/plaid?variant={ids[size, colour]}"
            page = client.get(address).text
            assert gallery(page) == order
            assert f'data-address="{address}"' in page
            assert f'name="next" value="{address}"' in page
            asked = {"option_1": size, "option_2": colour}
            part = client.get("/products/plaid", query_string=asked, headers={"HX-Request": "true"})
            assert (gallery(part.text), f'data-address="{address}"' in part.text) == (order, True)
    # Without a script each value is a link to the page that shows it.
    first = client.get("/products/plaid").text
    for values in (("S", "Ink"), ("S", "Moss"), ("M", "Sand")):
        assert f'<a href="/products/plaid?variant={ids[values]}">' in first
    assert first.index("Add to bag") < first.index("All combinations")
    assert "/media/1111111111111111" in first
    assert "-1600.webp 1600w" in first
    client.submit("/cart/items", {"variant_id": str(ids["M", "Moss"])}, page="/products/plaid")
    assert f"/media/{'3' * 64}-120.webp" in client.get("/cart").text


def test_pages_of_choices_push_no_others_out_of_memory(
    app: Flask, client: ShopClient, scarf: list[int]
) -> None:
    client.get("/products/scarf")
    kept = set(app.extensions["pagecache"].store.entries)
    for variant in (*scarf, "1%0a", "x" * 300):
        client.get(f"/products/scarf?variant={variant}")
        client.get(f"/products/scarf?option_1={variant}&option_2=Bleu")
    assert set(app.extensions["pagecache"].store.entries) == kept


def test_a_change_of_variant_is_announced(client: ShopClient, scarf: list[int]) -> None:
    part = client.get(
        "/products/scarf?option_1=M&option_2=Rouge", headers={"HX-Request": "true"}
    ).text
    assert re.search(r'id="said" role="status">M, Rouge, €148.00, sold out</p>', part)
    assert re.search(r'id="said" role="status"></p>', client.get("/products/scarf").text)


def test_the_choice_among_one_option_is_answered_by_its_own_page(
    app: Flask, client: ShopClient
) -> None:
    with app.app_context():
        product = make_product(
            slug="carre",
            variants=[
                {"option_values": ["70 cm"], "unit_amount": 19500},
                {"option_values": ["90 cm"], "unit_amount": 28500},
            ],
        )
    client.get("/products/carre")  # the first view is kept from here on
    large = product.variants[1].id
    part = client.get(f"/products/carre?variant_id={large}", headers={"HX-Request": "true"}).text
    assert f'value="{large}" checked>' in part
    assert 'role="status">90 cm, €285.00</p>' in part
    assert f'value="{large}" checked>' not in client.get("/products/carre").text


def test_made_to_order_is_said(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_product(slug="x", variants=[{"stock": 0, "stock_policy": StockPolicy.CONTINUE}])
        make_product(slug="y", variants=[{"stock": 0, "stock_policy": StockPolicy.UNTRACKED}])
    assert "Made to order" in text(client.get("/products/x").text)
    assert "In stock" in text(client.get("/products/y").text)


def test_sold_out_cannot_be_added(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_product(slug="x", stock=0)
    page = client.get("/products/x").text
    assert "Sold out at the moment" in text(page)
    assert '<button class="btn block" disabled>Sold out</button>' in page


def test_arrival_and_cost_of_delivery_stand_beside_the_button(
    app: Flask, client: ShopClient
) -> None:
    with app.app_context():
        make_product(slug="x", price=5000)
        make_method("Standard", 600, free_from=15000, min_days=2, max_days=3)
    page = text(client.get("/products/x").text)
    assert re.search(r"Arrives \w{3} \d+ \w{3} – \w{3} \d+ \w{3} \.", page)
    assert "Delivery €6, complimentary over €150." in page
    assert "complimentary over €150" in text(client.get("/").text)


def test_old_addresses_lead_to_the_present_one(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        product = make_product("Ambre", slug="old")
        update_product(product.id, ProductFields(name="Ambre", slug="new"))
    response = client.get("/products/old?variant=7")
    assert (response.status_code, response.location) == (301, "/products/new?variant=7")
    assert client.get("/products/new").status_code == 200


# What leads where; "…" is 404. The query stays as it was sent.
SPELLINGS = [
    ("/products/neroli/", "/products/neroli"),
    ("/products/Neroli", "/products/neroli"),
    ("/PRODUCTS/NEROLI/?variant=7&x=%C3%A9", "/products/neroli?variant=7&x=%C3%A9"),
    ("/products/OLD/", "/products/neroli"),
    ("/products/", "/products"),
    ("/Products?q=a+b", "/products?q=a+b"),
    ("/categories/Home/?sort=newest", "/categories/home?sort=newest"),
    ("/brands/SOREL", "/brands/sorel"),
    ("/products/old?variant=%0a", "/products/neroli?variant=%0a"),
    ("/products/old?variant=%0d%0aSet-Cookie:%20a=b", None),
    ("/products/old/?variant=é", "/products/neroli?variant=%C3%A9"),
    ("/products/none/", "…"),
    ("/Categories/none", "…"),
    ("/products/neroli%0a/", "…"),
    ("/products//neroli", None),
    ("/brands/", "…"),
]


def test_other_spellings_of_an_address_lead_to_its_page(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_category("Home", slug="home")
        make_brand("Sorel", slug="sorel")
        product = make_product("Ambre", slug="old")
        update_product(product.id, ProductFields(name="Ambre", slug="neroli"))
    for asked, wanted in SPELLINGS:
        answer = client.get(asked)
        if wanted == "…":
            assert answer.status_code == 404, asked
        else:
            assert answer.status_code in {301, 308}, asked
            assert wanted in {None, answer.location}, (asked, answer.location)
            assert "\n" not in answer.location
            assert client.get(answer.location).status_code < 400
    assert client.post("/products/neroli/").status_code == 400  # nothing is sent on


def test_an_archived_piece_says_so_and_offers_others(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        section = make_category("Home")
        gone = make_product("Gone", slug="gone", category=section)
        make_product("Other", category=section)
        archive_product(gone.id)
    response = client.get("/products/gone")
    assert response.status_code == 410
    assert "has left the collection" in response.text
    assert "Other" in response.text


def test_a_draft_is_not_found(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_product(slug="draft", is_active=False)
        off = make_product(slug="off")
        deactivate_product(off.id)
    assert client.get("/products/draft").status_code == 404
    assert client.get("/products/off").status_code == 404


def test_related_pieces_follow_the_lists_though_the_page_is_kept(
    app: Flask, client: ShopClient
) -> None:
    with app.app_context():
        section = make_category("Home")
        make_product("Mine", slug="mine", category=section, price=5000)
        near = make_product("Near", category=section, price=5100)
        for price in (100, 9000, 9100, 9200, 9300):
            make_product(f"Far {price}", category=section, price=price)
        make_product("Elsewhere")
    page = client.get("/products/mine").text
    related = page[page.index('id="related"') :]
    assert "Near" in related
    assert related.count('class="card"') == 4
    assert "Mine" not in re.sub(r"<aside.*", "", related, flags=re.DOTALL)
    with app.app_context():
        variant = near.variants[0]
        update_variant(variant.id, VariantFields(sku=variant.sku, unit_amount=4242), user_id=None)
    assert "€42.42" in client.get("/products/mine").text


def test_a_price_change_is_on_the_page_at_once(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        product = make_product(slug="x", price=5000)
    assert "€50.00" in client.get("/products/x").text
    with app.app_context():
        variant = product_again(product.id).variants[0]
        update_variant(
            variant.id,
            VariantFields(sku=variant.sku, unit_amount=4000, compare_at_amount=5000),
            user_id=None,
        )
    page = text(client.get("/products/x").text)
    assert "Now €40.00 was €50.00" in page
