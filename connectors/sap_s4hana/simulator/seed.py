"""The records Northbeam's tenant starts with: its companies, customers, people, projects, orders, times and documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.simulator.seed import FIRMS, PROJECTS, STAFF

if TYPE_CHECKING:
    from connectors.sap_s4hana.simulator.server import S4hana

GERMAN, BRITISH = "1010", "1110"
OPEN = "9999-12-31"
TERMS = {"N30": "NT30", "N45": "NT45", "N60": "NT60", "N14": "NT14"}


def seed(tenant: S4hana) -> None:
    """Fill an empty tenant."""
    _books(tenant)
    customers = _customers(tenant)
    workers = _workers(tenant)
    elements = _projects(tenant)
    _contracts(tenant, customers)
    _times(tenant, workers, elements)
    _documents(tenant, customers, elements)
    _commercial(tenant, customers)


def _books(tenant: S4hana) -> None:
    for code, name, country, currency in ((GERMAN, "Northbeam Consulting GmbH", "DE", "EUR"), (BRITISH, "Northbeam Consulting Ltd", "GB", "GBP")):
        tenant.put("A_CompanyCode", None, {"CompanyCode": code, "CompanyCodeName": name, "Country": country, "Currency": currency, "ChartOfAccounts": "YCOA",
                                           "FiscalYearVariant": "K4", "ControllingArea": "A000", "VATRegistration": f"{country}111222339"})  # fmt: skip
    for number, name in (("12100000", "Receivables Domestic"), ("41000000", "Revenue Domestic - Services")):
        tenant.put("A_GLAccountInChartOfAccounts", None, {"ChartOfAccounts": "YCOA", "GLAccount": number, "IsBalanceSheetAccount": number < "2"})
        for language, text in (("DE", f"{name} (DE)"), ("EN", name)):
            tenant.put("A_GLAccountText", None, {"ChartOfAccounts": "YCOA", "GLAccount": number, "Language": language, "GLAccountName": text[:20], "GLAccountLongName": text})
    for number, name, since, until in (("10101902", "Consulting", "2020-01-01", OPEN), ("10101903", "Data", "2020-01-01", "2021-12-31"), ("10101903", "Data and AI", "2022-01-01", OPEN)):
        about = {"ControllingArea": "A000", "CostCenter": number, "ValidityEndDate": until, "ValidityStartDate": since}
        tenant.put("A_CostCenter", None, {**about, "CompanyCode": GERMAN, "ProfitCenter": "YB600"})
        tenant.put("A_CostCenterText", None, {**about, "Language": "EN", "CostCenterName": name, "CostCenterDescription": f"{name}, Northbeam"})


def _customers(tenant: S4hana) -> dict[int, str]:
    """Place of the firm → its number."""
    found: dict[int, str] = {}
    for place, firm in enumerate(FIRMS):
        if not firm.erp:
            continue
        partner = tenant.put("A_BusinessPartner", None, {"BusinessPartnerCategory": "2", "BusinessPartnerGrouping": "BP02", "OrganizationBPName1": firm.legal,
                                                         "SearchTerm1": firm.name[:20].upper(), "CorrespondenceLanguage": "DE" if firm.country in ("DE", "AT", "CH") else "EN"}).id  # fmt: skip
        found[place] = partner
        street, _, number = firm.street.rpartition(" ")
        is_numbered = number[:1].isdecimal() and bool(street)
        tenant.put("A_BusinessPartnerAddress", None, {
            "BusinessPartner": partner, "StreetName": street if is_numbered else firm.street, "HouseNumber": number if is_numbered else "",
            "CityName": firm.city, "PostalCode": firm.postcode, "Country": firm.country,
        })  # fmt: skip
        if firm.vat:
            tenant.put("A_BusinessPartnerTaxNumber", None, {"BusinessPartner": partner, "BPTaxType": f"{firm.country}0", "BPTaxNumber": firm.vat})
        for role in ("FLCU00", "FLCU01"):
            tenant.put("A_BusinessPartnerRole", None, {"BusinessPartner": partner, "BusinessPartnerRole": role})
        company = BRITISH if firm.country == "GB" else GERMAN
        tenant.put("A_CustomerCompany", None, {"Customer": partner, "CompanyCode": company, "PaymentTerms": TERMS[firm.terms], "ReconciliationAccount": "12100000"})
    person = tenant.put("A_BusinessPartner", None, {"BusinessPartnerCategory": "1", "BusinessPartnerGrouping": "BP03", "FirstName": "Lena", "LastName": "Brandt",
                                                    "CorrespondenceLanguage": "DE"}).id  # fmt: skip
    about = {"RelationshipNumber": "000000000391", "BusinessPartnerCompany": found[0], "BusinessPartnerPerson": person, "ValidityEndDate": OPEN}
    tenant.put("A_BusinessPartnerContact", None, {**about, "ValidityStartDate": "2024-01-01", "IsStandardRelationship": True})
    tenant.put("A_BPContactToFuncAndDept", None, {**about, "EmailAddress": f"lena.brandt@{FIRMS[0].domain}", "PhoneNumber": "+49 40 5550 100"})
    return found


def _workers(tenant: S4hana) -> list[str]:
    """Their external numbers."""
    found = []
    for place, (given, family, *_) in enumerate(STAFF):
        person = tenant.put("A_BusinessPartner", None, {"BusinessPartnerCategory": "1", "BusinessPartnerGrouping": "BP03", "FirstName": given, "LastName": family}).id
        found.append(str(500012 + place))
        tenant.put("A_BuPaIdentification", None, {"BusinessPartner": person, "BPIdentificationType": "HCM001", "BPIdentificationNumber": found[-1],
                                                  "ValidityStartDate": "2022-04-01", "ValidityEndDate": OPEN})  # fmt: skip
    return found


def _projects(tenant: S4hana) -> list[Any]:
    """The first element of each project."""
    found = []
    for place, code, title, status, is_in_erp in PROJECTS:
        if not (is_in_erp and FIRMS[place].erp):
            continue
        british = FIRMS[place].country == "GB"
        project = tenant.put("A_EnterpriseProject", None, {
            "Project": code, "ProjectDescription": title, "EnterpriseProjectType": "01", "ProjectProfileCode": "YP03", "ProjectStartDate": "2026-03-02",
            "ProjectEndDate": "2026-12-18", "ProcessingStatus": "10" if status == "active" else "00", "ResponsibleCostCenter": "10101902", "ProfitCenter": "YB600",
            "CompanyCode": BRITISH if british else GERMAN, "ControllingArea": "A000", "ProjectCurrency": "GBP" if british else "EUR", "IsBillingRelevant": True,
        })  # fmt: skip
        root = tenant.root_of(project)
        found.append(tenant.put("A_EnterpriseProjectElement", None, {
            "ProjectElement": f"{code}.1", "ProjectElementDescription": "Delivery", "ProjectUUID": project.id, "ParentObjectUUID": root.id,
            "PlannedStartDate": "2026-03-02", "PlannedEndDate": "2026-12-18", "CompanyCode": project.fields["CompanyCode"], "WBSElementIsBillingElement": True,
        }))  # fmt: skip
    return found


def _contracts(tenant: S4hana, customers: dict[int, str]) -> None:
    area = {"SalesOrganization": GERMAN, "DistributionChannel": "10", "OrganizationDivision": "00"}
    order = tenant.put("A_SalesOrder", None, {**area, "SalesOrderType": "OR", "SoldToParty": customers[0], "SalesOrderDate": "2026-03-02",
                                              "TransactionCurrency": "EUR", "CustomerPaymentTerms": "NT30", "OverallSDProcessStatus": "B"}).id  # fmt: skip
    tenant.put("A_SalesOrderItem", None, {"SalesOrder": order, "SalesOrderItemText": "ERP rollout, fixed price", "NetAmount": Decimal("184000.00"),
                                          "TransactionCurrency": "EUR", "WBSElement": "NL-ERP.1"})  # fmt: skip
    about = {"SalesOrder": order, "SalesOrderItem": "10", "BillingPlan": "0000000051"}
    tenant.put("A_SalesOrderItemBillingPlan", None, {**about, "BillingPlanType": "02", "BillingPlanStartDate": "2026-03-02"})
    for number, day in ((1, "2026-05-29"), (2, "2026-12-18")):
        tenant.put("A_SlsOrderItemBillingPlanItem", None, {**about, "BillingPlanItem": f"{number:06d}", "BillingPlanBillingDate": day, "BillingPlanAmount": Decimal("92000.00"),
                                                           "TransactionCurrency": "EUR", "BillingPlanRelatedBillgStatus": "A"})  # fmt: skip
    contract = tenant.put("A_SalesContract", None, {
        **area, "SalesContractType": "CQ", "SoldToParty": customers[1], "SalesContractValidityStartDate": "2026-01-01", "SalesContractValidityEndDate": "2026-12-31",
        "SalesContractSignedDate": "2025-12-11", "TransactionCurrency": "CHF", "CustomerPaymentTerms": "NT30",
    }).id  # fmt: skip
    tenant.put("A_SalesContractItem", None, {"SalesContract": contract, "SalesContractItem": "10", "SalesContractItemText": "Advice on call",
                                             "NetAmount": Decimal("60000.00"), "TransactionCurrency": "CHF"})  # fmt: skip
    record = {"ConditionRecord": "0000000812", "ConditionValidityEndDate": OPEN}
    tenant.put("A_SlsPrcgConditionRecord", None, {
        **record, "ConditionType": "PPR0", "ConditionCalculationType": "C", "ConditionRateValue": Decimal("165.00"), "ConditionRateValueUnit": "EUR",
        "ConditionQuantity": Decimal(1), "ConditionQuantityUnit": "H", "ConditionValidityStartDate": "2026-01-01",
    })  # fmt: skip
    tenant.put("A_SlsPrcgCndnRecdValidity", None, {**record, "SalesOrganization": GERMAN, "Customer": customers[0], "Material": "CONS-SEN"})


def _times(tenant: S4hana, workers: list[str], elements: list[Any]) -> None:
    for number in range(8):
        element = elements[number % len(elements)]
        tenant.put("TimeSheetEntryCollection", None, {
            "PersonWorkAgreementExternalID": workers[number % len(workers)], "CompanyCode": element.fields["CompanyCode"],
            "PersonWorkAgreement": f"{50000012 + number % len(workers)}", "TimeSheetDate": f"2026-05-{4 + number:02d}", "TimeSheetStatus": "30",
            "TimeSheetIsReleasedOnSave": True, "TimeSheetDataFields": {
                "ControllingArea": "A000", "SenderCostCenter": "10101902", "ActivityType": "T001", "WBSElement": element.fields["ProjectElement"], "WorkItem": "",
                "BillingControlCategory": "", "TimeSheetTaskType": "MISC", "RecordedHours": Decimal("7.50"), "HoursUnitOfMeasure": "H", "TimeSheetNote": "Workshop",
            },
        })  # fmt: skip


def _documents(tenant: S4hana, customers: dict[int, str], elements: list[Any]) -> None:
    element = elements[0].fields["ProjectElement"]
    base = {"BillingDocumentType": "F2", "SDDocumentCategory": "M", "BillingDocumentDate": "2026-05-31", "TransactionCurrency": "EUR", "CompanyCode": GERMAN,
            "FiscalYear": "2026", "CustomerPaymentTerms": "NT30", "AccountingPostingStatus": "C", "InvoiceClearingStatus": "A"}  # fmt: skip
    amounts = {"TotalNetAmount": Decimal("4023.75"), "TaxAmount": Decimal("764.51"), "TotalGrossAmount": Decimal("4788.26")}
    for number, place, more in ((90000412, 0, {"InvoiceClearingStatus": "C"}), (90000413, 1, {}), (90000414, 0, {"BillingDocumentType": "G2", "SDDocumentCategory": "O"})):
        tenant.put("A_BillingDocument", None, {**base, **amounts, "BillingDocument": str(number), "AccountingDocument": str(9400000000 + number % 1000),
                                               "SoldToParty": f"{int(customers[place]):010d}", "PayerParty": customers[place], **more})  # fmt: skip
        tenant.put("A_BillingDocumentItem", None, {
            "BillingDocument": str(number), "BillingDocumentItem": "10", "BillingDocumentItemText": "Senior consultant, May", "BillingQuantity": Decimal("24.500"),
            "BillingQuantityUnit": "H", "NetAmount": Decimal("4023.75"), "TaxAmount": Decimal("764.51"), "GrossAmount": Decimal("4788.26"),
            "TransactionCurrency": "EUR", "WBSElement": element, "SalesDocument": "70000001", "SalesDocumentItem": "10", "SalesSDDocumentCategory": "C",
        })  # fmt: skip
    about = {"CompanyCode": GERMAN, "FiscalYear": "2026", "FinancialAccountType": "D", "Customer": customers[0], "TransactionCurrency": "EUR"}
    cleared = {"ClearingDate": "2026-06-29", "ClearingCreationDate": "2026-06-29", "ClearingAccountingDocument": "1400000077", "ClearingDocFiscalYear": "2026"}
    tenant.put("A_OperationalAcctgDocItemCube", None, {
        **about, **cleared, "AccountingDocument": "9400000412", "AccountingDocumentItem": "001", "AccountingDocumentType": "RV", "DebitCreditCode": "S", "PostingDate": "2026-05-31",
        "AmountInTransactionCurrency": Decimal("4788.26"), "BillingDocument": "90000412", "AccountingDocumentCreationDate": "2026-05-31",
    })  # fmt: skip
    tenant.put("A_OperationalAcctgDocItemCube", None, {
        **about, **cleared, "AccountingDocument": "1400000077", "AccountingDocumentItem": "002", "AccountingDocumentType": "DZ", "DebitCreditCode": "H", "PostingDate": "2026-06-29",
        "AmountInTransactionCurrency": Decimal("-4788.26"), "PaymentReference": "NOTPROVIDED", "DocumentItemText": "90000412", "AccountingDocumentCreationDate": "2026-06-29",
    })  # fmt: skip
    tenant.put("A_BillingDocumentRequest", None, {
        "BillingDocumentRequest": "8000031", "BillingDocumentRequestType": "FP02", "CompanyCode": GERMAN, "SoldToParty": customers[0], "PayerParty": customers[0],
        "TotalNetAmount": Decimal("1237.50"), "TransactionCurrency": "EUR", "OverallBillingDocReqStatus": "A",
    })  # fmt: skip
    tenant.put("A_BillingDocumentRequestItem", None, {
        "BillingDocumentRequest": "8000031", "BillingDocumentRequestItem": "10", "BillingDocumentRequestItemText": "Workshop", "NetAmount": Decimal("1237.50"),
        "TransactionCurrency": "EUR", "BillingQuantity": Decimal("7.500"), "BillingQuantityUnit": "H", "WBSElement": element,
    })  # fmt: skip
    tenant.put("A_CreditMemoRequest", None, {
        "CreditMemoRequest": "60000021", "CreditMemoRequestType": "CR", "SalesOrganization": GERMAN, "DistributionChannel": "10", "OrganizationDivision": "00",
        "SoldToParty": customers[0], "CreditMemoRequestDate": "2026-06-10", "TotalNetAmount": Decimal("165.00"), "TransactionCurrency": "EUR", "SDDocumentReason": "101",
        "ReferenceSDDocument": "90000412", "SalesDocApprovalStatus": "A", "OverallOrdReltdBillgStatus": "A", "OverallSDProcessStatus": "A",
    })  # fmt: skip


def _commercial(tenant: S4hana, customers: dict[int, str]) -> None:
    tenant.put("ProjectSet", None, {
        "ProjectID": "CP-ALPEN-01", "ProjectName": "Advice on call", "ProjectStage": "P001", "OrgID": GERMAN, "ProjectCategory": "C", "Currency": "CHF",
        "StartDate": "2026-01-01", "EndDate": "2026-12-31", "Customer": customers[1], "CostCenter": "10101902", "ProfitCenter": "YB600", "ProjManagerExtId": "500014",
        "ProjManagerCompCode": GERMAN,
    })  # fmt: skip
    tenant.put("WorkPackageSet", None, {"ProjectID": "CP-ALPEN-01", "WorkPackageID": "CP-ALPEN-01.1", "WorkPackageName": "On call", "WPStartDate": "2026-01-01",
                                        "WPEndDate": "2026-12-31"})  # fmt: skip
    tenant.put("A_CustProjSlsOrdItmBillgPlnItm", None, {
        "CustomerProject": "CP-ALPEN-01", "SalesOrderItem": "10", "BillingPlanItem": "1", "SalesOrder": "70000001", "BillingPlanBillingDate": "2026-06-30",
        "BillingPlanRelatedBillgStatus": "A", "BillingPlanAmount": Decimal("30000.00"), "TransactionCurrency": "CHF", "BillingPlanItemDescription": "First half",
    })  # fmt: skip
