"""Small word lists that hold for any firm's data; none was made for one data set, and each says where it comes from."""

from __future__ import annotations

from functools import cache

from hub.core.countries import english_country_words

LEGAL_PHRASES: tuple[str, ...] = (
    "limited liability company", "limited liability partnership", "limited partnership", "limited company", "public limited company",
    "private limited company", "private limited", "pvt limited", "pvt ltd", "proprietary limited", "pty limited", "pty ltd",
    "unlimited company", "incorporated", "corporation", "company", "limited", "gesellschaft mit beschraenkter haftung",
    "gesellschaft mit beschrankter haftung", "gesellschaft buergerlichen rechts", "aktiengesellschaft", "kommanditgesellschaft",
    "sociedad limitada", "sociedad anonima", "sociedade limitada", "sociedade anonima", "societe anonyme",
    "societe a responsabilite limitee", "societe par actions simplifiee", "societa a responsabilita limitata", "societa per azioni",
    "besloten vennootschap", "naamloze vennootschap", "naamloze vennootschap", "spolka z ograniczona odpowiedzialnoscia",
    "spolka akcyjna", "aktiebolag", "aktieselskab", "anpartsselskab", "aksjeselskap", "osakeyhtio", "joint stock company",
    "korlatolt felelossegu tarsasag", "s r o", "spol s r o", "sp z o o", "s a r l", "s a s", "s a", "s l", "s p a", "s r l", "b v", "n v",
)  # fmt: skip
"""Legal forms written out, as public registers write them; a system with short fields cuts them anywhere."""

LEGAL_WORDS: frozenset[str] = frozenset({
    "ltd", "limited", "llc", "llp", "lp", "inc", "incorporated", "corp", "corporation", "co", "company", "plc", "gmbh", "mbh",
    "ag", "kg", "kgaa", "ohg", "gbr", "ug", "ev", "eg", "bv", "nv", "vof", "cv", "sa", "sas", "sarl", "sasu", "eurl", "sci", "srl",
    "spa", "snc", "sapa", "sl", "slu", "sau", "sc", "lda", "ltda", "ab", "hb", "as", "asa", "aps", "oy", "oyj", "kft", "rt", "zrt",
    "doo", "dd", "ad", "ood", "eood", "sro", "spol", "pte", "pty", "pvt", "private", "proprietary", "sdn", "bhd", "kk", "ooo", "oao", "zao",
    "pao", "jsc", "sia", "uab", "se", "scrl", "sprl", "cvba", "bvba", "asbl", "vzw", "gesmbh", "gmbhcokg", "sacv", "sadecv", "pllc", "lllp",
    "pc", "pa", "cic", "cio", "plt", "aktiengesellschaft", "aktiebolag", "ehf", "hf", "ltee", "ltde", "ek", "publ", "wll", "fze",
    "fzco", "fzc", "fzllc", "spzoo", "spk", "spj",
})  # fmt: skip
"""Legal forms in short, of the ISO 20275 list of entity legal forms; what :mod:`legal_forms` knows beyond these is removed first."""

ROLES: frozenset[str] = frozenset({
    "holding", "group", "international", "global", "worldwide", "capital", "ventures", "venture", "fund", "partners", "services",
    "consulting", "advisory", "solutions", "systems", "technologies", "software", "digital", "finance", "financial", "leasing",
    "insurance", "bank", "properties", "property", "estate", "logistics", "trading", "foundation", "trust", "school", "hospital",
    "management", "investment", "investments", "real", "development", "engineering", "operations", "production", "distribution",
    "sales", "marketing", "research", "pension", "pensions", "treasury", "retail", "wholesale", "manufacturing", "industries",
    "energy", "assets", "asset", "nominees", "trustee", "trustees", "general", "gp", "feeder", "master", "parallel",
})  # fmt: skip
"""Words by which firms of one group tell each other apart: what the company does in the group."""

PLACES: frozenset[str] = frozenset({
    "europe", "european", "emea", "apac", "americas", "america", "asia", "pacific", "africa", "nordic", "iberia", "benelux", "latam", "mena",
    "uk", "usa", "us", "eu", "uae", "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central",
    "nord", "sud", "ost", "est", "ouest", "norte", "sur", "northeast", "northwest", "southeast", "southwest", "midwest",
    "deutschland", "espana", "france", "italia", "osterreich", "schweiz", "nederland", "belgique", "belgie", "sverige", "danmark",
    "norge", "suomi", "polska", "brasil", "british", "german", "french", "dutch", "italian", "spanish", "swiss", "american",
    "canadian", "australian", "indian", "chinese", "japanese",
})  # fmt: skip
"""Regions of the world and compass points; countries come from the library that knows them."""

NUMERALS: dict[str, str] = {
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12", "xiii": "13", "xiv": "14",
    "xv": "15", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4",
    "5th": "5", "6th": "6", "7th": "7", "8th": "8", "9th": "9", "10th": "10",
}  # fmt: skip
"""Numerals and words for small numbers, as figures."""

LAST_NUMERALS: dict[str, str] = {"i": "1", "v": "5", "x": "10"}
"""Single letters are numerals only as a name's last word."""

SHORT: dict[str, str] = {
    "intl": "international", "int": "international", "hldg": "holding", "hldgs": "holding", "holdings": "holding", "grp": "group", "svc": "service",
    "svcs": "service", "services": "service", "srvc": "service", "tech": "technology", "technologies": "technology",
    "mgmt": "management", "mgt": "management", "mfg": "manufacturing", "assoc": "associates", "assn": "association", "natl": "national",
    "dept": "department", "univ": "university", "inst": "institute", "ctr": "center", "cntr": "center", "centre": "center", "st": "saint", "dev": "development",
    "eng": "engineering", "engrg": "engineering", "ind": "industries", "inds": "industries", "bros": "brothers", "mkt": "market",
    "mktg": "marketing", "acad": "academy", "hosp": "hospital", "elem": "elementary", "sch": "school", "govt": "government",
    "corp": "corporation", "dist": "district", "cty": "county", "lab": "laboratory", "labs": "laboratory", "laboratories": "laboratory",
    "ph": "phase", "proj": "project", "prog": "program", "programme": "program", "impl": "implementation", "mgr": "manager", "sys": "system",
    "systems": "system", "solutions": "solution", "partners": "partner", "ptnrs": "partner", "ventures": "venture", "investments": "investment",
    "industries": "industry", "properties": "property", "invest": "investment", "amer": "america", "advisors": "advisor", "advisers": "advisor",
    "consultants": "consultant", "cons": "consulting", "fin": "financial", "elec": "electric", "chem": "chemical", "pharm": "pharma", "comm": "communication",
    "communications": "communication", "enterprises": "enterprise", "ent": "enterprise", "resources": "resource", "products": "product", "prod": "product",
}  # fmt: skip
"""Everyday short forms and plurals of business words, to one spelling. The roles above are said after this, in the singular."""

STREET: dict[str, str] = {
    "street": "st", "str": "st", "strasse": "st", "road": "rd", "avenue": "ave", "av": "ave", "avenida": "ave", "avda": "ave", "boulevard": "blvd",
    "drive": "dr", "lane": "ln", "court": "ct", "place": "pl", "square": "sq", "highway": "hwy", "parkway": "pkwy", "terrace": "ter",
    "crescent": "cres", "circuit": "cct", "close": "cl", "expressway": "expy", "trail": "trl", "calle": "c", "rue": "r", "north": "n", "south": "s",
    "east": "e", "west": "w", "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw", "suite": "ste", "floor": "fl",
    "apartment": "apt", "unit": "ste", "flat": "apt", "room": "rm", "building": "bldg", "mount": "mt", "saint": "st", "fort": "ft",
    "heights": "hts", "center": "ctr", "centre": "ctr", "station": "sta", "garden": "gdn", "gardens": "gdn", "grove": "grv", "platz": "pl", "plaza": "plz",
    "piazza": "pza", "via": "v", "straat": "st", "laan": "ln", "weg": "w", "way": "wy", "first": "1", "second": "2", "third": "3", "fourth": "4",
    "fifth": "5", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4", "5th": "5", "6th": "6", "7th": "7", "8th": "8", "9th": "9",
    "bypass": "byp", "junction": "jct", "island": "is", "mountain": "mtn", "village": "vlg", "cove": "cv", "point": "pt", "ridge": "rdg", "valley": "vly",
}  # fmt: skip
"""Words of streets to their postal short forms (USPS publication 28, and the commonest European ones)."""

WITHIN_BUILDING: frozenset[str] = frozenset({"ste", "fl", "apt", "rm", "bldg", "level", "po", "box", "dept", "etage", "piso", "no", "nr"})
"""What follows says where in the house, and is left out of the street."""

HONORIFICS: frozenset[str] = frozenset({
    "mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "dame", "herr", "frau", "mme", "mlle", "sr", "sra", "dott", "ing", "dipl", "rev",
    "phd", "md", "mba", "esq", "cpa", "hon",
})  # fmt: skip
GENERATIONS: dict[str, str] = {"jr": "jr", "junior": "jr", "sr": "sr", "snr": "sr", "senior": "sr", "ii": "2", "iii": "3", "iv": "4"}
"""What tells father and son apart."""

NICKNAMES: dict[str, str] = {
    short: name
    for name, shorts in {
        "robert": "rob bob bobby robbie bert", "william": "will bill billy willy willie liam", "richard": "rick dick ricky richie rich",
        "james": "jim jimmy jamie", "john": "jack johnny jon", "michael": "mike mick mickey", "joseph": "joe joey", "thomas": "tom tommy",
        "charles": "charlie chuck chas", "edward": "ed eddie ted teddy ned", "elizabeth": "liz beth betty lizzie eliza bess libby elisabeth",
        "margaret": "meg maggie peggy marge", "katherine": "kate katie kathy catherine kathryn kat cathy kitty", "patricia": "pat patty tricia trish",
        "jennifer": "jen jenny", "susan": "sue susie suzanne", "deborah": "deb debbie debra", "barbara": "barb babs", "dorothy": "dot dottie",
        "anthony": "tony", "andrew": "andy drew", "daniel": "dan danny", "david": "dave davy", "matthew": "matt", "nicholas": "nick nicky nico",
        "christopher": "chris kit", "benjamin": "ben benny", "samuel": "sam sammy", "alexander": "alex sasha sandy", "joshua": "josh",
        "gregory": "greg", "stephen": "steve steven stevie", "timothy": "tim timmy", "ronald": "ron ronnie", "donald": "don donnie",
        "kenneth": "ken kenny", "lawrence": "larry laurence", "gerald": "gerry jerry", "raymond": "ray", "frederick": "fred freddie fritz",
        "leonard": "len lenny leo", "peter": "pete", "philip": "phil phillip", "victoria": "vicky tori", "rebecca": "becky becca", "jessica": "jess jessie",
        "samantha": "sammie", "theodore": "theo", "vincent": "vince vinny", "francis": "frank frankie", "abigail": "abby", "judith": "judy",
        "pamela": "pam", "cynthia": "cindy", "kimberly": "kim", "sandra": "sandie", "amanda": "mandy", "jacqueline": "jackie", "nathaniel": "nate nathan",
        "zachary": "zach zack", "jeffrey": "jeff geoffrey geoff", "walter": "walt wally", "eugene": "gene", "albert": "al", "arthur": "art", "harold": "hal",
        "henry": "harry hank", "jonathan": "jonny", "johannes": "hans johann", "josef": "sepp", "francisco": "paco pancho", "jose": "pepe",
        "giuseppe": "beppe pino", "alessandro": "sandro", "aleksandr": "sacha", "mohammed": "mohamed muhammad mohammad mehmet",
    }.items()
    for short in shorts.split()
}  # fmt: skip
"""Everyday short names of English and a few European given names."""

ROLE_MAILBOXES: frozenset[str] = frozenset({
    "info", "office", "contact", "sales", "support", "admin", "billing", "accounts", "accounting", "accountspayable", "ap", "ar", "invoice",
    "invoices", "finance", "help", "helpdesk", "service", "hello", "mail", "post", "enquiries", "inquiries", "hr", "jobs", "marketing",
    "noreply", "postmaster", "webmaster", "abuse", "hostmaster", "reception", "team", "orders", "purchasing", "procurement", "kontakt",
    "buchhaltung", "rechnung", "compta", "comptabilite", "administration", "secretary", "projects", "pmo", "it",
})  # fmt: skip
"""Mailboxes of an office, not of a person (RFC 2142 and what firms print on letter heads)."""

FREE_MAIL: frozenset[str] = frozenset({
    "gmail", "googlemail", "hotmail", "outlook", "live", "msn", "yahoo", "ymail", "aol", "icloud", "me", "mac", "gmx", "web", "protonmail", "proton",
    "mail", "t-online", "orange", "wanadoo", "free", "laposte", "libero", "qq", "163", "126", "btinternet", "comcast", "verizon", "att", "sbcglobal",
})  # fmt: skip
"""Providers whose domain says nothing about the employer."""

SOURCE_REMARKS: tuple[str, ...] = ("do not use", "duplicate", "inactive", "old", "closed", "obsolete", "test", "in liquidation", "in liq")
"""What people add to a name to say what a system has no field for."""


_STATES = """
aargau acre adygea alabama alagoas alaska alberta amapa amazonas anhui arizona arkansas artsakh aruba assam azores bahia bashkortostan
bavaria beijing berlin bern bihar brandenburg bremen buryatia california ceara chechnya chhattisgarh chongqing chuvashia colorado
connecticut curacao dagestan delaware dubai england flanders florida fribourg fujairah fujian gansu geneva glarus goias greenland grisons
guadeloupe guam guangdong guangxi guizhou gujarat hainan hamburg haryana hawaii hebei heilongjiang henan hesse hubei hunan idaho illinois
indiana ingushetia iowa jharkhand jiangsu jiangxi jilin jura kalmykia kansas karelia karnataka kentucky kerala khakassia kurdistan kyiv
labuan liaoning louisiana lucerne madeira maharashtra maine manipur manitoba maranhao martinique maryland massachusetts mayotte meghalaya
michigan minnesota mississippi missouri mizoram montana mordovia moscow nagaland nebraska neuchatel nevada nidwalden ningxia nunavut
obwalden odisha ohio oklahoma ontario oregon para paraiba parana pennsylvania pernambuco piaui punjab qinghai quebec queensland rajasthan
reunion rondonia roraima saarland sakha sark saskatchewan saxony schaffhausen schwyz scotland sergipe shaanxi shandong shanghai shanxi
sharjah sichuan sikkim solothurn somaliland tasmania tatarstan telangana tennessee texas thurgau thuringia tianjin tibet ticino tocantins
tokelau transnistria tripura tuva udmurtia utah uttarakhand valais vaud vermont victoria virginia wales wallonia washington wisconsin
wyoming xinjiang yukon yunnan zhejiang zurich
"""
STATES: frozenset[str] = frozenset(_STATES.split())
"""States, provinces and countries within countries whose name is one word, as rigour (MIT licence) lists them."""


@cache
def places() -> frozenset[str]:
    return PLACES | english_country_words()


@cache
def roles() -> frozenset[str]:
    return frozenset(SHORT.get(word, word) for word in ROLES)
