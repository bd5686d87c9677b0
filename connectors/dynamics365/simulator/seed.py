"""The records Northbeam's organisation starts with: its firms, people and projects, what was sold, worked and billed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.simulator.seed import CRM_NAMES, FIRMS, PROJECTS, STAFF

if TYPE_CHECKING:
    from connectors.dynamics365.simulator.server import Dataverse

INDUSTRIES = {"Logistics": 28, "Transport": 28, "Manufacturing": 11, "Utilities": 29, "Hospitality": 43, "Healthcare": 44, "Energy": 45, "Retail": 47}


def seed(org: Dataverse) -> None:
    """Fill an empty organisation."""

    def put(table: str, **fields: Any) -> str:
        return org.put(table, None, fields).id

    euro = put("transactioncurrency", isocurrencycode="EUR", currencyname="Euro", currencyprecision=2, exchangerate=Decimal(1))
    put("transactioncurrency", isocurrencycode="GBP", currencyname="Pound Sterling", currencyprecision=2, exchangerate=Decimal("0.85"))
    put("cdm_company", cdm_companycode="NBDE", cdm_name="Northbeam Consulting GmbH")
    unit = put("msdyn_organizationalunit", msdyn_name="Delivery Hamburg")
    hour = put("uom", name="Hour")
    role = put("bookableresourcecategory", name="Senior consultant")
    category = put("msdyn_expensecategory", msdyn_name="Travel")
    users = [
        put("systemuser", firstname=given, lastname=family, internalemailaddress=f"{given}.{family}@northbeam.example".lower(), employeeid=number, accessmode=0)
        for given, family, number, _, _ in STAFF
    ]
    put("systemuser", firstname="#", lastname="Services Hub", accessmode=4)
    people = [put("bookableresource", name=f"{given} {family}", resourcetype=3, _userid_value=users[at]) for at, (given, family, *_) in enumerate(STAFF)]
    accounts = []
    for firm in FIRMS:
        account = put(
            "account", name=firm.name, address1_line1=firm.street, address1_city=firm.city, address1_postalcode=firm.postcode,
            address1_country=CRM_NAMES[firm.country], websiteurl=f"https://{firm.domain}", industrycode=INDUSTRIES.get(firm.industry, 46),
            _transactioncurrencyid_value=euro, _ownerid_value=users[0],
        )  # fmt: skip
        accounts.append(account)
        put("contact", firstname="Lena", lastname="Brandt", emailaddress1=f"lena.brandt@{firm.domain}", jobtitle="CFO", _parentcustomerid_value=account)
        put("opportunity", name=f"{firm.name} - ERP rollout", _customerid_value=account, estimatedvalue=Decimal("184000.00"), closeprobability=60,
            estimatedclosedate="2026-04-30", _transactioncurrencyid_value=euro, _ownerid_value=users[0])  # fmt: skip
    card = put("pricelevel", name="Standard 2026", msdyn_module=192350002, begindate="2026-01-01", _transactioncurrencyid_value=euro)
    put("msdyn_resourcecategorypricelevel", _msdyn_pricelist_value=card, _msdyn_resourcecategory_value=role, _msdyn_unit_value=hour,
        msdyn_price=Decimal("165.00"), _transactioncurrencyid_value=euro)  # fmt: skip
    travel = put("msdyn_transactioncategory", msdyn_name="Travel")
    put("msdyn_transactioncategorypricelevel", _msdyn_pricelist_value=card, _msdyn_transactioncategory_value=travel, msdyn_price=Decimal("0.42"),
        _transactioncurrencyid_value=euro)  # fmt: skip
    projects = []
    for place, _, title, status, _ in PROJECTS:
        projects.append(put(
            "msdyn_project", msdyn_subject=f"{FIRMS[place].name} - {title}", _msdyn_customer_value=accounts[place], _msdyn_projectmanager_value=users[2],
            _msdyn_contractorganizationalunitid_value=unit, msdyn_scheduledstart="2026-03-02T08:00:00Z", msdyn_finish="2026-12-18T16:00:00Z",
            msdyn_overallprojectstatus=1, _transactioncurrencyid_value=euro, statuscode=1 if status in ("active", "planned") else 192350000,
        ))  # fmt: skip
    contract = put("salesorder", name="ERP rollout", _customerid_value=accounts[0], msdyn_ordertype=192350001, msdyn_psastate=192350002,
                   msdyn_psastatusreason=192350003, _transactioncurrencyid_value=euro)  # fmt: skip
    monthly = put("msdyn_invoicefrequency", msdyn_name="Monthly")
    line = put("salesorderdetail", _msdyn_invoicefrequency_value=monthly, _salesorderid_value=contract, lineitemnumber=1, productdescription="Implementation", msdyn_billingmethod=192350001,
               msdyn_budgetamount=Decimal("184000.00"), extendedamount=Decimal("184000.00"), _msdyn_project_value=projects[0],
               _transactioncurrencyid_value=euro)  # fmt: skip
    put("msdyn_contractlinescheduleofvalue", msdyn_name="Blueprint accepted", msdyn_contractline=line, _msdyn_project_value=projects[0],
        msdyn_amount=Decimal("18000.00"), msdyn_invoicedate="2026-05-29", msdyn_invoicestatus=192350000, _transactioncurrencyid_value=euro)  # fmt: skip
    task = put("msdyn_projecttask", msdyn_subject="Workshops", _msdyn_project_value=projects[0], msdyn_start="2026-05-04T07:00:00Z",
               msdyn_finish="2026-05-29T15:00:00Z", msdyn_effort=Decimal(120), msdyn_outlinelevel=1)  # fmt: skip
    put("msdyn_projectteam", _msdyn_bookableresourceid_value=people[0], _msdyn_project_value=projects[0], _msdyn_resourcecategory_value=role,
        msdyn_start="2026-05-04T07:00:00Z", msdyn_finish="2026-12-18T15:00:00Z", msdyn_effort=Decimal(400))  # fmt: skip
    put("msdyn_resourceassignment", _msdyn_bookableresourceid_value=people[0], _msdyn_projectid_value=projects[0], _msdyn_taskid_value=task,
        msdyn_start="2026-05-04T07:00:00Z", msdyn_finish="2026-05-29T15:00:00Z", msdyn_effort=Decimal(120))  # fmt: skip
    for number in range(8):
        put("msdyn_timeentry", msdyn_date=f"2026-05-{4 + number:02d}", msdyn_duration=(450, 480, 240, 390, 440, 480, 90, 300)[number],
            _msdyn_bookableresource_value=people[number % len(people)], _msdyn_project_value=projects[0], _msdyn_projecttask_value=task,
            _msdyn_resourcecategory_value=role, msdyn_type=192350000, msdyn_entrystatus=192350003 if number % 2 == 0 else 192350000,
            msdyn_externaldescription=("Workshop", "Interfaces", "Review", "Data model", "Testing", "Cut-over", "Steering", "Training")[number])  # fmt: skip
    put("msdyn_expense", msdyn_transactiondate="2026-05-05", _msdyn_expensecategory_value=category, msdyn_quantity=Decimal(1), msdyn_price=Decimal("120.00"),
        msdyn_amount=Decimal("120.00"), msdyn_salestaxamount=Decimal("22.80"), _msdyn_project_value=projects[0], _msdyn_bookableresource_value=people[0],
        msdyn_expensestatus=192350001, _transactioncurrencyid_value=euro)  # fmt: skip
    for type_code, billing in ((192350000, None), (192350005, 192350000)):
        put("msdyn_actual", msdyn_transactiontypecode=type_code, msdyn_transactionclassification=192350000, msdyn_billingstatus=billing, msdyn_quantity=Decimal("7.5"),
            msdyn_price=Decimal("165.00"), msdyn_amount=Decimal("1237.50"), msdyn_documentdate="2026-05-04", msdyn_externaldescription="Workshop",
            msdyn_salescontractline=line, _msdyn_project_value=projects[0], _msdyn_task_value=task, _msdyn_bookableresource_value=people[0],
            _msdyn_unit_value=hour, _transactioncurrencyid_value=euro)  # fmt: skip
    invoice = put("invoice", invoicenumber="INV-01412-Q8L2", name="May", _customerid_value=accounts[0], _salesorderid_value=contract, totalamount=Decimal("4788.26"),
                  totaltax=Decimal("764.51"), datedelivered="2026-05-31", duedate="2026-06-30", msdyn_projectinvoicestatus=192350002,
                  _transactioncurrencyid_value=euro)  # fmt: skip
    put("invoicedetail", _invoiceid_value=invoice, lineitemnumber=1, productdescription="Workshops in May", quantity=Decimal(1), priceperunit=Decimal("4023.75"),
        extendedamount=Decimal("4788.26"), tax=Decimal("764.51"), msdyn_contractline=line, _transactioncurrencyid_value=euro)  # fmt: skip
    put("msdyn_contractlineinvoiceschedule", msdyn_contractline=line, msdyn_invoicerundate="2026-05-31", msdyn_transactioncutoffdate="2026-05-31")
