"""The page about schema ``bi``: how to come in, how to read it, and what every view and column means."""

from __future__ import annotations

from collections.abc import Mapping

from hub.store.bi import HISTORY, Part, View, star
from schema.language import EntityMeta

HEAD = """\
# The star: schema `bi`

Printed from `schema/` by `hub publish`; change the declarations, not this page. The same words stand in the database as
comments, so a BI tool shows them beside the columns.

**Coming in.** `hub bi-login --tenant north --name finance` makes a PostgreSQL login and prints its address once. The login
sees its tenant and no other, whatever it sets in its session; it reads and cannot write; `--confidential` gives it the views
ending in `_confidential` as well, `--revoke` ends it. People who examine (`hub_examiner`) say `SET hub.tenant = '1'` first.

**Reading it.** `dim_…` describes: a row a record as it is now. `dim_…_history` is the same as a slowly changing dimension of
type 2: a row a version with `valid_from`, `valid_to` (exclusive, empty while it stands) and `is_current`. `fact_…` is what
happened or was measured; beside its own references it carries `client_key`, `contract_key`, `project_key`, `resource_key` and
`legal_entity_key` wherever the model knows a way to them, so that every fact is sliced alike.

- A reference `client` is the column `client_id` and joins `dim_client.client_id`; a date joins `dim_date.date`.
- Money is `<field>_amount` and `<field>_currency`: exact, never converted, so group by the currency before you add. Prices
  have `_per` too; quantities `_value`, `_unit` and `_stated`.
- Business dates of a record are `in_force_from` and `in_force_to` (inclusive); `valid_from` and `valid_to` say what we knew when.
- Numbers are those of GraphQL: the views read the same rows, also inactive ones (`record_state`).

```sql
-- What expenses are billed to each client, by quarter and currency.
SELECT c.name, d.year, d.quarter, f.to_bill_currency, sum(f.to_bill_amount)
  FROM fact_expense f
  JOIN dim_client c ON c.client_id = f.client_key
  JOIN dim_date d ON d.date = f.incurred_on
 GROUP BY 1, 2, 3, 4;

-- Who managed a client's account when its projects were sold: the dimension as it was known on that day.
SELECT p.name, h.account_manager_id
  FROM dim_project p
  JOIN dim_client_history h ON h.client_id = p.client_id
   AND p.created_at >= h.valid_from AND (h.valid_to IS NULL OR p.created_at < h.valid_to);
```
"""


def page(entities: Mapping[str, EntityMeta]) -> str:
    """The whole page: how to use the star, its contents, and a table a view."""
    views = [view for view in star(entities) if not view.is_confidential]
    secret = [view for view in star(entities) if view.is_confidential]
    parts = [HEAD, "## Contents", ""]
    for part, words in ((Part.DIMENSION, "Dimensions"), (Part.FACT, "Facts")):
        parts.append(f"- {words}: " + ", ".join(f"[{view.name}](#{view.name})" for view in views if view.part is part))
    parts += ["", *(_table(view, secret) for view in views if view.part is not Part.HISTORY)]
    return "\n".join(parts)


def _table(view: View, secret: list[View]) -> str:
    lines = [f"## {view.name}", "", " ".join(view.doc.split())]
    if view.part is Part.DIMENSION and view.name != "dim_date":
        lines[-1] += f" `{view.name}_history` has every version, with {', '.join(f'`{one.name}`' for one in HISTORY)}."
    beside = next((one for one in secret if one.name == f"{view.name}_confidential"), None)
    columns = beside.columns if beside else view.columns
    if beside:
        lines[-1] += f" Columns marked confidential are in `{beside.name}` only."
    lines += ["", "| column | type | meaning |", "| --- | --- | --- |"]
    lines += [f"| `{one.name}` | {one.type_name} | {' '.join(one.doc.split())} |" for one in columns]
    return "\n".join([*lines, ""])
