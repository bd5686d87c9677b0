"""Aggregates against an independent count in Python: several currencies and units, gaps, negative amounts; both ways.

Every document here is answered compiled and field by field, and both answers must be the same to the byte.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any
from uuid import UUID

import pytest

from hub.api.access import Principal, Role
from hub.api.aggregates import KEYS, MEASURES, GroupArguments, groupables, grouping, measurables
from hub.api.grouping import Function, groups
from hub.api.names import camel
from hub.api.run import Asked, Runner
from hub.api.schema import build
from schema import ENTITIES
from schema.kinds import FieldKind
from schema.language import EntityMeta
from tests.api.arbitrary import World, populate
from tests.api.conftest import Api, Tenant

Record = dict[str, Any]
CURRENCIES = ("EUR", "JPY", "KWD", "USD")
MINOR = {"EUR": "0.01", "JPY": "1", "KWD": "0.001", "USD": "0.01"}


@dataclass
class Firm:
    """A tenant, what was put into it by entity, and both ways of asking."""

    api: Api
    tenant: Tenant
    rows: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))

    async def add(self, entity: str, **values: Any) -> str:
        given = {name: value for name, value in values.items() if value is not None}
        golden_id = str(await self.api.golden(self.tenant, entity, **given))
        self.rows[entity].append({"id": golden_id, **values})
        return golden_id

    async def ask(self, document: str, role: Role = Role.READER, **variables: Any) -> Any:
        """The whole answer, the same both ways; ``statements`` of the api counts those of the last way, field by field."""
        services = self.api.app.state.services
        principal = Principal(self.tenant.id, self.tenant.slug, UUID(int=7), role, "test")
        bodies, statements = [], []
        for compiles in (True, False):
            self.api.statements = 0
            answer = await Runner(build(), services, compiles=compiles).run(principal, Asked(document, variables, None), "c-1")
            bodies.append(bytes(answer.body))
            statements.append(self.api.statements)
        found = json.loads(bodies[0])
        assert found == json.loads(bodies[1])
        assert bodies[0] == bodies[1]
        assert "errors" in found or statements[0] == 1
        return found

    async def data(self, document: str, role: Role = Role.READER, **variables: Any) -> Any:
        answer = await self.ask(document, role, **variables)
        assert "errors" not in answer, answer["errors"]
        [found] = answer["data"].values()
        return found

    def related(self, entity: str, row: Record, reference: str) -> Record:
        """The record a row refers to; an empty one when it refers to none."""
        return next((one for one in self.rows[entity] if one["id"] == row[reference]), defaultdict(lambda: None))


@pytest.fixture(scope="module")
async def firm(shared: Api) -> Firm:
    """2 managers, 5 clients, 8 contracts, 120 contract lines and 60 time entries; a quarter of every field is empty."""
    made, dice = Firm(shared, await shared.tenant("sums")), random.Random(3)

    def maybe(value: Callable[[], Any]) -> Any:
        return value() if dice.random() < 0.75 else None

    def money() -> Record:
        currency = dice.choice(CURRENCIES)
        amount = Decimal(dice.randrange(-(10**7), 10**7)) * Decimal(MINOR[currency])
        return {"amount": format(amount, "f"), "currency": currency}

    def price() -> Record:
        amount = Decimal(dice.randrange(10**7)) / 10**6
        return {"amount": format(amount.normalize(), "f"), "currency": dice.choice(CURRENCIES), "per": dice.choice(("hour", "day"))}

    def hours() -> Record:
        return {"value": dice.choice(("7.5", "0.25", "-2", "8")), "unit": dice.choice(("hour", "day"))}

    def day() -> str:
        return (date(2024, 12, 25) + timedelta(days=dice.randrange(420))).isoformat()

    def instant() -> str:
        found = datetime(2024, 12, 30, tzinfo=UTC) + timedelta(seconds=dice.randrange(10**7))
        return found.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    managers = [await made.add("resource", family_name=name) for name in ("Vogt", "Lind")]
    clients = [
        await made.add("client", name=f'"{n}"', country=maybe(lambda: dice.choice(("DE", "FR"))), account_manager=maybe(lambda: dice.choice(managers)))
        for n in range(5)
    ]
    contracts = [
        await made.add(
            "contract", contract_no=f"C{n}", client=maybe(lambda: dice.choice(clients)), terms_version=dice.randrange(-5, 5),
            currency=maybe(lambda: dice.choice(CURRENCIES)), total_value=maybe(money),
        )
        for n in range(8)
    ]  # fmt: skip
    for number in range(120):
        await made.add(
            "contract_line", line_no=str(number), contract=maybe(lambda: dice.choice(contracts)), amount=maybe(money), cap_amount=maybe(money),
            quantity=maybe(hours), unit_price=maybe(price), expense_markup=maybe(lambda: dice.choice(("5", "12.5", "-0.125"))),
            billing_method=maybe(lambda: dice.choice(("tm", "fixed"))), expense_billable=maybe(lambda: dice.random() < 0.5), valid_from=maybe(day),
        )  # fmt: skip
    for _ in range(60):
        await made.add(
            "time_entry", resource=dice.choice(managers), approved_at=maybe(instant),
            cost=maybe(money), approval_tier=maybe(lambda: dice.randrange(4)),
        )  # fmt: skip
    return made


def in_order(found: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Keys in order, empty ones last at each place."""
    return sorted(found, key=lambda key: [(part is None, part if part is not None else "") for part in key])


def filled(rows: list[Record], name: str, *units: str, value: str = "amount") -> dict[tuple[str, ...], list[Decimal]]:
    """The filled amounts of a field by their units, in the order of units."""
    found: dict[tuple[str, ...], list[Decimal]] = defaultdict(list)
    for row in rows:
        if row[name] is not None:
            found[tuple(row[name][unit] for unit in units)].append(Decimal(row[name][value]))
    return dict(sorted(found.items()))


Reduce = Callable[[list[Decimal]], Any]


def total(values: list[Decimal]) -> Decimal:
    with localcontext(Context(prec=100)):
        return sum(values, Decimal(0))


def average(values: list[Decimal]) -> str:
    with localcontext(Context(prec=100)):
        return long((total(values) / len(values)).quantize(Decimal("0.000001"), ROUND_HALF_UP))


def long(value: Any) -> str:
    return value if isinstance(value, str) else format(value, "f")


def short(value: Any) -> str:
    """Numbers that are not money carry no needless zeros; averages do."""
    text = long(value)
    return text.rstrip("0").rstrip(".") if "." in text and not isinstance(value, str) else text


def money(rows: list[Record], name: str, reduce: Reduce) -> list[Record]:
    return [{"amount": long(reduce(values)), "currency": currency} for (currency,), values in filled(rows, name, "currency").items()]


def prices(rows: list[Record], name: str, reduce: Reduce) -> list[Record]:
    found = filled(rows, name, "currency", "per").items()
    return [{"amount": short(reduce(values)), "currency": currency, "per": per} for (currency, per), values in found]


def quantities(rows: list[Record], name: str, reduce: Reduce) -> list[Record]:
    return [{"value": short(reduce(values)), "unit": unit, "stated": None} for (unit,), values in filled(rows, name, "unit", value="value").items()]


def percents(rows: list[Record], name: str, reduce: Reduce) -> str | None:
    values = [Decimal(row[name]) for row in rows if row[name] is not None]
    return short(reduce(values)) if values else None


def lines_told(rows: list[Record]) -> Record:
    """Everything a group of contract lines tells, counted anew."""
    days = [row["valid_from"] for row in rows if row["valid_from"]]
    found: Record = {"count": len(rows)}
    for name, reduce in (("sum", total), ("avg", average), ("min", min), ("max", max)):
        found[name] = {
            "amount": money(rows, "amount", reduce), "capAmount": money(rows, "cap_amount", reduce),
            "quantity": quantities(rows, "quantity", reduce), "expenseMarkup": percents(rows, "expense_markup", reduce),
        } | ({"unitPrice": prices(rows, "unit_price", reduce)} if name != "sum" else {})  # fmt: skip
    found["min"]["validFrom"], found["max"]["validFrom"] = (min(days), max(days)) if days else (None, None)
    found["countDistinct"] = {
        "contract": len({row["contract"] for row in rows} - {None}),
        "validFrom": len(set(days)),
        "expenseBillable": len({row["expense_billable"] for row in rows} - {None}),
    }
    return found


LINES = """count
    sum { amount { ...m } capAmount { ...m } quantity { ...q } expenseMarkup }
    avg { amount { ...m } capAmount { ...m } quantity { ...q } expenseMarkup unitPrice { ...p } }
    min { amount { ...m } capAmount { ...m } quantity { ...q } expenseMarkup unitPrice { ...p } validFrom }
    max { amount { ...m } capAmount { ...m } quantity { ...q } expenseMarkup unitPrice { ...p } validFrom }
    countDistinct { contract validFrom expenseBillable }"""
FRAGMENTS = """fragment m on Money { amount currency } fragment p on Price { amount currency per }
    fragment q on Quantity { value unit stated }"""


@dataclass(frozen=True)
class By:
    """One thing to group by: how it is asked, how its key is selected and found in the answer, and its value in Python."""

    given: str
    selected: str
    path: tuple[str, ...]
    of: Callable[[Firm, Record], Any]


def started(unit: str) -> Callable[[Firm, Record], Any]:
    def of(_: Firm, row: Record) -> Any:
        return row["valid_from"] and cut(date.fromisoformat(row["valid_from"]), unit).isoformat()

    return of


def cut(day: date, unit: str) -> date:
    match unit:
        case "DAY":
            return day
        case "WEEK":
            return day - timedelta(days=day.weekday())
        case "MONTH":
            return day.replace(day=1)
        case "QUARTER":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1)


def contract(firm: Firm, row: Record) -> Record:
    return firm.related("contract", row, "contract")


def client(firm: Firm, row: Record) -> Record:
    return firm.related("client", contract(firm, row), "client")


KEYED: tuple[By, ...] = (
    By("{field: BILLING_METHOD}", "billingMethod", ("billingMethod",), lambda _, row: row["billing_method"]),
    By("{field: EXPENSE_BILLABLE}", "expenseBillable", ("expenseBillable",), lambda _, row: row["expense_billable"]),
    By("{field: AMOUNT_CURRENCY}", "amountCurrency", ("amountCurrency",), lambda _, row: row["amount"] and row["amount"]["currency"]),
    By("{field: QUANTITY_UNIT}", "quantityUnit", ("quantityUnit",), lambda _, row: row["quantity"] and row["quantity"]["unit"]),
    By("{field: UNIT_PRICE_PER}", "unitPricePer", ("unitPricePer",), lambda _, row: row["unit_price"] and row["unit_price"]["per"]),
    By("{field: CONTRACT}", "contractId contract { contractNo client { name } }", ("contractId",), lambda _, row: row["contract"]),
    By("{field: VALID_FROM}", "validFrom", ("validFrom",), started("DAY")),
    *(By(f"{{field: VALID_FROM, truncate: {unit}}}", "validFrom", ("validFrom",), started(unit)) for unit in ("WEEK", "MONTH", "QUARTER", "YEAR")),
    By("{contract: {field: TERMS_VERSION}}", "contractKey { termsVersion }", ("contractKey", "termsVersion"), lambda firm, row: contract(firm, row)["terms_version"]),
    By("{contract: {field: TOTAL_VALUE_CURRENCY}}", "contractKey { totalValueCurrency }", ("contractKey", "totalValueCurrency"),
       lambda firm, row: (contract(firm, row)["total_value"] or {}).get("currency")),
    By("{contract: {client: {field: COUNTRY}}}", "contractKey { clientKey { country } }", ("contractKey", "clientKey", "country"),
       lambda firm, row: client(firm, row)["country"]),
    By("{contract: {client: {field: NAME}}}", "contractKey { clientKey { name country } }", ("contractKey", "clientKey", "name"),
       lambda firm, row: client(firm, row)["name"]),
    By("{contract: {client: {field: ACCOUNT_MANAGER}}}", "contractKey { clientKey { accountManager { id } accountManagerId } }",
       ("contractKey", "clientKey", "accountManagerId"), lambda firm, row: client(firm, row)["account_manager"]),
)  # fmt: skip


def groups_of(firm: Firm, rows: Iterable[Record], keys: Sequence[By]) -> dict[tuple[Any, ...], list[Record]]:
    found: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for row in rows:
        found[tuple(key.of(firm, row) for key in keys)].append(row)
    return {key: found[key] for key in in_order(found)}


def at(group: Record, path: tuple[str, ...]) -> Any:
    found = group["key"]
    for name in path:
        found = found[name]
    return found


@pytest.mark.parametrize("start", range(20))
async def test_groups_tell_what_an_independent_count_tells(firm: Firm, start: int) -> None:
    dice = random.Random(start)
    keys = dice.sample(KEYED, dice.randrange(4))
    while len({key.path for key in keys}) < len(keys):
        keys = dice.sample(KEYED, len(keys))
    given = f"(first: 1000, groupBy: [{', '.join(key.given for key in keys)}])"
    selected = " ".join(key.selected for key in keys) or "validFrom"
    found = await firm.data(f"{{ contractLinesAggregate{given} {{ key {{ {selected} }} {LINES} }} }} {FRAGMENTS}")
    expected = groups_of(firm, firm.rows["contract_line"], keys)
    assert [tuple(at(group, key.path) for key in keys) for group in found] == list(expected)
    for group, rows in zip(found, expected.values(), strict=True):
        assert {name: value for name, value in group.items() if name != "key"} == lines_told(rows)


async def test_a_filter_leaves_in_the_same_rows_as_in_lists(firm: Firm) -> None:
    given = '{amount: {currency: "EUR", lt: "0"}, contract: {client: {country: {eq: "DE"}}}}'
    [found] = await firm.data(f"{{ contractLinesAggregate(filter: {given}) {{ {LINES} }} }} {FRAGMENTS}")
    rows = [
        row for row in firm.rows["contract_line"]
        if row["amount"] and row["amount"]["currency"] == "EUR" and Decimal(row["amount"]["amount"]) < 0 and client(firm, row)["country"] == "DE"
    ]  # fmt: skip
    assert len(rows) > 1
    assert found == lines_told(rows)


@pytest.mark.parametrize("unit", ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"])
async def test_instants_are_cut_down_in_utc(firm: Firm, unit: str) -> None:
    found = await firm.data(f"{{ timeEntriesAggregate(first: 1000, groupBy: [{{field: APPROVED_AT, truncate: {unit}}}]) {{ key {{ approvedAt }} count }} }}")

    def key(row: Record) -> str | None:
        return row["approved_at"] and f"{cut(date.fromisoformat(row['approved_at'][:10]), unit)}T00:00:00.000000Z"

    counted = Counter((key(row),) for row in firm.rows["time_entry"])
    assert [(group["key"]["approvedAt"], group["count"]) for group in found] == [(one[0], counted[one]) for one in in_order(counted)]


HAVING: tuple[tuple[str, Callable[[list[Record]], bool]], ...] = (
    ("{count: {gte: 15}}", lambda rows: len(rows) >= 15),
    ("{count: {in: [13, 14, 15]}}", lambda rows: len(rows) in (13, 14, 15)),
    ('{sum: {amount: {currency: "EUR", gt: "0"}}}', lambda rows: total(filled(rows, "amount", "currency").get(("EUR",), [])) > 0),
    ('{sum: {amount: {currency: "CHF", isNull: true}}}', lambda rows: True),
    ('{sum: {amount: {currency: "EUR", ne: "0"}, capAmount: {currency: "KWD", lt: "0"}}}',
     lambda rows: total(filled(rows, "cap_amount", "currency").get(("KWD",), [])) < 0),
    ('{sum: {quantity: {unit: "hour", gte: "40.5"}}, count: {lt: 100}}', lambda rows: total(filled(rows, "quantity", "unit", value="value").get(("hour",), [])) >= Decimal("40.5")),
    ('{sum: {expenseMarkup: {gt: "60"}}}', lambda rows: sum(Decimal(row["expense_markup"] or 0) for row in rows) > 60),
    ("{}", lambda rows: True),
)  # fmt: skip


@pytest.mark.parametrize(("given", "is_in"), HAVING)
async def test_having_leaves_in_the_groups_it_says(firm: Firm, given: str, is_in: Callable[[list[Record]], bool]) -> None:
    found = await firm.data(f"{{ contractLinesAggregate(groupBy: [{{field: CONTRACT}}], having: {given}) {{ key {{ contractId }} count }} }}")
    groups = groups_of(firm, firm.rows["contract_line"], [KEYED[5]])
    assert [group["key"]["contractId"] for group in found] == [key for (key,), rows in groups.items() if is_in(rows)]


def eur(rows: list[Record]) -> Decimal | None:
    values = filled(rows, "amount", "currency").get(("EUR",))
    return total(values) if values else None


ORDERS: tuple[tuple[str, Callable[[Any, list[Record]], Any], bool], ...] = (
    ("{by: COUNT}", lambda key, rows: len(rows), False),
    ("{by: COUNT, direction: DESC}", lambda key, rows: len(rows), True),
    ('{sum: {field: AMOUNT, currency: "EUR"}}', lambda key, rows: eur(rows), False),
    ('{sum: {field: AMOUNT, currency: "EUR"}, direction: DESC}', lambda key, rows: eur(rows), True),
)


@pytest.mark.parametrize(("given", "value", "down"), ORDERS)
async def test_groups_run_as_asked_then_by_their_keys_and_page_by_page(
    firm: Firm, given: str, value: Callable[[Any, list[Record]], Any], down: bool
) -> None:
    keys = (KEYED[6], KEYED[0])
    ask = f"""query($first: Int, $offset: Int) {{ contractLinesAggregate(groupBy: [{{field: VALID_FROM}}, {{field: BILLING_METHOD}}], orderBy: [{given}],
        first: $first, offset: $offset) {{ key {{ validFrom billingMethod }} }} }}"""
    pages = [await firm.data(ask, first=30, offset=offset) for offset in range(0, 150, 30)]
    found = [(one["key"]["validFrom"], one["key"]["billingMethod"]) for page in pages for one in page]
    expected = groups_of(firm, firm.rows["contract_line"], keys)

    def place(key: Any) -> tuple[bool, Decimal | int]:
        said = value(key, expected[key])
        return said is None, 0 if said is None else -said if down else said

    assert found == sorted(expected, key=place)


async def test_keys_run_backward_with_empty_ones_last(firm: Firm) -> None:
    found = await firm.data("{ contractLinesAggregate(groupBy: [{field: BILLING_METHOD}], orderBy: [{by: KEY, direction: DESC}]) { key { billingMethod } } }")
    assert [one["key"]["billingMethod"] for one in found] == ["tm", "fixed", None]


async def test_every_parent_has_its_groups_and_all_are_one_statement(firm: Firm) -> None:
    found = await firm.data(
        f"""{{ contracts(first: 100, orderBy: [{{field: CONTRACT_NO}}]) {{ nodes {{ id
             contractLinesAggregate {{ {LINES} }}
             byMonth: contractLinesAggregate(groupBy: [{{field: VALID_FROM, truncate: MONTH}}], first: 2, orderBy: [{{by: COUNT, direction: DESC}}]) {{ key {{ validFrom }} count }} }} }} }} {FRAGMENTS}"""
    )
    assert firm.api.statements == 3  # contracts, and each aggregate of them all
    empty = [row for row in firm.rows["contract"] if not any(line["contract"] == row["id"] for line in firm.rows["contract_line"])]
    assert len(found["nodes"]) == 8 and not empty
    for node in found["nodes"]:
        rows = [row for row in firm.rows["contract_line"] if row["contract"] == node["id"]]
        assert node["contractLinesAggregate"] == [lines_told(rows)]
        months = groups_of(firm, rows, [KEYED[8]])
        expected = sorted(months, key=lambda key: -len(months[key]))[:2]
        assert [((group["key"]["validFrom"],), group["count"]) for group in node["byMonth"]] == [(key, len(months[key])) for key in expected]


async def test_nothing_at_all_is_one_group_of_none(firm: Firm) -> None:
    found = await firm.data(
        "{ clients(first: 1) { nodes { contactsAggregate { count key { clientId client { name } } countDistinct { email } }"
        " invoicesAggregate { count sum { gross { amount } fiscalYear } avg { fiscalYear gross { amount } } min { issueDate } }"
        " invoicesByPayerAggregate: contactsAggregate(groupBy: [{field: STATE}]) { count } } } }"
    )
    assert found["nodes"] == [
        {
            "contactsAggregate": [{"count": 0, "key": {"clientId": None, "client": None}, "countDistinct": {"email": 0}}],
            "invoicesAggregate": [
                {"count": 0, "sum": {"gross": [], "fiscalYear": None}, "avg": {"fiscalYear": None, "gross": []}, "min": {"issueDate": None}}
            ],
            "invoicesByPayerAggregate": [],
        }
    ]


async def test_sums_and_averages_are_exact_whatever_their_size(shared: Api) -> None:
    firm = Firm(shared, await shared.tenant("large"))
    amounts = ("12345678901234567890.12", "0.01", "-0.02", "99999999999999999999999999.99", "0.00", "-5.55", "1.005")
    for number, amount in enumerate(amounts):
        await firm.add("contract", contract_no=str(number), total_value={"amount": amount, "currency": "EUR"}, notice_days=number)
    for number, (low, high) in enumerate((("0.000000", "0.000001"), ("-0.000001", "0.000000"), ("0.000002", "0.000001"))):
        for end, value in (("a", low), ("b", high)):
            await firm.add("contract", contract_no=f"t{number}{end}", name=f"tie {number}", total_value={"amount": value, "currency": "KWD"})
    found = await firm.data("{ contractsAggregate(groupBy: [{field: NAME}]) { sum { totalValue { amount } noticeDays } avg { totalValue { amount } noticeDays } } }")
    assert found == [
        *({"sum": {"totalValue": [{"amount": s}], "noticeDays": None}, "avg": {"totalValue": [{"amount": a}], "noticeDays": None}}
          for s, a in (("0.000001", "0.000001"), ("-0.000001", "-0.000001"), ("0.000003", "0.000002"))),
        {"sum": {"totalValue": [{"amount": format(total([*map(Decimal, amounts)]), "f")}], "noticeDays": "21"},
         "avg": {"totalValue": [{"amount": average([*map(Decimal, amounts)])}], "noticeDays": "3.000000"}},
    ]  # fmt: skip


COST = "{ timeEntriesAggregate { masked sum { cost { amount currency } approvalTier } min { cost { amount } } avg { cost { amount } } countDistinct { approvalTier } } }"


async def test_a_confidential_field_is_null_in_sums_and_named(firm: Firm) -> None:
    [hidden], [seen] = await firm.data(COST), await firm.data(COST, Role.STEWARD)
    rows = firm.rows["time_entry"]
    tiers = [row["approval_tier"] for row in rows if row["approval_tier"] is not None]
    assert hidden == {
        "masked": ["cost"], "sum": {"cost": None, "approvalTier": str(sum(tiers))}, "min": {"cost": None}, "avg": {"cost": None},
        "countDistinct": {"approvalTier": len(set(tiers))},
    }  # fmt: skip
    assert (seen["masked"], seen["sum"]["cost"]) == ([], money(rows, "cost", total))


async def test_rows_are_counted_as_in_force_on_a_day(firm: Firm) -> None:
    """Contract lines have a first day and no last one here; an empty first day is always in force."""
    day = "2025-06-01"
    found = await firm.data(
        """query($day: Date) { contracts(first: 100) { nodes { id contractLinesAggregate(on: $day) { count } listed: contractLines(on: $day) { totalCount } } } }""",
        day=day,
    )
    for node in found["nodes"]:
        count = sum(row["contract"] == node["id"] and (row["valid_from"] or "") <= day for row in firm.rows["contract_line"])
        assert (node["contractLinesAggregate"], node["listed"]) == ([{"count": count}], {"totalCount": count})
    [whole] = await firm.data(f'{{ contractLinesAggregate(on: "{day}") {{ count }} }}')
    assert whole == {"count": sum((row["valid_from"] or "") <= day for row in firm.rows["contract_line"])}


REFUSED = (
    ("timeEntriesAggregate(groupBy: [{field: COST_CURRENCY}]) { count }", "FORBIDDEN_FIELD", "groupBy.0.costCurrency is a confidential field"),
    ('timeEntriesAggregate(having: {sum: {cost: {currency: "EUR", gt: "1"}}}) { count }', "FORBIDDEN_FIELD", "having.sum.cost is a confidential field"),
    ('timeEntriesAggregate(orderBy: [{sum: {field: COST, currency: "EUR"}}]) { count }', "FORBIDDEN_FIELD", "orderBy.0.sum is a confidential field"),
    ("timeEntriesAggregate(filter: {cost: {isNull: true}}) { count }", "FORBIDDEN_FIELD", "filter.cost is a confidential field"),
    ("timeEntriesAggregate(groupBy: [{resource: {field: COST_RATE_PER}}]) { count }", "FORBIDDEN_FIELD", "groupBy.0.resource.costRatePer is a confidential field"),
    ("timeEntriesAggregate(groupBy: [{}]) { count }", "BAD_INPUT", "groupBy.0 must name one field or one related record"),
    ("timeEntriesAggregate(groupBy: [{field: STATE, resource: {field: ROLE}}]) { count }", "BAD_INPUT", "groupBy.0 must name one field or one related record"),
    ("timeEntriesAggregate(groupBy: [{field: STATE}, {field: STATE}]) { count }", "BAD_INPUT", "groupBy.1 names a field that is named before"),
    ("timeEntriesAggregate(groupBy: [{field: STATE, truncate: DAY}]) { count }", "BAD_INPUT", "groupBy.0 cuts down what is neither a day nor an instant"),
    ("timeEntriesAggregate(groupBy: [{truncate: DAY, resource: {field: START_DATE}}]) { count }", "BAD_INPUT", "groupBy.0 cuts down no field"),
    ("timeEntriesAggregate(groupBy: [{project: {client: {parent: {field: NAME}}}}]) { count }", "BAD_INPUT", None),
    ("timeEntriesAggregate(groupBy: [{project: {contract: {client: {field: NAME}}}}]) { count }", "TOO_COMPLEX", "groupBy.0.project.contract follows more than 2 references"),
    ("contractsAggregate(having: {sum: {totalValue: {gt: \"1\"}}}) { count }", "BAD_INPUT", "having.sum.totalValue compares amounts without currency"),
    ("contractsAggregate(having: {sum: {totalValue: null}}) { count }", "BAD_INPUT", "having.sum.totalValue is null"),
    ("contractsAggregate(orderBy: [{sum: {field: TOTAL_VALUE}}]) { count }", "BAD_INPUT", "orderBy.0.sum compares amounts without currency"),
    ('contractsAggregate(orderBy: [{sum: {field: NOTICE_DAYS, currency: "EUR"}}]) { count }', "BAD_INPUT", "orderBy.0.sum has no currency"),
    ("contractsAggregate(orderBy: [{}]) { count }", "BAD_INPUT", "orderBy.0 must say by or sum"),
    ("contractsAggregate(first: 1001) { count }", "BAD_PAGE", "first must be from 0 to 1000"),
    ("contractsAggregate(offset: -1) { count }", "BAD_PAGE", "offset must be from 0 to 2147483647"),
)  # fmt: skip


@pytest.mark.parametrize(("asked", "code", "message"), REFUSED)
async def test_what_cannot_be_grouped_is_refused(firm: Firm, asked: str, code: str, message: str | None) -> None:
    [error] = (await firm.ask(f"{{ {asked} }}"))["errors"]
    assert (error["extensions"]["code"], message and error["message"]) == (code, message)


async def test_a_confined_key_counts_only_what_it_sees(firm: Firm) -> None:
    mine = next(row["client"] for row in firm.rows["contract"] if row["client"])
    principal = Principal(firm.tenant.id, firm.tenant.slug, UUID(int=8), Role.READER, "portal", scope={"client": (UUID(mine),)})
    ask = "{ contractsAggregate(groupBy: [{client: {field: NAME}}]) { key { clientKey { name } } count } }"
    bodies = [await Runner(build(), firm.api.app.state.services, compiles=way).run(principal, Asked(ask, {}, None), "c-1") for way in (True, False)]
    name = next(row["name"] for row in firm.rows["client"] if row["id"] == mine)
    count = sum(row["client"] == mine for row in firm.rows["contract"])
    assert [json.loads(one.body)["data"]["contractsAggregate"] for one in bodies] == [[{"key": {"clientKey": {"name": name}}, "count": count}]] * 2


@pytest.fixture(scope="module")
async def world(shared: Api) -> World:
    return await populate(shared, await shared.tenant("all"), seed=9, per_entity=5)


AMOUNT = {FieldKind.MONEY: "{ amount currency }", FieldKind.PRICE: "{ amount currency per }", FieldKind.QUANTITY: "{ value unit stated }"}


def everything(meta: EntityMeta) -> str:
    """A document that groups by what its variables say and asks for every key and every measure of an entity."""
    keys = " ".join(camel(column) for column in groupables(meta))
    records = " ".join(f"{camel(one.name)} {{ __typename id }} {camel(one.name)}Key {{ recordState createdAt }}" for one in meta.references)
    told = " ".join(
        f"{function} {{ __typename {' '.join(camel(name) + ('' if function is Function.DISTINCT else AMOUNT.get(one.kind, '')) for name, one in offered.items())} }}"
        for function, offered in measurables(meta).items()
        if offered
    )
    of = meta.type_name
    return f"""query($by: [{of}GroupBy!], $having: {of}Having, $order: [{of}GroupOrder!], $first: Int) {{
        {camel(meta.plural)}Aggregate(groupBy: $by, having: $having, orderBy: $order, first: $first) {{ __typename masked count key {{ __typename {keys} {records} }} {told} }} }}"""


def variables(meta: EntityMeta, dice: random.Random) -> dict[str, Any]:
    """Keys of the record and of related ones, an order and a condition over sums."""
    columns = [(one.field if one.kind is FieldKind.REFERENCE else column).upper() for column, one in groupables(meta).items()]
    by: list[dict[str, Any]] = [{"field": name} for name in dice.sample(columns, 2)]
    by += [{camel(one.name): {"field": "CREATED_AT", "truncate": "QUARTER"}} for one in meta.references[:2]]
    units = {FieldKind.MONEY: {"currency": "EUR"}, FieldKind.QUANTITY: {"unit": "hour"}}
    summed = {name: units.get(one.kind, {}) for name, one in measurables(meta)[Function.SUM].items()}
    order = [{"sum": {"field": name.upper(), **unit}, "direction": "DESC"} for name, unit in summed.items()][:3]
    having = {"count": {"gte": 1}} | ({"sum": {camel(name): unit | {"ne": "0.123"} for name, unit in summed.items()}} if summed else {})
    return {"by": by, "having": having, "order": [*order, {"by": "COUNT"}], "first": 50}


@pytest.mark.parametrize("meta", ENTITIES.values(), ids=lambda meta: meta.name)
async def test_every_key_and_measure_of_every_entity_answers_alike_both_ways(world: World, shared: Api, meta: EntityMeta) -> None:
    firm = Firm(shared, world.tenant)
    found = await firm.data(everything(meta), Role.STEWARD, **variables(meta, random.Random(meta.name)))
    assert sum(group["count"] for group in found) == len(world.ids[meta.name])


def test_every_kind_of_field_is_grouped_and_measured_or_not() -> None:
    assert set(KEYS) == set(MEASURES) == set(FieldKind)


def test_only_what_is_asked_is_computed_and_units_only_split_what_needs_them() -> None:
    arguments = GroupArguments(group_by=[{"field": "kind"}])
    counted = groups(grouping(ENTITIES["contract"], arguments, frozenset(), Role.READER)).sql
    assert "sum(t" not in counted and "currency" not in counted and "parts" not in counted
    added = groups(grouping(ENTITIES["contract"], arguments, frozenset({(Function.SUM, "totalValue")}), Role.READER)).sql
    assert added.count("sum(t") == 1 and added.count("FROM api.") == 1


COSTS = (
    ("{ contractsAggregate { count } }", 2),
    ("{ contractsAggregate(groupBy: [{field: KIND}]) { count key { kind } } }", 1 + 100 * 3),
    ("{ contractsAggregate(groupBy: [{field: KIND}], first: 7) { count } }", 1 + 7),
    ("query($first: Int) { contractsAggregate(groupBy: [{field: KIND}], first: $first) { count } }", 1 + 100),
    ("{ clients(first: 3) { nodes { contractsAggregate(groupBy: [{field: KIND}], first: 7) { count } } } }", 1 + 3 * (1 + 1 + 7)),
)


@pytest.mark.parametrize(("document", "cost"), COSTS)
async def test_an_aggregate_costs_as_many_values_as_its_groups_may_hold(firm: Firm, document: str, cost: int) -> None:
    assert (await firm.ask(document))["extensions"]["cost"] == cost
