"""The labelled sets of ``DATA``: which column is what kind of thing. Nothing else is said about any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

_FEBRL = (
    "given_name=given_name,surname=family_name,street_number=street,address_1=street,address_2=street,suburb=city,postcode=postcode,"
    "state=region,date_of_birth=date,soc_sec_id=identifier"
)


@dataclass(frozen=True)
class LabelledSet:
    """One folder of ``DATA`` with ``records.csv`` and ``truth.csv``."""

    name: str
    fields: str
    """``column=kind`` with commas between, as ``hub match evaluate --fields`` takes it."""
    source: str = ""
    """The column that names the system a record comes from, where there is one."""
    links_only: bool = False
    """Each source is free of duplicates, so only pairs between sources are looked at."""

    @property
    def kinds(self) -> dict[str, str]:
        return dict(one.split("=", 1) for one in self.fields.split(","))

    def records(self, data: Path) -> Path:
        return data / self.name / "records.csv"

    def truth(self, data: Path) -> Path:
        return data / self.name / "truth.csv"

    def frame(self, data: Path) -> pd.DataFrame:
        """Its records as text, empty where nothing is said."""
        return pd.read_csv(self.records(data), dtype=str, keep_default_na=False)

    def labels(self, data: Path, record_ids: Sequence[str]) -> list[str]:
        """The true cluster of each record, in their order."""
        truth = pd.read_csv(self.truth(data), dtype=str, keep_default_na=False).set_index("record_id")["cluster_id"]
        return [str(one) for one in truth.loc[list(record_ids)]]


SETS: tuple[LabelledSet, ...] = (
    LabelledSet("febrl1", _FEBRL),
    LabelledSet("febrl2", _FEBRL),
    LabelledSet("febrl3", _FEBRL),
    LabelledSet("febrl4", _FEBRL, "source", links_only=True),
    LabelledSet("fake_1000", "first_name=given_name,surname=family_name,dob=date,city=city,email=email"),
    LabelledSet("chicago_sites", "name=organisation,address=street,zip=postcode,phone=phone,email=email,website=website", "source"),
    LabelledSet("patstat_applicants", "name=organisation"),
    LabelledSet("leipzig_affiliations", "affiliation=organisation"),
    LabelledSet("pudl_plants", "owner_name=organisation,name=text", "source"),
    LabelledSet(
        "psf_dev_clients",
        "client_name=organisation,street=street,city=city,region=region,postcode=postcode,country=country,phone=phone,website=website,"
        "tax_id=tax_id,duns=identifier",
        "source",
    ),
    LabelledSet(
        "psf_dev_contacts",
        "first_name=given_name,last_name=family_name,email=email,phone=phone,title=text,client_name=organisation,city=city,country=country",
        "source",
    ),
    LabelledSet(
        "psf_dev_projects",
        "project_code=identifier,project_name=text,client_name=organisation,start_date=date,manager=person,fee=number",
        "source",
    ),
    LabelledSet(
        "senzing_truthset",
        "PRIMARY_NAME_ORG=organisation,SECONDARY_NAME_ORG=organisation,PRIMARY_NAME_FULL=person,PRIMARY_NAME_LAST=family_name,"
        "PRIMARY_NAME_FIRST=given_name,DATE_OF_BIRTH=date,PASSPORT_NUMBER=identifier,DRIVERS_LICENSE_NUMBER=identifier,"
        "SSN_NUMBER=identifier,NATIONAL_ID_NUMBER=identifier,EMAIL_ADDRESS=email,ADDR_FULL=address,ADDR_LINE1=street,ADDR_CITY=city,"
        "ADDR_STATE=region,ADDR_POSTAL_CODE=postcode,ADDR_COUNTRY=country,PHONE_NUMBER=phone,TAX_ID_NUMBER=tax_id,LEI_NUMBER=identifier",
        "DATA_SOURCE",
    ),
)  # fmt: skip

BY_NAME = {one.name: one for one in SETS}
