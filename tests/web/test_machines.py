"""Where programs speak: declared with the route, and nowhere else."""

from flask import Blueprint, Flask, Response

from shop.payments.registry import webhook_paths
from shop.web.machines import is_machine_path, post_from_machines
from shop.web.security import init_security


def told() -> Response:
    return Response(str(is_machine_path()))


def test_only_the_providers_messages_need_no_token(app: Flask) -> None:
    assert app.extensions["machine_paths"] == set(webhook_paths())


def test_a_route_for_programs_is_one_below_the_prefix_of_its_blueprint(app: Flask) -> None:
    blueprint = Blueprint("parcels", __name__, url_prefix="/parcels")
    post_from_machines(blueprint, "/news", told)
    blueprint.add_url_rule("/news/deep", "deep", told, methods=["POST"])
    bare = Flask(__name__)
    bare.extensions["shop_config"] = app.extensions["shop_config"]
    init_security(bare, app.extensions["shop_config"], form_targets=())
    bare.register_blueprint(blueprint)
    client = bare.test_client()
    assert client.post("/parcels/news").text == "True"
    assert client.post("/parcels/news/deep").status_code == 400
