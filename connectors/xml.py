"""XML as it crosses the wire, and SOAP 1.1 on top of it: no DTD, no entity of its own, nothing without bounds, nothing lost.

A document becomes an :class:`Element`, an element becomes a *value*: text, or a table of its children. Whoever reads a table says
which children are lists, for one record looks like one element and two look like two; what occurs twice and is not declared a list
is an error, never overwritten. Numbers stay text on the way in and exact on the way out.

What an attacker may send is refused by the parser as it comes along (``defusedxml`` would only wrap the same parser): a DTD ends the
reading before any entity in it is declared, so no entity can grow, and nothing outside of the document is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.parsers import expat

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_CONTENT_TYPE = "text/xml; charset=utf-8"
NIL = f"@{{{XSI}}}nil"
"""Key of a table whose element is stated empty; such an element reads as None."""
XSI_TYPE = f"@{{{XSI}}}type"
"""Key of a table that names its derived type."""
TEXT = "#text"
"""Key of the text of an element that has attributes or children as well."""
_BETWEEN = "\x01"
_XML = "http://www.w3.org/XML/1998/namespace"
_PREFIXES = {SOAP_11: "soap", XSI: "xsi", XSD: "xsd", _XML: "xml"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE = {**_IN_TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}


class XmlError(ValueError):
    """A document is not XML we take, or a value cannot be said in XML. ``path`` leads to the place, such as "create/PROJECT/NAME"."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(f"{message} at {path}" if path else message)
        self.path = path


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a document may be. Bytes of the whole, levels, elements and attributes in all, characters of one text."""

    size: int = 50_000_000
    depth: int = 64
    elements: int = 1_000_000
    attributes: int = 1_000_000
    text: int = 10_000_000


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Element:
    """One element. ``tag`` and the names of attributes are local names, or ``{namespace}local``; ``text`` has no markup.

    Text beside children is kept only if it is more than white space.
    """

    tag: str
    text: str = ""
    children: tuple[Element, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The local name."""
        return self.tag.rpartition("}")[2]

    @property
    def namespace(self) -> str:
        return self.tag[1:].partition("}")[0] if self.tag.startswith("{") else ""

    def all(self, name: str) -> Iterator[Element]:
        """The children of this local name, or of this tag when it is one with a namespace."""
        return (one for one in self.children if (one.tag if name.startswith("{") else one.name) == name)

    def find(self, path: str) -> Element | None:
        """The first element at a path of local names ("control/status"), None when there is none."""
        found: Element | None = self
        for name in path.split("/"):
            found = next(found.all(name), None) if found is not None else None
        return found

    def said(self, path: str) -> str:
        """The text at a path without white space around it, "" when there is no such element."""
        found = self.find(path)
        return found.text.strip() if found is not None else ""


# --- reading ---------------------------------------------------------------------------------------------------------


def parse_xml(raw: bytes | str, bounds: Bounds = BOUNDS) -> Element:
    """Read a document. Raises XmlError when it is malformed, cut, beyond the bounds, or has a DTD.

    Bytes are in the encoding that the document declares or its first bytes show, else UTF-8.

    >>> parse_xml(b'<r status="ok"><n>1</n></r>')
    Element(tag='r', text='', children=(Element(tag='n', text='1', children=(), attributes={}),), attributes={'status': 'ok'})
    """
    if len(raw) > bounds.size:
        raise XmlError(f"the document is larger than {bounds.size} bytes")
    return _Reader(bounds).read(raw)


@dataclass(slots=True)
class _Open:
    """An element whose end has not come yet."""

    tag: str
    attributes: dict[str, str]
    texts: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)
    size: int = 0


class _Reader:
    """One reading. The document is given to the parser in one piece, for a token is scanned anew with each further one."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.open: list[_Open] = []
        self.root: Element | None = None
        self.elements = self.attributes = 0

    def read(self, raw: bytes | str) -> Element:
        parser = expat.ParserCreate("utf-8" if isinstance(raw, str) else None, _BETWEEN)
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(raw.encode() if isinstance(raw, str) else raw, True)
        except expat.ExpatError as error:
            raise XmlError(f"the document is not well-formed: {expat.ErrorString(error.code)} in line {error.lineno}", self._path()) from error
        except (ValueError, LookupError) as error:
            if isinstance(error, XmlError):
                raise
            raise XmlError("the document is in an encoding we do not read") from error
        if self.root is None:
            raise XmlError("the document is empty")
        return self.root

    def _doctype(self, *_: Any) -> None:
        raise XmlError("the document has a DTD, which we do not read")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.attributes += len(attributes)
        if len(self.open) >= self.bounds.depth:
            raise XmlError(f"the document is nested deeper than {self.bounds.depth} levels")
        if self.elements > self.bounds.elements:
            raise XmlError(f"the document has more than {self.bounds.elements} elements")
        if self.attributes > self.bounds.attributes:
            raise XmlError(f"the document has more than {self.bounds.attributes} attributes")
        self.open.append(_Open(_clark(tag), {_clark(name): value for name, value in attributes.items()} if attributes else attributes))

    def _text(self, text: str) -> None:
        one = self.open[-1]
        one.size += len(text)
        if one.size > self.bounds.text:
            raise XmlError(f"a text is longer than {self.bounds.text} characters", self._path())
        one.texts.append(text)

    def _end(self, _: str) -> None:
        one = self.open.pop()
        text = "".join(one.texts)
        if one.children and not text.strip(" \t\r\n"):
            text = ""
        made = Element(one.tag, text, tuple(one.children), one.attributes)
        if self.open:
            self.open[-1].children.append(made)
        else:
            self.root = made

    def _path(self) -> str:
        return "/".join(one.tag.rpartition("}")[2] for one in self.open)


def _clark(name: str) -> str:
    namespace, _, local = name.rpartition(_BETWEEN)
    return f"{{{namespace}}}{local}" if namespace else local


def value_of(element: Element, lists: Collection[str] = ()) -> Any:
    """An element as text, None (``xsi:nil``), or a table: children by local name, attributes by ``@name``, text beside them as ``#text``.

    ``lists`` names the children that are lists, by local name or as "parent/name"; one of them is then a list of one. Raises
    XmlError when another child occurs twice.

    >>> value_of(parse_xml("<LINES><LINE><NO>1</NO><MEMO/></LINE></LINES>"), lists={"LINE"})
    {'LINE': [{'NO': '1', 'MEMO': ''}]}
    """
    return _value(element, frozenset(lists), element.name)


def _value(element: Element, lists: frozenset[str], path: str) -> Any:
    if element.attributes.get(NIL[1:]) in ("true", "1"):
        return None
    if not element.children and not element.attributes:
        return element.text
    found: dict[str, Any] = {f"@{name}": value for name, value in element.attributes.items()}
    if element.text:
        found[TEXT] = element.text
    parent = element.name
    for child in element.children:
        name = child.name
        inner = _value(child, lists, f"{path}/{name}")
        if name in lists or f"{parent}/{name}" in lists:
            found.setdefault(name, []).append(inner)
        elif name in found:
            raise XmlError(f"the element {name} occurs more than once and is not declared a list", path)
        else:
            found[name] = inner
    return found


# --- writing ---------------------------------------------------------------------------------------------------------


def element_of(name: str, value: Any, namespace: str = "") -> Element:
    """A value as an element, all of one namespace: what :func:`value_of` reads. A list becomes one element for each item.

    Truth values are true and false, numbers exact text, None an empty element (``{NIL: "true"}`` where a system tells the two apart).
    Raises XmlError for floats, other kinds of values, characters XML cannot carry, and keys that are no names.

    >>> dump_xml(element_of("PROJECT", {"NAME": "R&D", "HOURS": Decimal("7.50"), "TASK": [1, 2]}), declares=False)
    b'<PROJECT><NAME>R&amp;D</NAME><HOURS>7.50</HOURS><TASK>1</TASK><TASK>2</TASK></PROJECT>'
    """
    return _element(name, value, f"{{{namespace}}}" if namespace else "", name)


def _element(name: str, value: Any, namespace: str, path: str) -> Element:
    if not isinstance(value, Mapping):
        return Element(namespace + name, _text_of(value, path))
    if path.count("/") >= BOUNDS.depth:
        raise XmlError(f"the value is nested deeper than {BOUNDS.depth} levels")
    attributes: dict[str, str] = {}
    children: list[Element] = []
    text = ""
    for key, inner in value.items():
        place = f"{path}/{key}"
        if key == TEXT:
            text = _text_of(inner, place)
        elif key.startswith("@"):
            attributes[key[1:]] = _text_of(inner, place)
        elif isinstance(inner, list | tuple):
            children.extend(_element(key, one, namespace, place) for one in inner)
        else:
            children.append(_element(key, inner, namespace, place))
    return Element(namespace + name, text, tuple(children), attributes)


def _text_of(value: Any, path: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return legal(value, path)
        case int():
            return str(value)
        case Decimal() if value.is_finite():
            return f"{value:f}"
    raise XmlError(f"{type(value).__name__} has no exact form in XML", path)


def legal(text: str, path: str = "") -> str:
    """The text itself. Raises XmlError with the first character that XML 1.0 cannot carry, not even escaped."""
    found = _ILLEGAL.search(text)
    if found is not None:
        raise XmlError(f"the character U+{ord(found[0]):04X} at position {found.start()} cannot be said in XML", path)
    return text


def dump_xml(root: Element, prefixes: Mapping[str, str] | None = None, *, declares: bool = True) -> bytes:
    """The document as UTF-8. ``prefixes`` (namespace → prefix) are declared at the root, beside those of SOAP and XML Schema where
    they are used; other namespaces become the default one where they begin. Values that are themselves qualified names
    (``xsi:type``) need a prefix that is given here, for nothing tells them from text. Raises XmlError as :func:`element_of` does."""
    named = {**_PREFIXES, **(prefixes or {})}
    used = {one for one in _namespaces(root) if one in named} | set(prefixes or ())
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n'] if declares else []
    declared = "".join(f' xmlns:{_checked(named[one], "")}="{_escaped(one, _IN_ATTRIBUTE, "")}"' for one in sorted(used) if one != _XML)
    _Writer(named, parts).write(root, "", declared, "", 0)
    return "".join(parts).encode()


@dataclass(slots=True)
class _Writer:
    prefixes: Mapping[str, str]
    parts: list[str]

    def write(self, one: Element, default: str, more: str, path: str, depth: int) -> None:
        """Append an element; ``default`` is the namespace without a prefix at this place, ``more`` further attributes."""
        path = f"{path}/{one.name}" if path else one.name
        if depth >= BOUNDS.depth:
            raise XmlError(f"the document would be nested deeper than {BOUNDS.depth} levels", path)
        local, namespace = _checked(one.name, path), one.namespace
        if namespace in self.prefixes:
            local = f"{self.prefixes[namespace]}:{local}"
        elif namespace != default:
            default, more = namespace, f'{more} xmlns="{_escaped(namespace, _IN_ATTRIBUTE, path)}"'
        self.parts.append(f"<{local}{more}{''.join(self._attribute(name, value, path) for name, value in one.attributes.items())}")
        if not one.text and not one.children:
            self.parts.append("/>")
            return
        self.parts.append(f">{_escaped(one.text, _IN_TEXT, path)}")
        for child in one.children:
            self.write(child, default, "", path, depth + 1)
        self.parts.append(f"</{local}>")

    def _attribute(self, name: str, value: str, path: str) -> str:
        namespace, _, local = name[1:].rpartition("}") if name.startswith("{") else ("", "", name)
        if namespace and namespace not in self.prefixes:
            raise XmlError(f"the attribute {local} is of a namespace that has no prefix", path)
        prefix = f"{self.prefixes[namespace]}:" if namespace else ""
        return f' {prefix}{_checked(local, path)}="{_escaped(value, _IN_ATTRIBUTE, path)}"'


def _namespaces(root: Element) -> Iterator[str]:
    waiting = [root]
    while waiting:
        one = waiting.pop()
        yield from (name[1:].partition("}")[0] for name in (one.tag, *one.attributes) if name.startswith("{"))
        waiting.extend(one.children)


def _checked(name: str, path: str) -> str:
    if not _NAME.fullmatch(name) or name.lower() == "xmlns":
        raise XmlError(f"{name[:40]!r} is no name of an element", path)
    return name


def _escaped(text: str, forms: Mapping[str, str], path: str) -> str:
    legal(text, path)
    return "".join(forms.get(one, one) for one in text) if any(one in text for one in forms) else text


# --- SOAP 1.1 --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault: ``code`` as sent (``soap:Client``), ``reason`` for people, ``detail`` as the system made it."""

    code: str
    reason: str
    actor: str = ""
    detail: Element | None = None

    @property
    def is_ours(self) -> bool:
        """Whether the request is at fault: sent again as it is, it fails again."""
        return self.code.rpartition(":")[2].partition(".")[0] in ("Client", "MustUnderstand", "VersionMismatch")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a SOAP message carries; an answer has a ``fault`` or a ``body``."""

    headers: tuple[Element, ...]
    body: Element | None
    fault: Fault | None = None


def envelope(body: Element, headers: Sequence[Element] = ()) -> Element:
    """A SOAP message around one element."""
    head = (Element(f"{{{SOAP_11}}}Header", children=tuple(headers)),) if headers else ()
    return Element(f"{{{SOAP_11}}}Envelope", children=(*head, Element(f"{{{SOAP_11}}}Body", children=(body,))))


def fault(code: str, reason: str, detail: Element | None = None) -> Element:
    """The body of a message that says what went wrong; ``code`` is Client or Server."""
    parts = [Element("faultcode", f"soap:{code}"), Element("faultstring", legal(reason, "faultstring"))]
    return Element(f"{{{SOAP_11}}}Fault", children=(*parts, *((Element("detail", children=(detail,)),) if detail else ())))


def opened(root: Element) -> Envelope:
    """What a SOAP message carries. Raises XmlError when it is none, or one of another version of SOAP."""
    if root.tag != f"{{{SOAP_11}}}Envelope":
        raise XmlError(f"expected a SOAP 1.1 envelope, got {root.tag[:100]}")
    bodies = list(root.all(f"{{{SOAP_11}}}Body"))
    if len(bodies) != 1:
        raise XmlError("a SOAP message has one body", "Envelope")
    headers = tuple(header for one in root.all(f"{{{SOAP_11}}}Header") for header in one.children)
    body = bodies[0].children[0] if bodies[0].children else None
    if body is None or body.tag != f"{{{SOAP_11}}}Fault":
        return Envelope(headers, body)
    detail = body.find("detail")
    said = Fault(body.said("faultcode"), body.said("faultstring"), body.said("faultactor"), detail.children[0] if detail and detail.children else None)
    return Envelope(headers, None, said)
