"""Legal forms of organisations as they are written, in Latin letters: found in a name, with the one spelling they are compared by.

The table is that of rigour (MIT licence; from ISO 20275, OCCRP and Wikipedia's index of business entities), without aliases in other
alphabets, since names are transliterated first. It stands here because rigour needs ICU, which is compiled at installation: a fresh
machine has no compiler. Over 856,000 real texts both find the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_TABLE = """
: consorzio statale | empresa unitaria estatal de la | federal state budgetary enterprise | federal state budgetary institution |
  federal state institution | federal state unitary enterprise | fgbu | gosudarstvennoe unitarnoe predpriyatie | impresa unitaria statale |
  s.p. | samostalni preduzetnik | staatliches einheitsunternehmen | staatsinformatieagentschap | staatskonzern | state concern |
  state enterprise | state unitary enterprise | state unitary enterprise of the | unitarnoe predpriyatie
3at: 3at
a.d.: a.d | a.d. | aktsionerno druzhestvo
ab: a-bolag | ab | abp | aktie bolag | aktie-bolag | aktiebol. | aktiebolag | publikt aktiebolag
abv: aandeelhouder-bestuurde vennootschap | abv
adsic: adsic | adsitz | aktsionerno druzhestvo sas spetsialna investitsionna tsel
ae: ae
ag: -ag | a g | a.g. | ag | ags | akt ges | aktg | aktien ges | aktien gesellschaft | aktien-gesellschaft | aktienges | aktienges. |
  aktiengesellschaft | aktiengeselschaft
agcokg: ag & co kg | ag & co. kg | ag und co kg | ag und co. kg | aktiengesellschaft & co. kg
agcokgaa: ag & co kgaa | ag & co. kgaa | aktiengesellschaft & co. kgaa
alap.: alap.
amba: a.m.b.a. | amba
anl: andelslag | anl
anpo: anpo | autonomous non-profit organization
ao: aktsionernoe obschestvo | aktsionernoe obshchestvo | aktsionernoe obshchestvo otkrytogo tipa | ao | o.a.o. | oao |
  odkryte akcjonarne obschtschestwo | otkr akts obshch | otkritoe aktsionernoe obshchestvo | otkrytoe akcionernoe obshchestvo |
  otkrytoe akcionernoe obshhestvo | otkrytoe aktsionernoe obschchestvo | otkrytoe aktsionernoe obschestvo |
  otkrytoe aktsionernoe obshchestvo | otkrytoe aktsionernoye obshestvo | otkrytoje akcionernoje obshchestvo |
  otkrytoye aktsionernoye obshchestvo | publichnoe aktsionernoe obshchestvo
aps: anpartsselskab | aps
as: a. s. | a.s. | aktieselskab | aktieselskabet | aktsiaselts | anonim sirket | as
asbl: a.s.b.l. | aisbl | asbl | association internationale sans but lucratif | association sans but lucratif
asc: asc
at: aktsionerne tovarystvo | at
ay: ay
bhd: berhad | bhd
bt.: bt.
bv: b v | b. vennootschap | b.v. | besl. vennootschap | besloten vennootschap | besloten vennotschap | beslotn vennootschap | bv
bvba: besloten vennootschap met beperkte aansprakelijkheid | bvba | eenpersoons besloten vennootschap met beperkte aansprakelijkheid |
  vennootschap met beperkte aansprakelijkheid
bvcokg: b.v. & co kg | b.v. & co. kg | bv & co kg | bv & co. kg
ca: ca
cic: c.i.c. | cic | community interest company
cjsc: cjsc | closed joint stock company | closed joint-stock company | closed jsc
coltd: cia ltda | co ltd | co., ltd | co., ltd. | co.,ltd | co.ltd | coltd
cpa: c. por a.
cso: civil society organisation | civil society organization
cty cp: cty cp
cty tnhh: cty tnhh
cty tnhh mtv: cty tnhh mtv
cv: comm. v | commanditaire vennootschap | cv | gewone commanditaire vennootschap
cva: comm. va | commanditaire vennootschap op aandelen | cva
cvba: cvba
cvoa: cvoa
dd: d.d.
dis tic ltd: dis tic ltd | dis.tic.ltd
dmcc: dmcc | dmcc co. | dmcc company | dmcc free zone | dmcc llc | dubai multi commodities centre | dubai multi commodities centre company
dnnn: dnnn
dno: d.n.o.
dntn: dntn
doo: d o o | d.o.o. | drustv ogranic odgovor | drustvo s ogranicenom odgovornoscu | drustvo sa ogranicenom odgovornoscu
dtnn: dtnn
eeig: e.w.i.v. | eeig | european economic interest grouping | evropeysko obedinenie po ikonomicheski interesi | ewiv
eg: e. g. | e.g. | eg | egen | eingetragene genossenschaft | genossenschaft
egbr: e.gbr | egbr | eingetragene gbr
egcokg: eg & co kg | eg & co. kg | eingetragene genossenschaft & co. kg | genossenschaft & co. kg
ege: ege
egyes.: egyes.
ehf.: ehf.
ei: ei | entreprise individuelle
eireli: eireli | empresa individual de responsabilidade limitada
eirl: eirl | empresa individual de responsabilidad limitada
ek: e. k | e. k. | e. kfm | e. kfm. | e. kfr | e. kfr. | e.k | e.k. | e.kfm | e.kfm. | e.kfr | e.kfr. | eingetr. kaufmann |
  eingetragene kauffrau | eingetragener kaufmann | ek | ekfm | ekfr | kfm. | kfr.
ekd: ekd | evropeysko kooperativno druzhestvo
ep: ep
esv: economisch samenwerkingsverband | esv
et.: et.
ets.: ets.
eurl: eurl
ev: e v | e. v | e. v. | e.v | e.v. | eingetr. verein | eingetragene vereinigung | eingetragener verein | ev | verein
f:ma: f:ma
fgbu: federalnoe gosudarstvennoe byudzhetnoe uchrezhdenie
fie: fie
fmba: fmba
fzco: f.z. co. | free economic zone llc | free zone co. | free zone company | free zone l.l.c. | free zone limited liability company |
  freezone company | fz-l.l.c. | fz-llc | fzco | fzllc | l.l.c-fz | special economic zone llc | trade free zone company
fze: free zone enterprise | free zone entity | free zone establishment | fz enterprise | fz entity | fz establishment | fze
gag: gag
gbr: bgb-gesellschaft | gbr | gesbr
ggmbh: ggmbh
gie: gie
gk: gk
gmbh: -gmbh | g m b h | g.m.b.h | g.m.b.h. | g.m.besch. haftung | g.m.beschr. haftung | ges. m. b. h. | ges. mit besch. haftung |
  ges. mit beschr. haftung | ges.m.b.h. | gesellsch. m. b. h. | gesellschaft m.b.h. | gesellschaft mbh | gesellschaft mit besch haftung |
  gesellschaft mit besch. haftung | gesellschaft mit beschr haftung | gesellschaft mit beschr. haftung |
  gesellschaft mit beschraenker haftung | gesellschaft mit beschraenkter haftung | gesmbh | gmb.h | gmbh | gmbh. | gmbhs | m.b.h. | mbh |
  mit besch haftung | mit beschr haftung
gmbhcokg: -gmbh & co. kg | gesellschaft mbh & co. kg | gmbh & co kg | gmbh & co. | gmbh & co. kg | gmbh u. co. kg | gmbh und co. kg |
  m.b.h. & co. kg | mbh & co kg | mbh & co. kg | mbh u. co. kg
gmbhcokgaa: gmbh & co kgaa | gmbh & co. kgaa
gmbhcoohg: gmbh & co ohg | gmbh & co. ohg
gnpp: gnpp | gosudarstvennoe nauchno proizvodstvennoe predpriyatie | scientific & production enterprise |
  scientific and production enterprise
gp: general partnership | gp
gug: gug
haao: haao
hf: hf.
htx: htx
huf: hindu undivided family | huf
ii: ii | inteprinderea individuala | intreprindere individuala | intreprinderea ibdividuala | intreprinderea individuala |
  intreprinderea indiviuala | intreprinzator individual
ik: ik
ilp: ilp | incorporated limited partnership
im: im
inc: i n c | in | inc | inc. | incorp | incorp. | incorporado | incorporatd | incorporated | incorporation | incorported | incs
is: interessentskab | intreprindere de stat alimentatiei publice | intreprinderea de stat | is
ivs: ivs
jdoo: j.d.o.o | jdoo
jsc: j s c | j stock company | j.s.c. | jnt stock co | joint stock co. | joint stock compan | joint stock companie | joint stock company |
  joint stock corp | joint-stock company | jointstock company | js co. | jsc | jsc company | jt stock co
jscb: aktsionerny kommercheskiy bank | joint stock commercial bank | joint-stock bank | jscb | pjscb | public joint-stock commercial bank
jtd: j.t.d. | jtd
jv: joint venture | jv
kb: kb | kommanditbolag
kd: k.d. | komanditno druzhestvo
kda: kda | komanditno druzhestvo s aktsii | komanditno druzhestvo s aktsiyami
keg: keg | kommanditerwerbsgesellschaft
kft.: k f t | kft | kft. | korlatolt felelossegu tarsasag
kg: -kg | k. g. | k.g. | kg | kommandit-gesellschaft | kommanditgesellschaft
kgaa: k.g.a.a. | kgaa | kommanditgesellschaft auf aktien
kht.: kht.
kjsz.: kjsz.
kkt.: kkt.
koop: koop
ks: kommanditselskab | ks
ku: gku | k.u. | kommunalunternehmen | ku
kv.: kv.
ky: ky
llc: foreign limited liability company | l l c | l.l.c | l.l.c. | lc | limitd liability co | limited liab co | limited liability co |
  limited liability co. | limited liability comp | limited liability company | limited liability corp | limited liability corp. |
  limited liability corporation | limted liability co | ll | llc | llcs | lmtd liability company | lt liability company | ltd liab company |
  ltd liability co | ltd liability comp | ltd liability company | private limited liability company
llp: limited liability partnership | llp
lp: l.p | l.p. | limited partnership | lp
ltd: cyf | cyf. | cyfyngedig | lda. | limitada | limitd | limite | limited | limited by guarantee | limited by shares | limited co |
  limited company | limited sti | limted | lmtd | lt | lt. | ltd | ltd co. | ltd sti | ltd. | ltd. co | ltd. co. | ltd. sti | ltd. sti. |
  ltd.sti | ltda | ltds | private company with limited liability | private limited company | proprietary limited |
  proprietary limited company | proprietary ltd | pty limited | pty ltd | pty ltd. | pty. ltd | pty. ltd.
ltda: sociedada limitada | sociedade limitada
ltdcokg: limited & co kg | limited & co. kg | ltd & co kg | ltd & co. kg | ltd. & co kg | ltd. & co. kg
mmc: mmc
na: n.a | n.a. | na | national association
ngo: charitable fund | charitable organisation | charitable organization | charity | charity fund | mimovladna organizacia | n g o | n.g.o |
  n.g.o. | n.p.o. | nevladina organizacija | nevladine organizacije | nevladni organizace | ngo | nichtregierungsorganisation |
  niegovorni organizaciji | niet-gouvernementele organisatie | non governmental organisation | non governmental organization |
  non profit organisation | non profit organization | non-government organisation | non-governmental organization | non-profit |
  non-profit organisation | non-profit organization | nonprofit | nonprofit organization | npo | organizacja pozarzadowa
nl: nl | no liability
nt&sa: national trust and savings association | nt&sa
nv: n v | n. vennootschap | n.v | n.v. | naaml. vennootschap | naamloze vennootschap | naamlze vennootschap | nv
nyrt.: nyrt.
oaj: oaj | ochiq aksiyadorlik jamiyati
od: o.d. | od
oeg: oeg | offene erwerbsgesellschaft
og: offene gesellschaft | og
ohg: -ohg | o.h.g. | offene handels-gesellschaft | offene handelsgesellschaft | ohg
ojsc: o j s c | o joint stock co | offene aktiengesellschaft | ojsc | open jnt stock co | open joint stock company |
  open joint-stock company | open jsc | openbare aandelenvennootschap | openbare publiek-private vennootschap op aandelen |
  openbare vennootschap op aandelen | sociedad limitada por acciones abierta | vennootschap op aandelen
ong: ong | organisation non gouvernementale | organizzazione non governativa
ood: drujestvo s ogranichena otgovornost | druzestvo s ogranicena otgovornost | druzhestvo s ogranichena otgovornost | ood
ooo: obshchestvo s ogranichennoi otvetstvennostiu | obshchestvo s ogranichennoi otvetstvennostyu |
  obshchestvo s ogranichennoj otvetstvennost'yu | obshchestvo s ogranichennoy otvetstvennostyu |
  obshchestvo s ohranychennoi otvetstvennostiu | ooo
opg: obiteljsko poljoprivredno gospodarstvo | opg
ops: o.p.s | o.p.s. | ops
oscip: oscip
osk: osk | osuuskunta
owm: onderlinge waarborgmaatschappij | owm
oy: ab company oy | company oy ab | o.y. | o/y | oy | oy company ab
oyj: oyj
pa: professional association
pao: pao | publichne aktsionerne tovarystvo
partg: part.g. | partg | partnerschaft | partnerschaftsgesellschaft
partgmbb: mbb | part. mbb | part.g. mbb | partg m.b.b. | partg mbb | partgmbb | partmbb | partnerschaft mbb | partnerschaftsgesellschaft mbb
pc: pc
pe: pe
peec: peec | public establishment with economic characteristics
pjsc: pjsc | public joint stock company | public joint-stock company | public jsc | public stock company | public stock company (pjsc)
plc: p l c | p.l.c. | p.l.co. | plc | plc company | plc ltd. | plc. ltd. | plcs | pub limited | pub ltd co | pub. limited co. | pub. lt. co. |
  pub. ltd. co. | pubic limited company | publc limited company | publi limited company | public limitd company | public limited |
  public limited co. | public limited company | public limited compnay | public limited corporation | public limitied company |
  public limitted company | public limted company | public lmtd company | public lt company | public lt. co. | public ltd corporation |
  public ltd. co. | publicly limited company | publicly ltd company
pllc: pllc | professional limited liability company
pp: pp | pryvatne pidpryiemstvo
pr: pr | preduzetnik
ps: partnerselskab | ps
pse: pse | public sector enterprise
psu: psu | public sector undertaking
pt: perseroan terbatas | pt
pt tbk: perseroan terbatas terbuka | pt tbk
pte ltd: pte ltd | pte ltd. | pte. ltd. | single member private limited company
qk: qk | qo'shma korxona
qmj: qmj | qo'shimcha ma'suliyatli jamiyat
qsc: qsc
rf: rf
rp: rp
rs: rs
rt.: rt.
ry: ry
sa: s.a | s.a. | sa | sarf | sociedad anonima | sociedada anonima | societa anonima | societate anonima | societatea pe actiuni |
  societateare pe actiuni
sacif: s.a.c.i. y f.
sacifi: s.a.c.i.f.i.
sacifia: s.a.c.i.f.i. y a.
sacv: s.a de c.v | s.a. de c.v | s.a. de c.v. | s.a.c.v. | sa de cv | sa. de c.v. | sa. de cv. | sadecv |
  sociedad anonima de capital variable
sad: sad
saica: s.a.i.c.a.
saoc: saoc
saog: saog
sapa: sapa
sapicv: s.a.p.i de c.v. | s.a.p.i. de c.v | s.a.p.i. de c.v. | sa.p.i. de c.v | sa.p.i. de c.v. | sapi de c.v. |
  sociedad anonima promotora de inversion de capital variable
sarl: s a r l | s.a.r.l. | sarl
sas: s a s | s. par a. s. | s.a.s. | sas | sociedad por acciones simplificada | sociedades por acciones simplificada
sau: sau
sc: comandita simple | compania comerciala si de productie societatea cu responsabilitate limitata | s. en c. | s.c. | sociedad colectiva
sca: comandita por acciones | s.c.a.
scc: scc
sce: s.c.e. | sce | societas cooperativa europaea
scei: s.c.e i. | scei | sociedad de capital e industria
scop: scop
scpa: s.c.p.a. | scpa | sociedad civil privada | sociedad en comandita por acciones
scra: s.cra. | sociedad comanditaria
scs: s.c.s. | scs | secs | sociedad en comandita simple
sd: s-ie | sabiratelno druzhestvo (sd)/sadruzhie | sd | sd/s-ie
sdn bhd: sdn bhd | sdn. bhd. | sendirian berhad
se: s.e. | se | sociedad del estado | societas europaea
secokg: se & co kg | se & co. kg | societas europaea & co. kg
secokgaa: se & co kgaa | se & co. kgaa | societas europaea & co. kgaa
sem: sem
sf: sf
sgr: s.g.r. | sgr | sociedad de garantia reciproca
sha: sh.a.
shk: sh k. | sh.k. | shk.
shpk: sh.p.k. | shpk
sia: s.i.a. | sia
sicaf: sicaf
sicav: s i c a v | sicav | soc invest capital variable
sll: sll | sociedad limitada laboral
slne: s.l.n.e. | slne | sociedad limitada nueva empresa
smba: smba
snc: snc
snt: snt
spa: s.p.a. | sociedad por acciones | societa' per azioni | spa
spf: spf | stichting particulier fonds
sprl: sprl
spzoo: sp zoo | sp. z o.o. | sp. z o.o. sp.k | sp. z ogr. odp. | sp. z oo | sp. zoo | spolka z ograniczona odpowiedzialnoscia | spz o.o. |
  spz oo. | spzoo
srl: intreprinderea cu responsabilitate limitata | s r l | s.r.l | s.r.l. | sicietatea de raspundere limitata | soc a resp limitata |
  soc. resp. limitada | sociedad de responsabilidad limitada | societata cu raspundere limitata | societate cu rasponbilitate limitata |
  societate cu raspundere limitata | societate cu responsabilitate limiiata | societate cu responsabilitate limitata |
  societatea cu rasdpundere limitata | societatea cu rasponsabilitate limitata | societatea cu raspundere |
  societatea cu raspundere limitata | societatea cu raspundere limitate | societatea cu responsabilitate limitata |
  societatea cu responsabilitatea limitata | societatea cu respundere limitata | societatii cu raspunderea limitata |
  socitate cu responsabilitate limitata | srl
srlcv: s de rl de cv | s. de r.l. de c.v. | sociedad de responsabilidad limitada de capital variable
sro: s r o | s.r.o | s.r.o. | spol s r.o. | spol s ruc omez | spol. s r.o. | sro
stg: stg | stille gesellschaft
sti: sirketi | sti
stiftung: rechtsf. stiftung | stiftung
stiftungcokg: stiftung & co kg | stiftung & co. kg | stiftung und co. kg
stiftungcokgaa: stiftung & co kgaa | stiftung & co. kgaa
suarl: suarl
t:mi: oiminimi | t:mi
tov: tov | tovarystvo z obmezhenoiu vidpovidalnistiu | tovarystvo z obmezhenoyu vidpovidalnistyu
uab: uab
ug: ug | ug (h.b.) | ug (haftungsbeschr.) | unternehmerg. | unternehmerges. | unternehmergesellschaft
ugcokg: ug & co kg | ug & co. kg | unternehmergesellschaft & co. kg
ugcoohg: ug & co ohg | ug & co. ohg
ultd: ultd | unlimited | unlimited company | unlimited proprietary | unltd
vof: vennootschap onder firma | vof
vos: vos
vvag: v.v.a.g. | versicherungsverein a.g. | versicherungsverein auf gegenseitigkeit | vvag
vzw: internationale vereniging zonder winstoogmerk | ivzw | vereinigung ohne gewinnerzielungsabsicht | vereniging zonder winstoogmerk | vog |
  vzw
xk: xk | xususiy korxona
xt: xt | xususiy tadbirkorlik
yk: yk
yoaj: yoaj | yopiq aksiyadorlik jamiyati
yu: (yu) | yu | yuhanhoesa
zao: zakritoe aktsionernoe obshchestvo | zakryte akcjonarne obschtschestwo | zakrytoe akcionernoe obshchestvo |
  zakrytoe aktsionernoe obshchestvo | zakrytoe aktsionernoe obshhestvo | zakrytoje akcionernoje obshchestvo |
  zakrytoye aktsionernoye obshchestvo | zao
zrt.: zrt.
zs: z.s. | zs
аат: aat | adkritaye aktsiyanernaye tavaristva | adkrytae akcyyanernae tavarystva
ано: avtonomnaya nekommercheskaya organizatsiya
бо: blagotvoritel'naja organizacija | blagotvoritelnaya organizatsiya | blahodiyna orhanizatsiya
бф: blagotvoritel'nyj fond | blagotvoritelny fond | blagotvoritelnyy fond | blahodiynyy fond
ват: vidkrite akcionerne tovaristvo | vidkryte aktsionerne tovarystvo
во: volonters'ka orhanizacija | volonterska orhanizatsiya
га: hramadskae ab'jadnanne | hramadskaja arhanizacyja | hramadskaya arhanizatsyya | hramadskaye abyadnanne
го: hromads'ka orhanizacija | hromads'ka orhanizatsiya | hromads'ke ob'jednannja | hromadska orhanizatsiya | hromadske obyednannya
да: dabrachynnaya arhanizatsyya
дззд: druzhestvo uchredeno po zakona za zadalzheniyata i dogovorite
дф: dabrachynny fond
еад: ednolichno aktsionerno druzhestvo
еоод: ednolichno druzhestvo s ogranichena otgovornost
ет: ednolichen targovets
зат: zakritaye aktsiyanernaye tavaristva | zakrytae akcyyanernae tavarystva
мчж: mas'uliyati cheklangan jamiyat | mchj
нда: nedziarzhaunaya arhanizatsyya | nedzjarzhaunaja arhanizacyja
ндо: nederzhavna orhanizatsiya | nekomertsiyna orhanizatsiya | neurjadova orhanizacija | neuryadova orhanizatsiya
нко: nekommercheskaya organizatsiya fond
но: nekommerceskaja organizacija | nekommerceskaya organizatsiya | nekommercheskaya organizaciya | nekommercheskaya organizatsiya
одо: obshchestvo s dopolnitel'noj otvetstvennost'yu
оо: obschestvennaya organizatsiya | obschestvennoe obyedinenie | obshchestvennaya organizatsiya | obshchestvennoye obyedineniye
оф: obscestvennyj fond | obshchestvennyy fond
таа: tavarystva z abmezhavanaj adkaznascyu | tavarystva z abmezhavanay adkaznastsyu
тда: tavarystva z dadatkovaj adkaznascyu
"""
"""``compared: alias | alias …``; a line that ends in ``|`` goes on. An empty spelling says that the form tells nothing."""

_START = re.compile(r"(?<!\w)(?:\w+|[^\w\s])")


@cache
def _aliases() -> dict[str, list[tuple[str, str]]]:
    """What an alias begins with (its first word or sign) → aliases with their spelling, the longest first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in _TABLE.strip().replace("|\n", "|").split("\n"):
        compared, _, aliases = line.partition(": ")
        for alias in (one.strip() for one in aliases.split("|")):
            begun = _START.match(alias)
            assert begun is not None, alias
            found.setdefault(begun.group(), []).append((alias, compared))
    return {begun: sorted(several, key=lambda one: (-len(one[0]), one[0])) for begun, several in found.items()}


def legal_forms(name: str) -> Iterator[tuple[int, str, str]]:
    """Where a folded name writes a legal form: (place, as written, as compared), from left to right, the longest at each place.

    >>> list(legal_forms("muller gmbh & co. kg, munchen"))
    [(7, 'gmbh & co. kg', 'gmbhcokg')]
    """
    aliases, end = _aliases(), 0
    for begun in _START.finditer(name):
        at = begun.start()
        for alias, compared in aliases.get(begun.group(), ()) if at >= end else ():
            behind = at + len(alias)
            if name.startswith(alias, at) and not _goes_on(name, behind):
                yield at, alias, compared
                end = behind
                break


def without_legal_forms(name: str) -> str:
    """
    >>> without_legal_forms("acme holdings ltd.")
    'acme holdings '
    """
    kept, end = [], 0
    for at, written, _ in legal_forms(name):
        kept.append(name[end:at])
        end = at + len(written)
    return "".join((*kept, name[end:]))


def _goes_on(name: str, at: int) -> bool:
    """Whether a word goes on at this place."""
    return at < len(name) and (name[at].isalnum() or name[at] == "_")
