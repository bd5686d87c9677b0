"""What a user of pyodata does: reads the metadata, asks, creates with a token of the session, changes, and meets errors."""

import json
import sys

import pyodata
import requests
from pyodata.exceptions import HttpError

ADDRESS, USER, PASSWORD = sys.argv[1:4]
ROOT = f"{ADDRESS}/sap/opu/odata/sap"
told = {}


def opened(service):
    """A client of a service, and the session it speaks through."""
    session = requests.Session()
    session.auth = (USER, PASSWORD)
    address = f"{ROOT}/{service}/"
    metadata = session.get(f"{address}$metadata").content
    return pyodata.Client(address, session, metadata=metadata), session, address


def refusal(request):
    try:
        request.execute()
    except HttpError as error:
        body = error.response.text
        return [error.response.status_code, json.loads(body)["error"]["code"] if body.startswith("{") else body]
    return ["taken", ""]


partners, session, address = opened("API_BUSINESS_PARTNER")
told["sets"] = sorted(one.name for one in partners.schema.entity_sets)[:3]
told["key"] = [one.name for one in partners.schema.entity_type("A_BusinessPartnerAddressType").key_proprties]
set_ = partners.entity_sets.A_BusinessPartner
told["partners"] = len(set_.get_entities().filter("BusinessPartnerCategory eq '2'").select("BusinessPartner,BusinessPartnerFullName").execute())
told["counted"] = set_.get_entities().filter("BusinessPartnerCategory eq '2'").count(inline=True).top(2).execute().total_count
one = set_.get_entity("1000001").expand("to_BusinessPartnerAddress").execute()
told["one"] = [one.BusinessPartnerFullName, one.BusinessPartnerIsBlocked, one.CreationDate.tzname(), one.to_BusinessPartnerAddress[0].CityName]
told["walked"] = set_.get_entity("1000001").nav("to_BusinessPartnerTax").get_entities().execute()[0].BPTaxNumber
told["without_token"] = refusal(set_.create_entity().set(BusinessPartnerCategory="2", OrganizationBPName1="No token"))
token = session.head(address, headers={"x-csrf-token": "fetch"}).headers["x-csrf-token"]
session.headers.update({"x-csrf-token": token})
made = set_.create_entity().set(BusinessPartnerCategory="2", BusinessPartnerGrouping="BP02", OrganizationBPName1="Oracle & Söhne").execute()
told["created"] = [made.Customer == made.BusinessPartner, made.BusinessPartnerFullName]
told["without_condition"] = refusal(set_.update_entity(made.BusinessPartner).set(SearchTerm1="ORACLE"))
session.headers.update({"if-match": "*"})
set_.update_entity(made.BusinessPartner).set(SearchTerm1="ORACLE").execute()
told["updated"] = set_.get_entity(made.BusinessPartner).execute().SearchTerm1
session.headers.update({"if-match": 'W/"\'20200101000000.0000000%20\'"'})
told["stale"] = refusal(set_.update_entity(made.BusinessPartner).set(SearchTerm1="STALE"))
session.headers.update({"if-match": "*"})
told["refused"] = refusal(set_.create_entity().set(BusinessPartnerCategory="2", BusinessPartnerGrouping="ZZ99", OrganizationBPName1="x"))
told["gone"] = refusal(set_.get_entity("4711"))

billing, _, _ = opened("API_BILLING_DOCUMENT_SRV")
document = billing.entity_sets.A_BillingDocument.get_entity("90000412").execute()
told["document"] = [str(document.TotalNetAmount), document.BillingDocumentDate.date().isoformat(), document.LastChangeDateTime.tzname()]
times, _, _ = opened("API_MANAGE_WORKFORCE_TIMESHEET")
entries = times.entity_sets.TimeSheetEntryCollection.get_entities().filter("TimeSheetDate ge datetime'2026-05-04T00:00:00' and TimeSheetDate le datetime'2026-05-06T00:00:00'").execute()
told["times"] = [[one.TimeSheetRecord, str(one.TimeSheetDataFields["RecordedHours"])] for one in entries]
projects, _, _ = opened("API_ENTERPRISE_PROJECT_SRV;v=0002")
found = projects.entity_sets.A_EnterpriseProject.get_entities().filter("Project eq 'NL-ERP'").execute()[0]
real = projects.entity_sets.A_EnterpriseProjectElement.get_entities().filter(
    f"ProjectUUID eq guid'{found.ProjectUUID}' and ParentObjectUUID ne guid'00000000-0000-0000-0000-000000000000'"
)
told["elements"] = [one.ProjectElement for one in real.execute()]
print(json.dumps(told))
