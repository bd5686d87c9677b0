"""The services of the simulated tenant: entity sets with their properties as the vendor's metadata has them, of each the part that is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.odata.simulator_kinds import Kind, Nav, Prop, Service
from connectors.odata.values import BOOLEAN, DATETIME, DECIMAL, GUID, INSTANT, STRING, TIME

ROOT = "/sap/opu/odata/sap/"
_TYPES = {"date": DATETIME, "time": TIME, "at": INSTANT, "bool": BOOLEAN, "guid": GUID}
PAGE = 5000


def listed(text: str) -> tuple[Prop, ...]:
    """Properties in short: ``Name:40`` a text of that length, ``Amount:16.3`` a number, ``Day:date``; a "!" makes it required, "=" computed."""
    return tuple(_prop(one) for one in text.split())


def _prop(text: str) -> Prop:
    name, _, said = text.partition(":")
    kind = said.rstrip("!=")
    required, computed = "!" in said, "=" in said
    if kind in _TYPES:
        return Prop(name, _TYPES[kind], is_required=required, is_computed=computed, default=False if kind == "bool" else None)
    if kind[:1].isdecimal() and "." in kind:
        precision, _, scale = kind.partition(".")
        return Prop(name, DECIMAL, is_required=required, is_computed=computed, precision=int(precision), scale=int(scale))
    if kind.isdecimal():
        return Prop(name, STRING, int(kind), is_required=required, is_computed=computed, default="")
    return Prop(name, kind, is_required=required, is_computed=computed)


def kind(set_: str, key: str, text: str, *navs: Nav) -> Kind:
    parts = tuple(key.split())
    props = tuple(replace(one, default=None) if one.name in parts else one for one in listed(text))
    return Kind(set_, f"{set_}Type", parts, props, navs, object=set_)


def many(name: str, set_: str, own: str, *also: tuple[str, str]) -> Nav:
    return Nav(name, set_, own, own, is_many=True, also=also)


def one(name: str, set_: str, own: str, theirs: str = "", *also: tuple[str, str]) -> Nav:
    return Nav(name, set_, own, theirs or own, also=also)


def service(name: str, *kinds: Kind, base: str = "", complexes: Mapping[str, tuple[Prop, ...]] | None = None, keyset: bool = True) -> Service:
    return Service(
        base or f"{ROOT}{name}", {each.set: each for each in kinds}, 2, name.rpartition("/")[2].partition(";")[0], PAGE, keyset, has_csrf=True,
        needs_if_match=True, ignores_case=False, complexes=complexes or {},
    )  # fmt: skip


PARTNERS = service(
    "API_BUSINESS_PARTNER",
    kind("A_BusinessPartner", "BusinessPartner",
         "BusinessPartner:10 Customer:10= Supplier:10= BusinessPartnerCategory:1! BusinessPartnerFullName:81= BusinessPartnerGrouping:4 "
         "BusinessPartnerName:81= BusinessPartnerUUID:guid= CorrespondenceLanguage:2 CreatedByUser:12= CreationDate:date= CreationTime:time= "
         "FirstName:40 LastName:40 Language:2= LastChangeDate:date= LastChangeTime:time= LastChangedByUser:12= OrganizationBPName1:40 OrganizationBPName2:40 "
         "OrganizationBPName3:40 OrganizationBPName4:40 SearchTerm1:20 SearchTerm2:20 BusinessPartnerIsBlocked:bool ETag:26= "
         "IsMarkedForArchiving:bool BusinessPartnerIDByExtSystem:20 TradingPartner:6 YY1_Tier_bus:10",
         many("to_BusinessPartnerAddress", "A_BusinessPartnerAddress", "BusinessPartner"), many("to_BusinessPartnerRole", "A_BusinessPartnerRole", "BusinessPartner"),
         many("to_BusinessPartnerTax", "A_BusinessPartnerTaxNumber", "BusinessPartner"), many("to_BuPaIdentification", "A_BuPaIdentification", "BusinessPartner"),
         one("to_Customer", "A_Customer", "Customer")),
    kind("A_BusinessPartnerAddress", "BusinessPartner AddressID",
         "BusinessPartner:10 AddressID:10 StreetName:60 HouseNumber:10 CityName:40 PostalCode:10 Region:3 Country:3! Language:2 POBox:10 TaxJurisdiction:15"),
    kind("A_BusinessPartnerRole", "BusinessPartner BusinessPartnerRole", "BusinessPartner:10 BusinessPartnerRole:6 ValidFrom:at ValidTo:at"),
    kind("A_BusinessPartnerTaxNumber", "BusinessPartner BPTaxType", "BusinessPartner:10 BPTaxType:4 BPTaxNumber:20 BPTaxLongNumber:60"),
    kind("A_BuPaIdentification", "BusinessPartner BPIdentificationType BPIdentificationNumber",
         "BusinessPartner:10 BPIdentificationType:6 BPIdentificationNumber:60 ValidityStartDate:date ValidityEndDate:date Country:3"),
    kind("A_BusinessPartnerContact", "RelationshipNumber BusinessPartnerCompany BusinessPartnerPerson ValidityEndDate",
         "RelationshipNumber:12 BusinessPartnerCompany:10 BusinessPartnerPerson:10 ValidityEndDate:date ValidityStartDate:date IsStandardRelationship:bool",
         one("to_ContactRelationship", "A_BPContactToFuncAndDept", "RelationshipNumber")),
    kind("A_BPContactToFuncAndDept", "RelationshipNumber BusinessPartnerCompany BusinessPartnerPerson ValidityEndDate",
         "RelationshipNumber:12 BusinessPartnerCompany:10 BusinessPartnerPerson:10 ValidityEndDate:date ContactPersonFunction:4 "
         "ContactPersonDepartment:4 PhoneNumber:30 EmailAddress:241"),
    kind("A_Customer", "Customer", "Customer:10 CustomerName:80= OrderIsBlockedForCustomer:2 DeletionIndicator:bool VATRegistration:20=",
         many("to_CustomerCompany", "A_CustomerCompany", "Customer"), many("to_CustomerSalesArea", "A_CustomerSalesArea", "Customer")),
    kind("A_CustomerCompany", "Customer CompanyCode",
         "Customer:10! CompanyCode:4! PaymentTerms:4 ReconciliationAccount:10 PaymentMethodsList:10 PaymentBlockingReason:1 DeletionIndicator:bool"),
    kind("A_CustomerSalesArea", "Customer SalesOrganization DistributionChannel Division",
         "Customer:10! SalesOrganization:4! DistributionChannel:2! Division:2! Currency:5 CustomerPaymentTerms:4"),
)  # fmt: skip

PROJECTS = service(
    "API_ENTERPRISE_PROJECT_SRV;v=0002",
    kind("A_EnterpriseProject", "ProjectUUID",
         "ProjectUUID:guid ProjectInternalID:8= Project:24! ProjectDescription:40! EnterpriseProjectType:2 ProjectStartDate:date ProjectEndDate:date "
         "ProcessingStatus:2= ResponsibleCostCenter:10 ProfitCenter:10 ProjectManagerUUID:guid ProjectProfileCode:7 CompanyCode:4 ControllingArea:4 "
         "ProjectCurrency:5 IsBillingRelevant:bool LastChangeDateTime:at=",
         many("to_EnterpriseProjectElement", "A_EnterpriseProjectElement", "ProjectUUID")),
    kind("A_EnterpriseProjectElement", "ProjectElementUUID",
         "ProjectElementUUID:guid ProjectElement:24! ProjectUUID:guid! ProjectElementDescription:40! ParentObjectUUID:guid ProcessingStatus:2= SortingNumber:5 "
         "PlannedStartDate:date PlannedEndDate:date CompanyCode:4 ProfitCenter:10 ControllingArea:4 CostCenter:10 WBSElementIsBillingElement:bool "
         "LastChangeDateTime:at=",
         one("to_EnterpriseProject", "A_EnterpriseProject", "ProjectUUID"),
         one("to_ParentProjElement", "A_EnterpriseProjectElement", "ParentObjectUUID", "ProjectElementUUID")),
)  # fmt: skip

TIMES = service(
    "API_MANAGE_WORKFORCE_TIMESHEET",
    kind("TimeSheetEntryCollection", "PersonWorkAgreementExternalID CompanyCode TimeSheetRecord",
         "TimeSheetDataFields:API_MANAGE_WORKFORCE_TIMESHEET.TimeSheetDataFields PersonWorkAgreementExternalID:20! CompanyCode:4! TimeSheetRecord:12 "
         "PersonWorkAgreement:8 TimeSheetDate:date TimeSheetIsReleasedOnSave:bool TimeSheetPredecessorRecord:12 TimeSheetStatus:2 "
         "TimeSheetIsExecutedInTestRun:bool TimeSheetOperation:1"),
    complexes={"TimeSheetDataFields": listed(
        "ControllingArea:4 SenderCostCenter:10 ReceiverCostCenter:10 InternalOrder:12 ActivityType:6 WBSElement:24 WorkItem:10 BillingControlCategory:8 "
        "TimeSheetTaskType:4 TimeSheetTaskLevel:8 TimeSheetTaskComponent:8 TimeSheetNote:1000 RecordedHours:4.2 RecordedQuantity:15.3 HoursUnitOfMeasure:3 "
        "RejectionReason:4 TimeSheetOvertimeCategory:4"
    )}, keyset=False,
)  # fmt: skip

_AREA = "SalesOrganization:4! DistributionChannel:2! OrganizationDivision:2! SoldToParty:10! "
ORDERS = service(
    "API_SALES_ORDER_SRV",
    kind("A_SalesOrder", "SalesOrder",
         f"SalesOrder:10= SalesOrderType:4! {_AREA}SalesOrderDate:date RequestedDeliveryDate:date TotalNetAmount:16.3= TransactionCurrency:5 "
         "PurchaseOrderByCustomer:35 CustomerPaymentTerms:4 OverallSDProcessStatus:1= ExternalDocumentID:40 SenderBusinessSystemName:60 LastChangeDateTime:at=",
         many("to_Item", "A_SalesOrderItem", "SalesOrder")),
    kind("A_SalesOrderItem", "SalesOrder SalesOrderItem",
         "SalesOrder:10 SalesOrderItem:6 SalesOrderItemText:40 Material:40 RequestedQuantity:15.3 RequestedQuantityUnit:3 NetAmount:16.3= "
         "TransactionCurrency:5 WBSElement:24 SalesDocumentRjcnReason:2",
         one("to_SalesOrder", "A_SalesOrder", "SalesOrder"), one("to_BillingPlan", "A_SalesOrderItemBillingPlan", "SalesOrder", "", ("SalesOrderItem", "SalesOrderItem"))),
    kind("A_SalesOrderItemBillingPlan", "SalesOrder SalesOrderItem BillingPlan",
         "SalesOrder:10 SalesOrderItem:6 BillingPlan:10 BillingPlanCategory:1 BillingPlanType:2 BillingPlanStartDate:date BillingPlanEndDate:date",
         many("to_BillingPlanItem", "A_SlsOrderItemBillingPlanItem", "BillingPlan")),
    kind("A_SlsOrderItemBillingPlanItem", "SalesOrder SalesOrderItem BillingPlan BillingPlanItem",
         "SalesOrder:10 SalesOrderItem:6 BillingPlan:10 BillingPlanItem:6 BillingPlanBillingDate:date BillingPlanAmount:16.3 TransactionCurrency:5 "
         "BillingPlanAmountPercent:5.2 BillingBlockReason:2 BillingPlanServiceStartDate:date BillingPlanServiceEndDate:date BillingPlanRelatedBillgStatus:1"),
)  # fmt: skip

CONTRACTS = service(
    "API_SALES_CONTRACT_SRV",
    kind("A_SalesContract", "SalesContract",
         f"SalesContract:10= SalesContractType:4! {_AREA}SalesContractDate:date SalesContractValidityStartDate:date SalesContractValidityEndDate:date "
         "SalesContractSignedDate:date TotalNetAmount:16.3= TransactionCurrency:5 PurchaseOrderByCustomer:35 CustomerPaymentTerms:4 "
         "OverallSDProcessStatus:1= LastChangeDateTime:at=",
         many("to_Item", "A_SalesContractItem", "SalesContract")),
    kind("A_SalesContractItem", "SalesContract SalesContractItem",
         "SalesContract:10 SalesContractItem:6 SalesContractItemText:40 Material:40 RequestedQuantity:15.3 RequestedQuantityUnit:3 NetAmount:16.3 "
         "TransactionCurrency:5 SalesContractValidityStartDate:date SalesContractValidityEndDate:date"),
)  # fmt: skip

BILLING = service(
    "API_BILLING_DOCUMENT_SRV",
    kind("A_BillingDocument", "BillingDocument",
         "BillingDocument:10 SDDocumentCategory:4 BillingDocumentType:4 BillingDocumentDate:date BillingDocumentIsCancelled:bool CancelledBillingDocument:10 "
         "TotalNetAmount:16.3 TaxAmount:14.3 TotalGrossAmount:17.3 TransactionCurrency:5 CompanyCode:4 FiscalYear:4 AccountingDocument:10 SoldToParty:10 "
         "PayerParty:10 PurchaseOrderByCustomer:35 CustomerPaymentTerms:4 OverallBillingStatus:1 AccountingPostingStatus:1 AccountingTransferStatus:1 "
         "InvoiceClearingStatus:1 DocumentReferenceID:16 LastChangeDate:date LastChangeDateTime:at",
         many("to_Item", "A_BillingDocumentItem", "BillingDocument")),
    kind("A_BillingDocumentItem", "BillingDocument BillingDocumentItem",
         "BillingDocument:10 BillingDocumentItem:6 BillingDocumentItemText:40 Material:40 BillingQuantity:13.3 BillingQuantityUnit:3 NetAmount:16.3 "
         "TaxAmount:14.3 GrossAmount:16.3 TransactionCurrency:5 WBSElement:24 ProfitCenter:10 CostCenter:10 SalesDocument:10 SalesDocumentItem:6 "
         "SalesSDDocumentCategory:4 ServicesRenderedDate:date"),
)  # fmt: skip

REQUESTS = service(
    "API_BILLING_DOCUMENT_REQUEST_SRV",
    kind("A_BillingDocumentRequest", "BillingDocumentRequest",
         "BillingDocumentRequest:10 BillingDocumentRequestType:4 CompanyCode:4 SoldToParty:10 PayerParty:10 TotalNetAmount:16.3 TransactionCurrency:5 "
         "ReferenceDocument:10 ReferenceDocumentLogicalSystem:10 OverallBillingDocReqStatus:1 LastChangeDateTime:at",
         many("to_Item", "A_BillingDocumentRequestItem", "BillingDocumentRequest")),
    kind("A_BillingDocumentRequestItem", "BillingDocumentRequest BillingDocumentRequestItem",
         "BillingDocumentRequest:10 BillingDocumentRequestItem:6 BillingDocumentRequestItemText:40 NetAmount:16.3 TransactionCurrency:5 "
         "BillingQuantity:13.3 BillingQuantityUnit:3 WBSElement:24"),
)  # fmt: skip

CREDITS = service(
    "API_CREDIT_MEMO_REQUEST_SRV",
    kind("A_CreditMemoRequest", "CreditMemoRequest",
         f"CreditMemoRequest:10 CreditMemoRequestType:4 {_AREA}CreditMemoRequestDate:date TotalNetAmount:16.3 TransactionCurrency:5 SDDocumentReason:3 "
         "ReferenceSDDocument:10 PurchaseOrderByCustomer:35 SalesDocApprovalStatus:1 OverallOrdReltdBillgStatus:1 OverallSDProcessStatus:1 LastChangeDateTime:at"),
)  # fmt: skip

LEDGER = service(
    "API_OPLACCTGDOCITEMCUBE_SRV",
    kind("A_OperationalAcctgDocItemCube", "CompanyCode FiscalYear AccountingDocument AccountingDocumentItem",
         "CompanyCode:4 FiscalYear:4 AccountingDocument:10 AccountingDocumentItem:3 AccountingDocumentType:2 FinancialAccountType:1 DebitCreditCode:1 "
         "Customer:10 PostingDate:date AmountInTransactionCurrency:24.3 TransactionCurrency:5 CashDiscountAmount:24.3 PaymentMethod:1 PaymentReference:30 "
         "DocumentItemText:50 AssignmentReference:18 ClearingDate:date ClearingCreationDate:date ClearingAccountingDocument:10 ClearingDocFiscalYear:4 "
         "BillingDocument:10 IsReversed:bool LastChangeDate:date AccountingDocumentCreationDate:date"),
)  # fmt: skip

COMPANIES = service(
    "API_COMPANYCODE_SRV",
    kind("A_CompanyCode", "CompanyCode",
         "CompanyCode:4 CompanyCodeName:25 CityName:25 Country:3 Currency:5 Language:2 ChartOfAccounts:4 FiscalYearVariant:2 ControllingArea:4 VATRegistration:20"),
)  # fmt: skip

COST_CENTRES = service(
    "API_COSTCENTER_SRV",
    kind("A_CostCenter", "ControllingArea CostCenter ValidityEndDate",
         "ControllingArea:4 CostCenter:10 ValidityEndDate:date ValidityStartDate:date CompanyCode:4 CostCtrResponsiblePersonName:20 ProfitCenter:10 "
         "IsBlkdForPrimaryCostsPosting:1",
         many("to_Text", "A_CostCenterText", "CostCenter", ("ValidityEndDate", "ValidityEndDate"))),
    kind("A_CostCenterText", "CostCenter ControllingArea Language ValidityEndDate",
         "CostCenter:10 ControllingArea:4 Language:2 ValidityEndDate:date ValidityStartDate:date CostCenterName:20 CostCenterDescription:40"),
)  # fmt: skip

ACCOUNTS = service(
    "API_GLACCOUNTINCHARTOFACCOUNTS_SRV",
    kind("A_GLAccountInChartOfAccounts", "ChartOfAccounts GLAccount",
         "ChartOfAccounts:4 GLAccount:10 IsBalanceSheetAccount:bool IsProfitLossAccount:bool ProfitLossAccountType:2 GLAccountType:1 "
         "AccountIsBlockedForPosting:bool AccountIsMarkedForDeletion:bool LastChangeDateTime:at",
         many("to_Text", "A_GLAccountText", "GLAccount")),
    kind("A_GLAccountText", "ChartOfAccounts GLAccount Language", "ChartOfAccounts:4 GLAccount:10 Language:2 GLAccountName:20 GLAccountLongName:50"),
)  # fmt: skip

COMMERCIAL = service(
    "SC_PROJ_ENGMT_CREATE_UPD_SRV",
    kind("ProjectSet", "ProjectID",
         "ProjectID:40 ProjectName:40 ProjectStage:4 OrgID:5 ProjectCategory:1 Currency:5 StartDate:date EndDate:date Customer:10 CostCenter:20 ProfitCenter:10 "
         "ProjManagerExtId:38 ProjManagerCompCode:4 ChangedOn:date"),
    kind("WorkPackageSet", "ProjectID WorkPackageID WorkPackageName",
         "ProjectID:40 WorkPackageID:50 WorkPackageName:60 WPStartDate:date WPEndDate:date WorkPackageType:1 ChangedOn:date"),
    kind("A_CustProjSlsOrdItmBillgPlnItm", "CustomerProject SalesOrderItem BillingPlanItem",
         "CustomerProject:40 SalesOrderItem:6 BillingPlanItem:6 SalesOrder:10 BillingPlanBillingDate:date BillingPlanRelatedBillgStatus:1 "
         "BillingPlanAmount:16.3 TransactionCurrency:5 BillingPlanItemUsage:2 BillingPlanItemDescription:255"),
    base="/sap/opu/odata/CPD/SC_PROJ_ENGMT_CREATE_UPD_SRV",
)  # fmt: skip

PRICES = service(
    "API_SLSPRICINGCONDITIONRECORD_SRV",
    kind("A_SlsPrcgConditionRecord", "ConditionRecord",
         "ConditionRecord:10 ConditionType:4 ConditionCalculationType:1 ConditionRateValue:12.3 ConditionRateValueUnit:5 ConditionQuantity:5.0 ConditionQuantityUnit:3 "
         "ConditionValidityStartDate:date ConditionValidityEndDate:date ConditionIsDeleted:bool",
         many("to_SlsPrcgCndnRecdValidity", "A_SlsPrcgCndnRecdValidity", "ConditionRecord")),
    kind("A_SlsPrcgCndnRecdValidity", "ConditionRecord ConditionValidityEndDate",
         "ConditionRecord:10 ConditionValidityEndDate:date SalesOrganization:4 Customer:10 Material:40 EngagementProject:40"),
)  # fmt: skip

SERVICES: tuple[Service, ...] = (
    PARTNERS, PROJECTS, TIMES, ORDERS, CONTRACTS, BILLING, REQUESTS, CREDITS, LEDGER, COMPANIES, COST_CENTRES, ACCOUNTS, COMMERCIAL, PRICES,
)  # fmt: skip
READ_ONLY = frozenset({*BILLING.kinds, *REQUESTS.kinds, *LEDGER.kinds, *COMPANIES.kinds, *COST_CENTRES.kinds, *ACCOUNTS.kinds, *COMMERCIAL.kinds, *PRICES.kinds, *CREDITS.kinds})
