"""One process of buyers: 8 threads share out the carts named on the command line.

Prints a JSON list of what became of each.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from shop import create_app
from tests.races.race_kit import in_app
from tests.races.test_stock import buy

if __name__ == "__main__":
    shop = create_app()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(in_app(shop, buy, int(text))) for text in sys.argv[1:]]
        print(json.dumps([result.result() for result in waiting]))
