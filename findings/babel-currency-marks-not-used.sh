#!/usr/bin/env bash
# Babel 2.18.0: amounts of money are not written as CLDR, which Babel carries, says.
# 1. A locale may have marks of its own for money (currencyDecimal, UTS #35 part 3, 2.3). French
#    Switzerland writes numbers with a comma and francs with a point: 1 234.50 CHF. Babel loads the
#    mark, and format_currency writes the comma.
# 2. Between a currency's letters and a digit stands a space (currencySpacing, 2.3.1), as ICU and
#    browsers write it: CHF 1,234.50. Babel writes none.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check babel==2.18.0
"$dir/venv/bin/python" - <<'PY'
from babel import Locale
from babel.numbers import format_currency

signs = Locale.parse("fr_CH").number_symbols["latn"]
swiss = format_currency(1234.5, "CHF", locale="fr_CH")
english = format_currency(1234.5, "CHF", locale="en")
print("fr_CH:", signs["decimal"], signs["currencyDecimal"], ascii(swiss))
print("en:   ", ascii(english))
assert (signs["decimal"], signs["currencyDecimal"]) == (",", ".")
assert swiss.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ") == "1 234,50 CHF"
assert english == "CHF1,234.50"
PY
# Seen:
#   fr_CH: , . '1\u202f234,50\xa0CHF'
#   en:    'CHF1,234.50'
