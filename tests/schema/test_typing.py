"""Fields are typed attributes: a misspelt one is an error before anything runs."""

from __future__ import annotations

from pathlib import Path

from mypy import api

import schema

SOURCE = """\
from schema.client import Client
from schema.invoice import Invoice
from schema.time_entry import TimeEntry

reveal_type(Client.legal_name)
reveal_type(Client.state)
reveal_type(TimeEntry.quantity)
reveal_type(Invoice.gross)
Client.legal_nam
"""


def test_mypy_knows_every_field_and_refuses_a_misspelt_one(tmp_path: Path) -> None:
    source = tmp_path / "misspelt.py"
    source.write_text(SOURCE)
    root = Path(schema.__file__).parent.parent
    options = ["--strict", "--follow-imports=silent", f"--config-file={root / 'pyproject.toml'}"]
    out, _, status = api.run([*options, f"--cache-dir={root / '.mypy_cache'}", str(source)])
    said = [line.partition("misspelt.py:")[2] for line in out.splitlines() if "misspelt.py:" in line]
    assert said == [
        '5: note: Revealed type is "schema.fields.Field[str]"',
        '6: note: Revealed type is "schema.fields.Field[str]"',
        '7: note: Revealed type is "schema.fields.Field[schema.kinds.Quantity]"',
        '8: note: Revealed type is "schema.fields.Field[schema.kinds.Money]"',
        '9: error: "type[Client]" has no attribute "legal_nam"  [attr-defined]',
    ]
    assert status == 1
