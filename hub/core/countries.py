"""Names and codes of countries, read into ISO 3166 two-letter codes; unknown text gives None."""

from __future__ import annotations

from functools import cache, lru_cache

_ALPHA_3 = """
AD:AND AE:ARE AF:AFG AG:ATG AI:AIA AL:ALB AM:ARM AO:AGO AQ:ATA AR:ARG AS:ASM AT:AUT AU:AUS AW:ABW AX:ALA AZ:AZE BA:BIH
BB:BRB BD:BGD BE:BEL BF:BFA BG:BGR BH:BHR BI:BDI BJ:BEN BL:BLM BM:BMU BN:BRN BO:BOL BQ:BES BR:BRA BS:BHS BT:BTN BV:BVT
BW:BWA BY:BLR BZ:BLZ CA:CAN CC:CCK CD:COD CF:CAF CG:COG CH:CHE CI:CIV CK:COK CL:CHL CM:CMR CN:CHN CO:COL CR:CRI CU:CUB
CV:CPV CW:CUW CX:CXR CY:CYP CZ:CZE DE:DEU DJ:DJI DK:DNK DM:DMA DO:DOM DZ:DZA EC:ECU EE:EST EG:EGY EH:ESH ER:ERI ES:ESP
ET:ETH FI:FIN FJ:FJI FK:FLK FM:FSM FO:FRO FR:FRA GA:GAB GB:GBR GD:GRD GE:GEO GF:GUF GG:GGY GH:GHA GI:GIB GL:GRL GM:GMB
GN:GIN GP:GLP GQ:GNQ GR:GRC GS:SGS GT:GTM GU:GUM GW:GNB GY:GUY HK:HKG HM:HMD HN:HND HR:HRV HT:HTI HU:HUN ID:IDN IE:IRL
IL:ISR IM:IMN IN:IND IO:IOT IQ:IRQ IR:IRN IS:ISL IT:ITA JE:JEY JM:JAM JO:JOR JP:JPN KE:KEN KG:KGZ KH:KHM KI:KIR KM:COM
KN:KNA KP:PRK KR:KOR KW:KWT KY:CYM KZ:KAZ LA:LAO LB:LBN LC:LCA LI:LIE LK:LKA LR:LBR LS:LSO LT:LTU LU:LUX LV:LVA LY:LBY
MA:MAR MC:MCO MD:MDA ME:MNE MF:MAF MG:MDG MH:MHL MK:MKD ML:MLI MM:MMR MN:MNG MO:MAC MP:MNP MQ:MTQ MR:MRT MS:MSR MT:MLT
MU:MUS MV:MDV MW:MWI MX:MEX MY:MYS MZ:MOZ NA:NAM NC:NCL NE:NER NF:NFK NG:NGA NI:NIC NL:NLD NO:NOR NP:NPL NR:NRU NU:NIU
NZ:NZL OM:OMN PA:PAN PE:PER PF:PYF PG:PNG PH:PHL PK:PAK PL:POL PM:SPM PN:PCN PR:PRI PS:PSE PT:PRT PW:PLW PY:PRY QA:QAT
RE:REU RO:ROU RS:SRB RU:RUS RW:RWA SA:SAU SB:SLB SC:SYC SD:SDN SE:SWE SG:SGP SH:SHN SI:SVN SJ:SJM SK:SVK SL:SLE SM:SMR
SN:SEN SO:SOM SR:SUR SS:SSD ST:STP SV:SLV SX:SXM SY:SYR SZ:SWZ TC:TCA TD:TCD TF:ATF TG:TGO TH:THA TJ:TJK TK:TKL TL:TLS
TM:TKM TN:TUN TO:TON TR:TUR TT:TTO TV:TUV TW:TWN TZ:TZA UA:UKR UG:UGA UM:UMI US:USA UY:URY UZ:UZB VA:VAT VC:VCT VE:VEN
VG:VGB VI:VIR VN:VNM VU:VUT WF:WLF WS:WSM YE:YEM YT:MYT ZA:ZAF ZM:ZMB ZW:ZWE
"""
ALPHA_2_BY_3: dict[str, str] = {pair[3:]: pair[:2] for pair in _ALPHA_3.split()}
ALPHA_2: frozenset[str] = frozenset(ALPHA_2_BY_3.values()) | {"XK"}

_OTHER_NAMES: dict[str, str] = {
    "uk": "GB", "u.k.": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "northern ireland": "GB", "u.s.": "US", "u.s.a.": "US", "america": "US", "united states of america": "US",
    "the united states": "US", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ", "czechia": "CZ",
    "south korea": "KR", "republic of korea": "KR", "russia": "RU", "viet nam": "VN", "ivory coast": "CI",
    "turkey": "TR", "türkiye": "TR", "uae": "AE", "republic of ireland": "IE", "prc": "CN", "hong kong": "HK",
    "macedonia": "MK", "burma": "MM", "swaziland": "SZ", "cape verde": "CV", "kosovo": "XK", "el": "GR", "xi": "GB",
}  # fmt: skip


@lru_cache(maxsize=4096)
def country_code(text: str) -> str | None:
    """The two-letter code for a code or a name in any of the common languages.

    >>> [country_code(text) for text in ("de", "DEU", "Germany", "Deutschland", "U.K.", "Atlantis")]
    ['DE', 'DE', 'DE', 'DE', 'GB', None]
    """
    upper = text.upper()
    if upper in ALPHA_2:
        return upper
    if upper in ALPHA_2_BY_3:
        return ALPHA_2_BY_3[upper]
    folded = text.casefold()
    return _OTHER_NAMES.get(folded) or _codes_by_name().get(folded)


@cache
def _codes_by_name() -> dict[str, str]:
    """Country names in all languages phonenumbers knows; read on first need, since the import takes 0.2 s."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    named: dict[str, str] = {}
    for code, names in LOCALE_DATA.items():
        for name in names.values():
            if code in ALPHA_2 and not name.startswith("*"):
                named.setdefault(name.casefold(), code)
    return named


def english_country_words() -> frozenset[str]:
    """Single words that name a country in English, for telling sister companies apart."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    names = (named.get(named.get("en", "").lstrip("*"), named.get("en", "")) for named in LOCALE_DATA.values())
    return frozenset(name.casefold() for name in names if name.isascii() and name.isalpha())
