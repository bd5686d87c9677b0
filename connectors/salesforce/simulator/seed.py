"""The records Northbeam's org starts with: its firms, their people, what may become of them, and what is sold."""

from __future__ import annotations

from decimal import Decimal

from connectors.salesforce.simulator.org import Org
from connectors.simulator.seed import FIRMS

COUNTRIES = {
    "DE": "Germany", "CH": "Switzerland", "GB": "United Kingdom", "FR": "France", "NL": "Netherlands", "IT": "Italy", "US": "United States",
    "ES": "Spain", "SE": "Sweden", "AT": "Austria", "BE": "Belgium", "IE": "Ireland", "DK": "Denmark",
}  # fmt: skip
INDUSTRIES = {"Logistics": "Shipping", "Transport": "Transportation"}


def seed(org: Org) -> None:
    """Fill an empty org."""
    owner = org.put("User", None, {"Username": "mara@northbeam.example", "FirstName": "Mara", "LastName": "Lindqvist", "Email": "mara@northbeam.example",
                                   "UserType": "Standard", "EmployeeNumber": "NB-007", "TimeZoneSidKey": "Europe/Berlin"}).id  # fmt: skip
    for firm in FIRMS:
        account = org.put("Account", None, {
            "Name": firm.name, "Type": "Customer - Direct" if firm.psa else "Prospect", "BillingStreet": firm.street, "BillingCity": firm.city,
            "BillingPostalCode": firm.postcode, "BillingCountry": COUNTRIES[firm.country], "Website": f"https://{firm.domain}" if firm.domain else None,
            "Industry": INDUSTRIES.get(firm.industry, firm.industry), "OwnerId": owner,
        }).id  # fmt: skip
        org.put("Contact", None, {"AccountId": account, "FirstName": "Lena", "LastName": "Brandt", "Email": f"lena.brandt@{firm.domain}", "Title": "CFO"})
        org.put("Opportunity", None, {
            "AccountId": account, "Name": f"{firm.name} - ERP rollout", "StageName": "Closed Won", "Amount": Decimal("184000.00"),
            "Probability": Decimal(100), "CloseDate": "2026-04-30", "OwnerId": owner,
        })  # fmt: skip
    item = org.put("Product2", None, {"ProductCode": "CONS-SEN", "Name": "Senior consultant"}).id
    book = org.put("Pricebook2", None, {"Name": "Standard 2026", "IsStandard": True}).id
    org.put("PricebookEntry", None, {"Pricebook2Id": book, "Product2Id": item, "UnitPrice": Decimal("165.00")})
