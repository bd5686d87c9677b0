"""Who does the work: consultants, as personnel and the PSA know them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from hub.demo.firm.basics import house_ref, region_of
from hub.demo.firm.model import HOUSES, PRACTICES, Firm
from hub.demo.firm.shape import Record, reference, said
from hub.demo.firm.words import FAMILY, GIVEN

SKILLS = ("sap", "python", "postgres", "aws", "azure", "scrum", "audit", "tax", "kotlin", "power_bi")


def resources(firm: Firm, at: int) -> Iterator[Record]:
    dice, house = firm.dice("resource", at), firm.home_of(at)
    dice.below(100)  # what home_of threw
    given, family, practice = dice.pick(GIVEN), dice.pick(FAMILY), dice.below(len(PRACTICES))
    role, grade = firm.grade_of(at)
    email = f"consultant.{at}@northbeam.example"
    began = date(2012, 1, 2) + timedelta(days=dice.below(4300))
    person = {
        "given_name": given, "family_name": family, "work_email": email, "employee_no": f"{HOUSES[house].country}{at:05d}",
        "legal_entity": house_ref(house), "kind": "contractor" if at % 15 == 7 else "employee",
        "cost_centre": reference(HOUSES[house].erp, "cost_centre", house * len(PRACTICES) + practice), "department": PRACTICES[practice],
        "region": reference("erp_north", "region", region_of(house)), "calendar": HOUSES[house].country,
        "fte": ("100", "100", "100", "80")[at % 4], "work_country": HOUSES[house].country, "tz": HOUSES[house].tz,
        "start_date": began.isoformat(), "state": "active",
    }  # fmt: skip
    if at >= 20:
        person["manager"] = reference("hcm", "resource", at // 20)
    delivery = {
        "given_name": given, "family_name": family, "work_email": email, "role": role, "grade": grade,
        "service_line": reference("psa", "service_line", practice), "skills": sorted({dice.pick(SKILLS), dice.pick(SKILLS)}),
    }  # fmt: skip
    yield Record("resource", at, (said("hcm", "resource", at, person), said("psa", "resource", at, delivery, "hcm")))
