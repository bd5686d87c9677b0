"""The firm itself: its size, its legal entities, and how its records hang together, each relation a function of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from hub.demo.firm.dice import Dice
from hub.demo.firm.shape import TAGS
from hub.demo.firm.words import MARKETS, Market

YEAR = 2025
"""The year whose hours and invoices are told; contracts and projects go back to 2013."""

OLDEST = date(2013, 1, 7)
CURRENT_SHARE = 85
"""From this percentile of the contracts on, in order of their start, they run in :data:`YEAR`."""

ROLES = ("consultant", "architect", "project_manager", "analyst", "tester")
GRADES = ("junior", "professional", "senior", "principal", "partner")
PRACTICES = ("Strategy", "Data & AI", "Cloud", "ERP", "Security", "Change & Learning")


class House(NamedTuple):
    """One of our legal entities. ``tax`` is its domestic rate, ``level`` what its prices are multiplied by."""

    code: str
    name: str
    legal_name: str
    country: str
    currency: str
    erp: str
    tz: str
    tax: int
    level: Decimal


HOUSES: tuple[House, ...] = (
    House("NB-DE", "Northbeam Deutschland", "Northbeam Consulting GmbH", "DE", "EUR", "erp_north", "Europe/Berlin", 19, Decimal(1)),
    House("NB-GB", "Northbeam UK", "Northbeam Consulting Ltd", "GB", "GBP", "erp_north", "Europe/London", 20, Decimal("0.85")),
    House("NB-AT", "Northbeam Österreich", "Northbeam Consulting GesmbH", "AT", "EUR", "erp_north", "Europe/Vienna", 20, Decimal("0.96")),
    House("NB-FR", "Northbeam France", "Northbeam Conseil SAS", "FR", "EUR", "erp_south", "Europe/Paris", 20, Decimal("0.94")),
    House("NB-US", "Northbeam US", "Northbeam Consulting, Inc.", "US", "USD", "erp_south", "America/New_York", 0, Decimal("1.3")),
    House("NB-JP", "Northbeam Japan", "ノースビーム・コンサルティング株式会社", "JP", "JPY", "erp_south", "Asia/Tokyo", 10, Decimal(155)),
)  # fmt: skip
"""Six legal entities in four currencies; each market of :data:`MARKETS` has the house of its country."""

CURRENCIES = ("EUR", "USD", "GBP", "JPY")
EURO = {"EUR": Decimal(1), "USD": Decimal("1.0840"), "GBP": Decimal("0.8420"), "JPY": Decimal("163.20")}
"""What one euro cost at the beginning of the year."""

_HOUSE_OF = {house.country: at for at, house in enumerate(HOUSES)}
_MARKET_OF_100 = tuple(at for at, market in enumerate(MARKETS) for _ in range(market.share))


class Site(NamedTuple):
    """What one number decides about a client: its market, its home house, and whether other houses sell to it too."""

    market: Market
    house: int
    is_global: bool


@dataclass(frozen=True)
class Firm:
    """A services firm of a size: at ``scale`` 1.0 2,000 consultants, 100,000 clients, 300,000 projects, 1 M hours a year.

    The same seed and scale make the same records, to the byte.
    """

    seed: int = 7
    scale: float = 1.0

    def dice(self, entity: str, number: int) -> Dice:
        return Dice(self.seed, TAGS[entity], number)

    def _sized(self, count: int, at_least: int) -> int:
        return max(at_least, round(count * self.scale))

    @cached_property
    def resources(self) -> int:
        return self._sized(2_000, 2)

    @cached_property
    def clients(self) -> int:
        """Clients but for our own houses, which follow as clients of kind intercompany."""
        return self._sized(100_000, 20)

    @cached_property
    def customers(self) -> int:
        """The first so many clients buy; the others are prospects, known to a CRM only."""
        return self.clients * 7 // 10

    @cached_property
    def contracts(self) -> int:
        return self._sized(150_000, 30)

    @cached_property
    def projects(self) -> int:
        """Two for each contract; our houses' internal ones follow."""
        return 2 * self.contracts

    @cached_property
    def _stride(self) -> int:
        """A step that visits every customer once before it comes back."""
        step = self.customers * 5 // 8 | 1
        while _gcd(step, self.customers) > 1:
            step += 2
        return step

    # who belongs to whom

    def site(self, client: int) -> Site:
        dice = self.dice("client", client)
        market = MARKETS[_MARKET_OF_100[dice.below(100)]]
        return Site(market, _HOUSE_OF[market.country], client < self.customers and client % 10 == 0)

    def client_of(self, contract: int) -> int:
        """Every customer has a contract; later ones go to larger clients, those that run now to key accounts."""
        if contract < self.customers:
            return contract * self._stride % self.customers
        among = self.customers // 8 if contract * 100 >= self.contracts * CURRENT_SHARE else self.customers
        return self.dice("contract", contract).early(max(1, among))

    def house_of(self, contract: int) -> int:
        """Who sells: the client's home house, and to a global client now and then another one."""
        site = self.site(self.client_of(contract))
        if not site.is_global or contract % 3:
            return site.house
        return self.second_house(self.client_of(contract))

    def second_house(self, client: int) -> int:
        """The other house that sells to a global client."""
        return (self.site(client).house + 1 + client // 10 % 5) % len(HOUSES)

    def currency_of(self, contract: int) -> str:
        """Mostly the seller's own; some contracts are in another one."""
        home = HOUSES[self.house_of(contract)].currency
        if contract % 12 != 5:
            return home
        return CURRENCIES[(CURRENCIES.index(home) + 1 + contract // 12 % 2) % len(CURRENCIES)]

    def crm_of(self, client: int) -> str:
        return "crm_eu" if self.site(client).market.country in ("DE", "GB", "AT", "FR") else "crm_us"

    def erps_of(self, client: int) -> tuple[str, ...]:
        """Where a customer has an account: with its home house's ERP, and a global one with the second house's."""
        home = HOUSES[self.site(client).house].erp
        second = HOUSES[self.second_house(client)].erp if self.site(client).is_global else home
        return (home,) if second == home else tuple(sorted((home, second)))

    def account_of(self, client: int, house: int) -> int:
        """The number of the billing account; see :mod:`hub.demo.firm.accounts`."""
        if client >= self.clients:
            return 2 * self.clients + (client - self.clients) * len(HOUSES) + house
        return 2 * client + (house != self.site(client).house)

    def is_current(self, contract: int) -> bool:
        """Whether it runs through :data:`YEAR`, so that hours are booked on its projects."""
        return contract * 100 >= self.contracts * CURRENT_SHARE and contract % 50 != 49

    def started_on(self, contract: int) -> date:
        """Contracts are numbered as they began."""
        if contract * 100 >= self.contracts * CURRENT_SHARE:
            return date(YEAR, 1, 1) - timedelta(days=contract % 300)
        days = (date(YEAR - 1, 1, 1) - OLDEST).days
        return OLDEST + timedelta(days=days * contract * 100 // (self.contracts * CURRENT_SHARE))

    def home_of(self, resource: int) -> int:
        """A consultant's employer, in the proportion of the markets."""
        return _HOUSE_OF[MARKETS[_MARKET_OF_100[self.dice("resource", resource).below(100)]].country]

    def grade_of(self, resource: int) -> tuple[str, str]:
        """Role and grade."""
        return ROLES[resource % 5], GRADES[(0, 1, 1, 2, 2, 2, 3, 3, 1, 4)[resource // 5 % 10]]


def rate_of(house: House, role: str, grade: str, year: int) -> Decimal:
    """What an hour costs in the house's own currency, as its standard card says for a year."""
    base = (95, 120, 150, 185, 240)[GRADES.index(grade)] + (0, 15, 20, 5, -10)[ROLES.index(role)]
    step = Decimal("1.04") if year >= YEAR else Decimal(1)
    places = Decimal(10) if house.currency == "JPY" else Decimal("0.5")
    return (base * house.level * step / places).quantize(Decimal(1)) * places


def fx(currency: str, month: int) -> Decimal:
    """Units of ``currency`` for one euro, the average of a month (1 to 12)."""
    drift = Decimal((month * 7 + len(currency) + ord(currency[0])) % 11 - 5) / 400
    return (EURO[currency] * (1 + (0 if currency == "EUR" else drift))).quantize(Decimal("0.0001"))


def cross(from_currency: str, to_currency: str, month: int) -> Decimal:
    """What one unit of a currency costs in another one, to six decimals."""
    return (fx(to_currency, month) / fx(from_currency, month)).quantize(Decimal("0.000001"))


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a
