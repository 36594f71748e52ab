"""What gunicorn serves (`gunicorn wsgi:app`) and where `flask` finds the shop."""

from shop import create_app
from shop.config import ConfigError
from shop.operations.refusal import refuse

try:
    app = create_app()
except ConfigError as error:
    app = refuse(error)
