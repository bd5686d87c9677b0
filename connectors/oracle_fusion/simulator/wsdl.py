"""The descriptions of the SOAP services (WSDL 1.1, document/literal), as ``?WSDL`` of their addresses answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

XSD = "http://www.w3.org/2001/XMLSchema"
ADF = "http://xmlns.oracle.com/adf/svc/types/"
KINDS: Mapping[str, str] = {
    "CustomerAccountId": "long", "PartyId": "long", "CustomerAccountProfileId": "long", "AccountEstablishedDate": "date", "AccountTerminationDate": "date",
    "CreationDate": "dateTime", "LastUpdateDate": "dateTime", "CreditLimit": "decimal", "OrderAmountLimit": "decimal", "EffectiveStartDate": "date",
    "EffectiveEndDate": "date",
}  # fmt: skip
FIND = """
<xsd:complexType name="FindCriteria"><xsd:sequence>
 <xsd:element name="fetchStart" type="xsd:int"/><xsd:element name="fetchSize" type="xsd:int"/>
 <xsd:element name="filter" type="adf:ViewCriteria" minOccurs="0"/><xsd:element name="sortOrder" type="adf:SortOrder" minOccurs="0"/>
 <xsd:element name="findAttribute" type="xsd:string" minOccurs="0" maxOccurs="unbounded"/><xsd:element name="excludeAttribute" type="xsd:boolean" minOccurs="0"/>
</xsd:sequence></xsd:complexType>
<xsd:complexType name="ViewCriteria"><xsd:sequence>
 <xsd:element name="conjunction" type="xsd:string" minOccurs="0"/><xsd:element name="group" type="adf:ViewCriteriaRow" minOccurs="0" maxOccurs="unbounded"/>
</xsd:sequence></xsd:complexType>
<xsd:complexType name="ViewCriteriaRow"><xsd:sequence>
 <xsd:element name="conjunction" type="xsd:string" minOccurs="0"/><xsd:element name="upperCaseCompare" type="xsd:boolean"/>
 <xsd:element name="item" type="adf:ViewCriteriaItem" minOccurs="0" maxOccurs="unbounded"/>
</xsd:sequence></xsd:complexType>
<xsd:complexType name="ViewCriteriaItem"><xsd:sequence>
 <xsd:element name="conjunction" type="xsd:string" minOccurs="0"/><xsd:element name="upperCaseCompare" type="xsd:boolean"/>
 <xsd:element name="attribute" type="xsd:string"/><xsd:element name="operator" type="xsd:string"/>
 <xsd:element name="value" type="xsd:string" minOccurs="0" maxOccurs="unbounded"/>
</xsd:sequence></xsd:complexType>
<xsd:complexType name="SortOrder"><xsd:sequence><xsd:element name="sortAttribute" minOccurs="0" maxOccurs="unbounded"><xsd:complexType><xsd:sequence>
 <xsd:element name="name" type="xsd:string"/><xsd:element name="descending" type="xsd:boolean"/>
</xsd:sequence></xsd:complexType></xsd:element></xsd:sequence></xsd:complexType>
<xsd:complexType name="FindControl"><xsd:sequence><xsd:element name="retrieveAllTranslations" type="xsd:boolean"/></xsd:sequence></xsd:complexType>
"""


def wsdl(name: str, record: str, fields: Sequence[str], operations: Mapping[str, Sequence[tuple[str, str]]], *, records: str, types: str, action: str, address: str) -> str:
    """The description of a service. ``operations``: name → its parameters with their types (``svc:…`` records, ``adf:…`` criteria)."""
    columns = "".join(f'<xsd:element name="{one}" type="xsd:{KINDS.get(one, "string")}" minOccurs="0" nillable="true"/>' for one in fields)
    found = f'<xsd:sequence><xsd:element name="Value" type="svc:{record}" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence>'
    elements = "".join(_elements(operation, parameters, record) for operation, parameters in operations.items())
    messages = "".join(
        f'<wsdl:message name="{one}"><wsdl:part name="parameters" element="typ:{one}"/></wsdl:message>'
        f'<wsdl:message name="{one}Response"><wsdl:part name="parameters" element="typ:{one}Response"/></wsdl:message>'
        for one in operations
    )  # fmt: skip
    port = "".join(
        f'<wsdl:operation name="{one}"><wsdl:input message="svc:{one}"/><wsdl:output message="svc:{one}Response"/></wsdl:operation>' for one in operations
    )  # fmt: skip
    bound = "".join(
        f'<wsdl:operation name="{one}"><soap:operation soapAction="{action}{one}"/><wsdl:input><soap:body use="literal"/></wsdl:input>'
        f'<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>'
        for one in operations
    )  # fmt: skip
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><wsdl:definitions name="{name}" targetNamespace="{records}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" '
        f'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="{XSD}" xmlns:svc="{records}" xmlns:typ="{types}" xmlns:adf="{ADF}"><wsdl:types>'
        f'<xsd:schema targetNamespace="{ADF}" elementFormDefault="qualified">{FIND}</xsd:schema>'
        f'<xsd:schema targetNamespace="{records}" elementFormDefault="qualified"><xsd:complexType name="{record}"><xsd:sequence>{columns}</xsd:sequence></xsd:complexType>'
        f'<xsd:complexType name="{record}Result">{found}</xsd:complexType></xsd:schema>'
        f'<xsd:schema targetNamespace="{types}" elementFormDefault="qualified"><xsd:import namespace="{records}"/><xsd:import namespace="{ADF}"/>{elements}</xsd:schema>'
        f'</wsdl:types>{messages}<wsdl:portType name="{name}">{port}</wsdl:portType><wsdl:binding name="{name}SoapHttp" type="svc:{name}">'
        f'<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{bound}</wsdl:binding>'
        f'<wsdl:service name="{name}"><wsdl:port name="{name}SoapHttpPort" binding="svc:{name}SoapHttp"><soap:address location="{address}"/></wsdl:port></wsdl:service>'
        f"</wsdl:definitions>"
    )


def _elements(operation: str, parameters: Sequence[tuple[str, str]], record: str) -> str:
    asked = "".join(f'<xsd:element name="{name}" type="{kind}"/>' for name, kind in parameters)
    return (
        f'<xsd:element name="{operation}"><xsd:complexType><xsd:sequence>{asked}</xsd:sequence></xsd:complexType></xsd:element>'
        f'<xsd:element name="{operation}Response"><xsd:complexType><xsd:sequence><xsd:element name="result" type="svc:{record}Result"/></xsd:sequence></xsd:complexType></xsd:element>'
    )
