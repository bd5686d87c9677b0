"""What things are called: names, places and legal forms of the markets the firm sells in."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A town with its region, the beginning of its postal codes and its telephone prefix."""

    city: str
    region: str
    postcode: str
    prefix: str


class Market(NamedTuple):
    """A country as clients there look. ``form`` is a pattern of the legal name; ``share`` its part of a hundred clients."""

    country: str
    share: int
    language: str
    forms: tuple[str, ...]
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[Place, ...]
    register: str = ""
    """What a registered number begins with; "" where the register's check digits are none of our business."""


_GERMAN = (
    ("Müller", "Schäfer", "Hölzl", "Weiß", "Krüger", "Jägermann", "Bosch & Söhne", "Überlingen", "Nordsee", "Alpen", "Rhein", "Donau",
     "Kessler", "Brandt", "Groß", "Löwen", "Sankt Martin", "Elbe", "Havel", "Maschinenfabrik Röhr", "Stein", "Falken", "Adler", "Königs"),
    ("Logistik", "Maschinenbau", "Energie", "Versicherung", "Pharma", "Technik", "Bau", "Handel", "Medien", "Stahl", "Optik",
     "Gießerei", "Verlag", "Systeme", "Werke", "Chemie", "Klinik", "Stadtwerke"),
    ("Hauptstraße", "Bahnhofstraße", "Am Mühlbach", "Königsallee", "Gärtnerweg", "Industriestraße", "Schloßplatz"),
)  # fmt: skip

MARKETS: tuple[Market, ...] = (
    Market("DE", 27, "de", ("{} GmbH", "{} AG", "{} GmbH & Co. KG", "{} SE", "{} e.K."), *_GERMAN, (
        Place("München", "BY", "80", "+4989"), Place("Hamburg", "HH", "20", "+4940"), Place("Köln", "NW", "50", "+49221"),
        Place("Düsseldorf", "NW", "40", "+49211"), Place("Stuttgart", "BW", "70", "+49711"), Place("Görlitz", "SN", "02", "+493581"),
    ), "HRB"),
    Market("GB", 16, "en", ("{} Ltd", "{} PLC", "{} LLP", "{} Holdings Limited"), (
        "O'Neill", "Ashworth", "Blackwood", "St. John's", "Thames", "Pennine", "Kestrel", "Harrow", "Greene & Daughters", "Mersey",
        "Wetherby", "Fox", "Albion", "Lancaster", "Severn", "Cavendish", "Old Mill", "Kingfisher",
    ), (
        "Logistics", "Insurance", "Engineering", "Partners", "Foods", "Rail", "Energy", "Textiles", "Media", "Water", "Pharma", "Shipping",
    ), ("High Street", "Station Road", "King's Lane", "Victoria Embankment", "Mill Lane"), (
        Place("London", "LND", "EC1A ", "+4420"), Place("Leeds", "LDS", "LS1 ", "+44113"), Place("Bristol", "BST", "BS1 ", "+44117"),
        Place("Edinburgh", "EDH", "EH1 ", "+44131"), Place("Kirkby-in-Ashfield", "NTT", "NG17 ", "+441623"),
    ), "SC"),
    Market("AT", 7, "de", ("{} GmbH", "{} AG", "{} KG", "{} OG"), *_GERMAN, (
        Place("Wien", "9", "10", "+431"), Place("Graz", "6", "80", "+43316"), Place("Innsbruck", "7", "60", "+43512"),
        Place("St. Pölten", "3", "31", "+432742"),
    ), "FN"),
    Market("FR", 17, "fr", ("{} SA", "{} SAS", "{} SARL", "Société {}", "Groupe {}"), (
        "L'Étoile", "Dupont", "Lefèvre", "Château-Renard", "Garçon", "D'Alembert", "Île-de-Ré", "Beaulieu", "Cœur de Loire", "Müguet",
        "Forêt Noire", "Saint-Exupéry", "Lévêque", "Rhône", "Hélios", "Nîmes",
    ), (
        "Énergie", "Assurances", "Transports", "Pharmacie", "Bâtiment", "Textile", "Électronique", "Conseil", "Édition", "Vignobles",
    ), ("rue de l'Église", "avenue Foch", "boulevard Haussmann", "place d'Armes", "quai de Saône"), (
        Place("Paris", "IDF", "750", "+331"), Place("Lyon", "ARA", "690", "+33472"), Place("Besançon", "BFC", "250", "+33381"),
        Place("Orléans", "CVL", "450", "+33238"), Place("Saint-Étienne", "ARA", "420", "+33477"),
    )),
    Market("US", 24, "en", ("{} Inc.", "{} LLC", "{} Corp.", "The {} Company", "{} & Co., Inc."), (
        "Smith & Wesley", "Bluebird", "Redwood", "Patriot", "Tres Hermanos", "Peña", "Cascade", "Lakeshore", "Big Sky", "Fort Knoll",
        "Ironwood", "Jackson-Hewlett", "Golden State", "Bayou", "Mohawk", "Liberty", "Sequoia", "Prairie",
    ), (
        "Foods", "Health", "Systems", "Energy", "Financial", "Logistics", "Aerospace", "Insurance", "Software", "Mining", "Media", "Steel",
    ), ("Main Street", "5th Avenue", "Market Street", "Peachtree Road NE", "Sunset Blvd"), (
        Place("New York", "NY", "100", "+1212"), Place("Austin", "TX", "787", "+1512"), Place("San José", "CA", "951", "+1408"),
        Place("Chicago", "IL", "606", "+1312"), Place("Coeur d'Alene", "ID", "838", "+1208"),
    ), "US"),
    Market("JP", 9, "ja", ("株式会社{}", "{}株式会社", "{}合同会社"), (
        "山田", "東京", "日本", "富士", "桜", "鈴木", "京都", "大和", "青木", "松本", "北海", "光",
    ), ("製作所", "電機", "工業", "商事", "運輸", "化学", "システム", "エネルギー", "保険", "建設"), (
        "千代田区丸の内", "中央区銀座", "北区梅田", "中区錦", "博多区祇園町",
    ), (
        Place("東京都", "13", "100-", "+813"), Place("大阪市", "27", "530-", "+816"), Place("名古屋市", "23", "460-", "+8152"),
        Place("福岡市", "40", "812-", "+8192"),
    ), "JP"),
)  # fmt: skip

ODD = ('{} "Zentral"', "{} \\ Partner", "<{}> & Sons", '"{}" Group', "{}\u2028Gruppe", "{} 😀 Labs", "Ω {}", "{}/{{x}} '5 %'")
"""What a name may look like that must be escaped somewhere: JSON, SQL, HTML, file names."""

GIVEN = (
    "Anna", "Jürgen", "Zoë", "Émile", "François", "Siân", "Liam", "Olivia", "Noah", "Søren", "Łucja", "José", "María", "Mehmet", "Aylin",
    "Yuki", "Haruto", "さくら", "健太", "Priya", "Arjun", "Chloé", "Björn", "Grace", "Ahmed", "Fatima", "Chinua", "Ngozi", "Dmitri", "Ana",
)  # fmt: skip
FAMILY = (
    "Müller", "Schmidt", "O'Connor", "Nuñez", "Dupont", "Lefèvre", "Smith", "Johnson", "García", "Yılmaz", "Kowalski", "Ångström",
    "Bergström", "Tanaka", "佐藤", "高橋", "Patel", "Sharma", "Nguyễn", "van der Berg", "D'Angelo", "Øvergård", "Weiß", "Brown",
    "MacLeod", "Jones-Smythe", "Okafor", "Mbeki", "Ivanov", "Novák",
)  # fmt: skip
TITLES = ("Head of Procurement", "CFO", "Leiterin Einkauf", "Directeur financier", "Project Manager", "CIO", "Accounts Payable", "部長")
SUBJECTS = (
    "ERP roll-out", "Data platform", "Cloud migration", "S/4 readiness", "Zero-trust review", "Pricing engine", "Werksplanung",
    "Refonte du portail", "Claims automation", "CRM consolidation", "Lagerlogistik", "Audit support", "基幹システム刷新",
    "Merger \"Day 1\" support", "Carbon reporting", "Payroll interface", "Test automation", "Vertriebssteuerung",
)  # fmt: skip
PHASES = ("Discovery", "Design", "Build", "Roll-out", "Hypercare", "Phase 2", "Run", "Programme office")
NOTES = (
    "Workshop with the client's team", "Code review and fixes", "Abstimmung Fachbereich", "Rédaction du cahier des charges",
    "Data quality analysis", "Steering committee", "Release test\nsee ticket \"4711\"", "Go-live support", "設計レビュー", "Travel to site",
)  # fmt: skip
