"""The sealed trail: what an entry's digest covers, how entries become a seal, how seals become a chain, and how all of it is checked.

This very file goes into evidence packs as their verifier, so it needs the standard library only. Digests stand over digests: what
may hold personal values is covered by a salted digest of its own, so that an erased value leaves every seal valid.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

KINDS = {"c": "change", "d": "decision", "a": "action", "p": "proposal", "v": "vote"}
"""Letter of an entry -> what it is."""
DIGEST = 32
FILES = ("README.txt", "keys.json", "records.ndjson", "seals.ndjson", "verify.py")
"""What an evidence pack holds beside its manifest and the manifest's signature."""


def canonical(value: Any) -> bytes:
    """One spelling of a JSON value.

    >>> canonical({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def row_salt(secret: bytes, kind: str, row_id: int) -> bytes:
    """The salt of one row, from the tenant's secret one: a pack can show it without showing any other's."""
    return hmac.digest(secret, f"{kind} {row_id}".encode(), "sha256")


def covers(salt: bytes, values: Mapping[str, str]) -> dict[str, str]:
    """Name -> digest of each value that may be erased one day."""
    return {name: hmac.digest(salt, f"{name}\0{text}".encode(), "sha256").hex() for name, text in values.items()}


def leaf(kind: str, row_id: int, open_: Mapping[str, str | None], covered: Mapping[str, str]) -> bytes:
    """The digest of one entry: what everybody may see as it is, the rest by its digests."""
    return hashlib.sha256(b"\0" + canonical([kind, row_id, open_, covered])).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """As RFC 6962 hashes a tree: pairs from the left, an odd one goes up as it is.

    >>> merkle_root([b"a"]) == b"a"
    True
    """
    row = list(leaves) or [hashlib.sha256().digest()]
    while len(row) > 1:
        pairs = [hashlib.sha256(b"\1" + row[at] + row[at + 1]).digest() for at in range(0, len(row) - 1, 2)]
        row = pairs + ([row[-1]] if len(row) % 2 else [])
    return row[0]


def seal_digest(seal: Mapping[str, Any]) -> bytes:
    """What is signed, and what the next seal names as its previous one. Digests are hexadecimal, ``made_at`` is in UTC."""
    return hashlib.sha256(b"\2" + canonical({name: seal[name] for name in ("tenant", "seal", "made_at", "count", "root", "previous", "key")})).digest()


def split(leaves: bytes) -> list[bytes]:
    return [leaves[at : at + DIGEST] for at in range(0, len(leaves), DIGEST)]


def seal_problems(seal: Mapping[str, Any], previous: Mapping[str, Any] | None, public: bytes | None, *, verify: Any = None) -> Iterator[str]:
    """What is wrong with one seal and its place behind ``previous`` (None: nothing is known of the one before)."""
    name = f"seal {seal['seal']}"
    if previous is not None and seal["seal"] != previous["seal"] + 1:
        yield f"{name}: seals {previous['seal'] + 1} to {seal['seal'] - 1} are missing"
    elif previous is not None and seal["previous"] != previous["digest"]:
        yield f"{name}: it does not continue seal {previous['seal']}"
    if seal_digest(seal).hex() != seal["digest"]:
        yield f"{name}: its head does not fit its digest"
    if public is None:
        yield f"{name}: it is signed with an unknown key"
    elif not (verify or ed25519_verified)(public, bytes.fromhex(seal["signature"]), bytes.fromhex(seal["digest"])):
        yield f"{name}: its signature is wrong"
    if seal.get("leaves") is not None:
        leaves = split(bytes.fromhex(seal["leaves"]))
        if not len(leaves) == len(seal["ids"]) == len(seal["kinds"]) == seal["count"]:
            yield f"{name}: entries are missing"
        elif merkle_root(leaves).hex() != seal["root"]:
            yield f"{name}: its entries do not fit its root"


def record_problem(record: Mapping[str, Any], seal: Mapping[str, Any] | None) -> str:
    """What is wrong with one record of a pack; empty when it is as it was sealed."""
    name = label(record["kind"], record["id"], record["open"])
    if seal is None or seal.get("leaves") is None:
        return f"{name}: seal {record['seal']} does not show its entries"
    if not 0 <= record["place"] < len(seal["ids"]) or (KINDS.get(seal["kinds"][record["place"]]), seal["ids"][record["place"]]) != (
        record["kind"], record["id"],
    ):  # fmt: skip
        return f"{name}: seal {record['seal']} does not hold it there"
    digests = {**covers(bytes.fromhex(record["salt"]), record["covered"]), **record["erased"]}
    if leaf(record["kind"], record["id"], record["open"], digests) != split(bytes.fromhex(seal["leaves"]))[record["place"]]:
        return f"{name}: it is not as it was when seal {record['seal']} was made ({seal['made_at']})"
    return ""


def label(kind: str, row_id: int, open_: Mapping[str, str | None]) -> str:
    """
    >>> label("change", 17, {"entity": "client", "record": "0198", "version": "3"})
    'change 17 (client 0198 version 3)'
    """
    said = " ".join(part for part in (open_.get("entity"), open_.get("record"), f"version {open_['version']}" if open_.get("version") else "") if part)
    return f"{kind} {row_id} ({said})" if said else f"{kind} {row_id}"


def pack_problems(files: Mapping[str, bytes]) -> Iterator[str]:
    """Everything wrong with an evidence pack: file by file, seal by seal, record by record."""
    told: dict[str, Any] = {}
    for name, kind in (("manifest.json", dict), ("manifest.sig", dict), ("keys.json", list)):
        try:
            told[name] = json.loads(files[name])
        except (KeyError, ValueError):
            told[name] = None
        if not isinstance(told[name], kind):
            yield f"{name}: the file cannot be read"
            told[name] = kind()
    manifest, signature = told["manifest.json"], told["manifest.sig"]
    keys: dict[str, bytes] = {}
    for one in told["keys.json"]:
        try:
            keys[one["key"]] = bytes.fromhex(one["public"])
        except (KeyError, ValueError, TypeError):
            yield "keys.json: a key cannot be read"
    public = keys.get(str(signature.get("key")))
    if public is None or key_id(public) != signature["key"] or not _is_signed(public, signature.get("signature"), files.get("manifest.json", b"")):
        yield "manifest.json: its signature (manifest.sig) is wrong"
    for name, public in keys.items():
        if key_id(public) != name:
            yield f"keys.json: key {name} is not what its name says"
    for name in FILES:
        if name not in files:
            yield f"{name}: the file is missing"
        elif hashlib.sha256(files[name]).hexdigest() != (manifest.get("files") or {}).get(name):
            yield f"{name}: the file is not as it was packed"
    seals: dict[int, dict[str, Any]] = {}
    previous: dict[str, Any] | None = None
    for seal in _lines(files, "seals.ndjson"):
        if isinstance(seal, str):
            yield seal
            continue
        try:
            yield from seal_problems(seal, previous, keys.get(seal["key"]))
        except (KeyError, ValueError, TypeError, IndexError) as error:
            yield f"seals.ndjson: a seal cannot be read ({type(error).__name__} {error})"
            continue
        seals[seal["seal"]] = previous = seal
    head = manifest.get("head") or {}
    if previous is not None and head.get("seal") == previous["seal"] and head.get("digest") != previous["digest"]:
        yield f"seal {previous['seal']}: it is not the head that the manifest names"
    for record in _lines(files, "records.ndjson"):
        if isinstance(record, str):
            yield record
            continue
        try:
            problem = record_problem(record, seals.get(record["seal"]))
        except (KeyError, ValueError, TypeError, IndexError) as error:
            problem = f"records.ndjson: a record cannot be read ({type(error).__name__} {error})"
        if problem:
            yield problem


def _is_signed(public: bytes, signature: object, message: bytes) -> bool:
    try:
        return ed25519_verified(public, bytes.fromhex(str(signature)), hashlib.sha256(message).digest())
    except ValueError:
        return False


def _lines(files: Mapping[str, bytes], name: str) -> Iterator[Any]:
    """The lines of a file; one that cannot be read is a text that says so."""
    for number, line in enumerate(files.get(name, b"").split(b"\n"), 1):
        if line.strip():
            try:
                found = json.loads(line)
            except ValueError:
                found = None
            yield found if isinstance(found, dict) else f"{name}: line {number} cannot be read"


def key_id(public: bytes) -> str:
    """The name of a public key: what an auditor compares with what was told on another way."""
    return hashlib.sha256(public).hexdigest()[:32]


# Ed25519 as RFC 8032 writes it: slow and plain, for an auditor's machine that has nothing but Python.

_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _plus(a: _Point, b: _Point) -> _Point:
    p, q = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    r, s = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = q - p, s - r, s + r, q + p
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(scalar: int, point: _Point) -> _Point:
    total: _Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _plus(total, point)
        point, scalar = _plus(point, point), scalar >> 1
    return total


def _x_of(y: int, sign: int) -> int | None:
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if not square:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P:
        return None
    return _P - x if x & 1 != sign else x


def _point(encoded: bytes) -> _Point | None:
    y = int.from_bytes(encoded, "little")
    x = _x_of(y & (1 << 255) - 1, y >> 255)
    return None if x is None else (x, y & (1 << 255) - 1, 1, x * (y & (1 << 255) - 1) % _P)


_BY = 4 * pow(5, _P - 2, _P) % _P
_BASE: _Point = (_x_of(_BY, 0) or 0, _BY, 1, (_x_of(_BY, 0) or 0) * _BY % _P)


def ed25519_verified(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature is of this message under this public key.

    >>> public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    >>> signed = bytes.fromhex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
    >>> ed25519_verified(public, signed, b""), ed25519_verified(public, signed, b"x")
    (True, False)
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= _Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _Q
    left, right = _times(s, _BASE), _plus(r, _times(h, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % _P or (left[1] * right[2] - right[1] * left[2]) % _P)


def named(problems: Iterable[str], most: int = 100) -> list[str]:
    """The first problems, each once."""
    found: dict[str, None] = {}
    for one in problems:
        found[one] = None
        if len(found) >= most:
            break
    return list(found)
