"""What a database's refusal means: by SQLSTATE where it tells one, else by the numbers of MySQL, SQLite and Oracle."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from connectors.errors import ConfigurationError, ConnectorError, CredentialsError, RejectedError, RetriableError, SchemaDriftError

NUMBERS: Mapping[str, str] = {
    # MySQL and MariaDB
    "1044": "28000", "1045": "28000", "1049": "3D000", "1142": "42501", "1143": "42501", "1146": "42P01", "1054": "42703", "1064": "42601",
    "1205": "55P03", "1213": "40001", "1040": "53300", "1053": "57P01", "2002": "08001", "2003": "08001", "2006": "08006", "2013": "08006",
    "3024": "57014",
    # Oracle
    "ORA-01017": "28000", "ORA-28000": "28000", "ORA-01031": "42501", "ORA-00942": "42P01", "ORA-00904": "42703", "ORA-00060": "40P01",
    "ORA-08177": "40001", "ORA-01013": "57014", "ORA-12541": "08001", "ORA-12514": "08001", "ORA-03113": "08006", "ORA-03114": "08006",
    # SQLite
    "SQLITE_BUSY": "55P03", "SQLITE_LOCKED": "55P03", "SQLITE_CANTOPEN": "08001", "SQLITE_IOERR": "08006", "SQLITE_AUTH": "28000",
    "SQLITE_NOTADB": "08004", "no such table": "42P01", "no such column": "42703", "syntax error": "42601",
    # SQLSTATEs of ODBC
    "42S02": "42P01", "42S22": "42703", "HYT00": "57014", "HYT01": "08001", "S0002": "42P01",
}  # fmt: skip
"""Their numbers → the SQLSTATE that PostgreSQL would tell."""

REFUSED = re.compile(r"password authentication failed|no password supplied|no pg_hba\.conf entry|role \S+ does not exist|access denied for user|login failed", re.IGNORECASE)
"""How drivers say at the door, where several tell no SQLSTATE, that credentials do not hold."""


def error_of(error: BaseException, system: str, object_: str) -> ConnectorError:
    """Our error for a database's, by what happens next. Its own words are left out: they quote values."""
    state = state_of(error)
    said = f"{system} refused a query ({state})" if state else f"{system} refused a query ({type(error).__name__})"
    if state.startswith(("40", "55P", "53")) or state == "57014":
        why = "took longer than it may" if state == "57014" else "was in the way of others"
        return RetriableError(f"a query of {object_} {why} in {system} ({state})", system=system)
    if state.startswith("08") or state in ("57P01", "57P02", "57P03", "3D000"):
        return RetriableError(f"{system} cannot be reached now ({state})", system=system)
    if state.startswith("28"):
        return CredentialsError(f"{system} does not accept our credentials ({state})", system=system)
    if state == "42501":
        remedy = f"Grant the hub's user the right to read {object_}."
        return RejectedError(f"{system} does not let us read {object_}", cause="permission", remedy=remedy, code=state, system=system)
    if state.startswith(("42", "3F")):
        return SchemaDriftError(f"{said}: a table or column of {object_} is not there as declared", object=object_, path=state, system=system)
    if state.startswith("23"):
        cause = "duplicate" if state == "23505" else "reference" if state == "23503" else "validation"
        return RejectedError(said, cause=cause, code=state, system=system)  # type: ignore[arg-type]
    if isinstance(error, ConnectorError):
        return error
    if any(type(one).__name__ == "ProgrammingError" for one in _chain(error)):
        return SchemaDriftError(f"{said}: a table or column of {object_} is not there as declared", object=object_, path=object_, system=system)
    if _is_missing_driver(error):
        return ConfigurationError(f"the driver for {system} is not installed where the workers run: {error}")
    return RetriableError(said, system=system)


def state_of(error: BaseException) -> str:
    """The SQLSTATE of an error or of what it was raised from; "" when nobody tells one."""
    for one in _chain(error):
        for name in ("sqlstate", "pgcode"):
            found = getattr(one, name, None)
            if isinstance(found, str) and re.fullmatch(r"[0-9A-Z]{5}", found):
                return NUMBERS.get(found, found)
        named = getattr(one, "sqlite_errorname", "")
        if named and named.startswith(tuple(name for name in NUMBERS if name.startswith("SQLITE_"))):
            return next(state for name, state in NUMBERS.items() if name.startswith("SQLITE_") and named.startswith(name))
        first = one.args[0] if one.args else ""
        if isinstance(first, int) and str(first) in NUMBERS:
            return NUMBERS[str(first)]
        if isinstance(first, str) and re.fullmatch(r"[0-9A-Z]{5}", first):
            return NUMBERS.get(first, first)
        if isinstance(first, Mapping) and str(first.get("C", "")):
            return str(first["C"])  # pg8000's fields of PostgreSQL's message
        told = getattr(first, "full_code", None) or first
        if isinstance(told, str) and REFUSED.search(told):
            return "28000"
        for word, state in NUMBERS.items():
            if isinstance(told, str) and not word.isdigit() and told.lstrip("(").startswith(word):
                return state
    return "08001" if any(isinstance(one, OSError | TimeoutError) for one in _chain(error)) else ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [getattr(one, "orig", None), one.__cause__]


def _is_missing_driver(error: BaseException) -> bool:
    return any(isinstance(one, ImportError) for one in _chain(error)) or type(error).__name__ == "NoSuchModuleError"
