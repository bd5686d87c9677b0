"""Everything that can be set from outside: environment variables ``HUB_*``, read once at the start.

A setting is declared in one place, with its default and a sentence; reading, checking, the README's
table and its test all come from that declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from hub.errors import SettingError

if TYPE_CHECKING:
    from hub.embedded import Embedded


def setting(default: object, doc: str) -> Any:
    """A field of :class:`Settings`; its variable is HUB_ and the field's name in capitals."""
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True)
class Settings:
    """What one process of the hub was told. Secrets are kept out of ``repr``."""

    data: Path = setting(Path(".data"), "folder of the embedded servers and their passwords")  # noqa: RUF009
    database_url: str | None = setting(None, "PostgreSQL as the owner, for migrations; without it: embedded")
    worker_url: str | None = setting(None, "PostgreSQL as hub_worker; derived from HUB_DATABASE_URL")
    api_url: str | None = setting(None, "PostgreSQL as hub_api; derived likewise")
    examiner_url: str | None = setting(None, "PostgreSQL as hub_examiner (reads only); derived likewise")
    worker_password: str | None = setting(None, "password of hub_worker, when its address is derived")
    api_password: str | None = setting(None, "password of hub_api, when its address is derived")
    examiner_password: str | None = setting(None, "password of hub_examiner, when its address is derived")
    backup_url: str | None = setting(None, "PostgreSQL as hub_backup (replicates), for hub backup; derived likewise")
    backup_password: str | None = setting(None, "password of hub_backup, when its address is derived")
    redis_url: str | None = setting(None, "Redis; without it the hub works, only slower to react")
    secret_key: str | None = setting(None, "key under which stored secrets are encrypted and cursors signed")
    secret_keys_former: str | None = setting(None, "keys that are read besides it, separated by commas, while it is rotated")
    backup: Path | None = setting(None, "folder that hub up backs up to, all the time; without it: no backups")  # noqa: RUF009
    backup_every_h: float = setting(24.0, "hours between base backups; the log of what changed in between is kept all the time")
    backup_keep: int = setting(7, "base backups that are kept, with the log since the oldest of them")
    host: str = setting("127.0.0.1", "address the api listens on")
    port: int = setting(8080, "port the api listens on; 0 takes a free one")
    log_level: str = setting("info", "debug, info, warning or error")
    pool_size: int = setting(10, "connections per pool and process; PostgreSQL must allow their sum")
    lease_s: float = setting(10.0, "seconds a claim holds before other workers may take it over")
    batch_size: int = setting(50, "messages folded in one transaction on the online path")
    grace_s: float = setting(3600.0, "seconds a record may wait for its parent or match before it becomes a task")
    undo_days: int = setting(90, "days for which what a person did can be undone")
    match_again_h: float = setting(24.0, "hours between looks at what matching left: records that came one by one are judged together")
    match_backend: str = setting("duckdb", "engine that hub match settings renders Splink's settings for: duckdb or spark")
    sweep_s: float = setting(1.0, "seconds between looks at the tables when no doorbell rings")
    faults: str = setting("", "for tests only: fault points that strike, such as deliver.after_intent kill; empty: none")
    webhook_networks: str = setting(
        "local", "networks besides the public internet that webhooks may reach, such as 10.1.0.0/16; local: this machine while the hub listens only there; or none"
    )
    feed_days: int = setting(365, "days that changes stay readable by cursor; who comes later is told of the gap; 0: for good. The history stays")
    brokers: str = setting("", "brokers that subscriptions may publish to, such as nats://n1:4222, kafka+tls://k1:9093, separated by commas; empty: none")
    commands: str = setting("", "programs that connected systems may run, as names on the path or whole paths with wildcards, separated by commas, such as tap-*; empty: none")
    folders: str = setting("", "folders of this machine in which connected systems may have files read, moved and written, as whole paths with wildcards, separated by commas; empty: files are read from any, and neither moved nor written")
    databases: str = setting("", "databases that connected systems may read, as kind://host:port/name with wildcards, separated by commas, such as postgresql://replica.example/*; empty: none")
    most_tokens: int = setting(2_000, "words and signs of one GraphQL document")
    most_depth: int = setting(15, "levels of one GraphQL document")
    most_fields: int = setting(2_000, "fields of one operation, fragments counted wherever they are spread")
    most_root_fields: int = setting(30, "fields at the root of one operation")
    most_aliases: int = setting(200, "aliases of one operation")
    most_directives: int = setting(50, "directives of one operation")
    most_cost: int = setting(100_000, "values one answer may hold, counted from its page sizes; told in extensions.cost")
    most_rows: int = setting(50_000, "records one answer may hold, counted likewise")
    largest_page: int = setting(100, "records of one page of a list")
    largest_answer_bytes: int = setting(50_000_000, "size of one GraphQL answer")
    request_timeout_s: float = setting(25.0, "seconds a GraphQL request may take; then its statement is cancelled")
    requests_per_minute: int = setting(0, "requests a key may send to one api process in a minute; 0: no limit")
    cost_per_minute: int = setting(0, "cost a key may ask of one api process in a minute; 0: no limit")
    most_concurrent: int = setting(1_000, "requests one api process holds at once; more are answered 503")
    intake_waiting: int = setting(10_000, "messages that may wait to be stored in one api process, of one tenant half; more are answered 503 or 429")
    intake_waiting_bytes: int = setting(128_000_000, "bytes of such messages, of one tenant half")
    intake_per_minute: int = setting(0, "messages a tenant may send to /ingest and /hooks of one api process in a minute; 0: no limit")
    intake_timeout_s: float = setting(15.0, "seconds Postgres may take to store messages; then they are answered 503")
    head_timeout_s: float = setting(10.0, "seconds a client may take to send the head of a request")
    body_timeout_s: float = setting(30.0, "seconds a client may take to send the body of a request")
    introspection: str = setting("roles", "who may read the GraphQL schema: on (every key), roles (not role system) or off")
    persisted_documents: Path | None = setting(None, "folder of *.graphql files or manifest (Apollo, Relay) of documents trusted at the start")  # noqa: RUF009
    only_persisted: bool = setting(False, "keys other than an admin's may run trusted documents only: true or false")
    get_max_age_s: int = setting(0, "seconds a client may reuse the answer to a GET without asking again")
    cors_origins: str = setting("", "web origins whose pages may call GraphQL, separated by commas, such as https://portal.example; empty: none")

    audit_days: int = setting(3_650, "days for which sealed entries can be proven one by one; the chain of seals itself stays; 0: for ever")
    alert_webhook: str = setting("", "https address that is told when an alert opens or ends, as a CloudEvent; empty: nobody")
    alert_secret: str | None = setting(None, "what those messages are signed with, as Standard Webhooks writes it: whsec_ and base64")
    metrics_address: str = setting("", "host:port workers answer Prometheus at, such as 127.0.0.1:9464; the second and third worker take the next ports; empty: nowhere")

    console_address: str = setting("", "address people reach the console at, such as https://hub.example/console; empty: as they ask")
    session_s: float = setting(43_200.0, "seconds a sign-in to the console holds at most; two hours without a click end it too")
    oidc_issuer: str = setting("", "OpenID Connect provider that people sign in with, such as https://login.example/realms/firm; empty: API keys only")
    oidc_client_id: str = setting("", "the console's name at the provider")
    oidc_client_secret: str | None = setting(None, "its secret there; without one PKCE alone protects the sign-in")
    oidc_scope: str = setting("openid email profile", "what the provider is asked for")
    oidc_tenant: str = setting("", "slug of the tenant whom the provider's people belong to; empty: the only one")
    oidc_roles: str = setting("", "which claims give which role: claim:value=role, separated by commas, such as groups:hub-stewards=steward")
    oidc_teams: str = setting("", "which claims give which team, likewise, such as groups:finance=finance_operations")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read and check; an unknown ``HUB_*`` name is an error, since it is mostly a misspelt one.

        >>> Settings.from_environment({"HUB_PORT": "9000"}).port
        9000
        >>> Settings.from_environment({"HUB_PROT": "9000"})
        Traceback (most recent call last):
            ...
        hub.errors.SettingError: HUB_PROT is not a setting of the hub
        """
        known = {variable(each): each for each in fields(cls)}
        for name in environment:
            if name.startswith("HUB_") and name not in known and name not in INTERNAL:
                raise SettingError(name, "is not a setting of the hub")
        given: dict[str, Any] = {
            each.name: _parse(each, environment[name])
            for name, each in known.items()
            if environment.get(name)
        }
        return cls(**given)._derived()

    def on(self, embedded: Embedded) -> Settings:
        """These settings with the addresses of the embedded servers."""
        return replace(
            self,
            database_url=embedded.postgres_url,
            worker_url=embedded.role_url("hub_worker"),
            api_url=embedded.role_url("hub_api"),
            examiner_url=embedded.role_url("hub_examiner"),
            backup_url=embedded.role_url("hub_backup"),
            redis_url=self.redis_url or embedded.redis_url,
            secret_key=self.secret_key or embedded.access.secret_key,
        )

    def without_owner(self) -> Settings:
        """What api and workers may know: every address but the owner's and that of backups."""
        return replace(self, database_url=None, backup_url=None)

    def need(self, name: str) -> str:
        """The text setting of this field name; raises :class:`SettingError` when it was not given."""
        value = getattr(self, name)
        if not isinstance(value, str) or not value:
            raise SettingError(f"HUB_{name.upper()}", "is needed here and not set")
        return value

    def for_child(self) -> dict[str, str]:
        """The environment of an api or worker process: everything but logins they never use."""
        values = {variable(each): getattr(self, each.name) for each in fields(self) if each.name not in NOT_FOR_CHILDREN}
        return {name: str(value) for name, value in values.items() if value is not None}

    @cached_property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys stored secrets are read with; the first one is what is written with."""
        return tuple(dict.fromkeys((self.need("secret_key"), *self.secret_keys_besides)))

    @cached_property
    def secret_keys_besides(self) -> tuple[str, ...]:
        """The keys that are read besides the one in use."""
        former = (one.strip() for one in (self.secret_keys_former or "").split(","))
        return tuple(filter(None, former))

    @cached_property
    def limits(self) -> Limits:
        """How much one GraphQL document may ask for."""
        return Limits(**{each.name: getattr(self, each.name) for each in fields(Limits)})

    def __repr__(self) -> str:
        open_fields = (
            (each.name, getattr(self, each.name)) for each in fields(self) if not _is_secret(each.name)
        )
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in open_fields)})"

    def _derived(self) -> Settings:
        """What follows from other settings: logins of the roles, and that a hub others reach sends nothing to itself."""
        found = self
        if self.webhook_networks == "local" and not _is_loopback(self.host):
            found = replace(self, webhook_networks="none")
        if self.database_url is None:
            return found
        url = self.database_url
        return replace(
            found,
            worker_url=self.worker_url or as_role(url, "hub_worker", self.worker_password),
            api_url=self.api_url or as_role(url, "hub_api", self.api_password),
            examiner_url=self.examiner_url or as_role(url, "hub_examiner", self.examiner_password),
            backup_url=self.backup_url or as_role(url, "hub_backup", self.backup_password),
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one GraphQL document may ask for; the settings of the same names."""

    most_tokens: int = Settings.most_tokens
    most_depth: int = Settings.most_depth
    most_fields: int = Settings.most_fields
    most_root_fields: int = Settings.most_root_fields
    most_aliases: int = Settings.most_aliases
    most_directives: int = Settings.most_directives
    most_cost: int = Settings.most_cost
    most_rows: int = Settings.most_rows
    largest_page: int = Settings.largest_page


DEFAULT_LIMITS = Limits()

NOT_FOR_CHILDREN = frozenset({"database_url", "backup_url", "backup_password"})

INTERNAL = frozenset({"HUB_SUPERVISED"})
"""Variables that processes of the hub pass each other; not settings."""


@dataclass(frozen=True)
class Row:
    """One line of the README's table of settings."""

    name: str
    default: str
    doc: str


def documented() -> list[Row]:
    """Every setting, in the order of declaration."""
    return [
        Row(
            variable(each), "" if each.default in (None, MISSING) else str(each.default), each.metadata["doc"]
        )
        for each in fields(Settings)
    ]


def variable(each: Field[Any]) -> str:
    return f"HUB_{each.name.upper()}"


def as_role(url: str, role: str, password: str | None) -> str:
    """The same database, entered as another role.

    >>> as_role("postgresql://owner:x@db:5432/hub?sslmode=require", "hub_api", "p@ss")
    'postgresql://hub_api:p%40ss@db:5432/hub?sslmode=require'
    """
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    login = role if password is None else f"{role}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{place}"))


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there.

    >>> [_is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "hub.example")]
    [True, True, True, False, False]
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_secret(name: str) -> bool:
    return name.endswith(("_url", "_password", "_key", "_secret", "_keys_former"))


_LEVELS = ("debug", "info", "warning", "error")
_CHOICES = {"log_level": _LEVELS, "introspection": ("on", "roles", "off")}
_MANY = 1_000_000_000
_LIMITS = {
    "port": (0, 65_535), "backup_keep": (1, 1_000), "pool_size": (1, 1_000), "batch_size": (1, 10_000), "most_tokens": (100, 1_000_000), "most_depth": (3, 100),
    "most_fields": (1, 1_000_000), "most_root_fields": (1, 10_000), "most_aliases": (0, 100_000), "most_directives": (0, 100_000),
    "most_cost": (1, _MANY), "most_rows": (1, _MANY), "largest_page": (1, 100_000), "largest_answer_bytes": (1_000, _MANY),
    "requests_per_minute": (0, _MANY), "cost_per_minute": (0, _MANY), "most_concurrent": (1, 1_000_000), "intake_waiting": (2, _MANY), "intake_waiting_bytes": (1_000, 2**40), "intake_per_minute": (0, _MANY), "get_max_age_s": (0, 31_536_000), "undo_days": (1, 3_650), "feed_days": (0, 36_500), "audit_days": (0, 36_500),
}  # fmt: skip


def _parse(each: Field[Any], text: str) -> object:
    name, kind = variable(each), str(each.type)
    if kind.startswith("Path"):
        return Path(text)
    if kind == "bool":
        return _chosen(name, text, ("true", "false")) == "true"
    if kind == "float":
        return _number(name, text)
    if kind == "int":
        return _whole(name, text, *_LIMITS[each.name])
    if each.name.endswith("_url"):
        return _address(
            name,
            text,
            ("redis", "rediss", "unix") if each.name == "redis_url" else ("postgresql", "postgres"),
        )
    return _chosen(name, text, _CHOICES[each.name]) if each.name in _CHOICES else text


def _chosen(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text.lower() not in choices:
        raise SettingError(name, f"must be one of {', '.join(choices)}")
    return text.lower()


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingError(name, f"must be a whole number from {least} to {most}")
    return int(text)


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 86_400.0:
        raise SettingError(name, "must be a number of seconds above 0 and below 86400")
    return value


def _address(name: str, text: str, schemes: tuple[str, ...]) -> str:
    if urlsplit(text).scheme not in schemes:
        raise SettingError(name, f"must be an address beginning with {schemes[0]}://")
    return text
