"""Hold the words that tell a dateline from a label: agencies, labels, parts of place names.

They are closed classes of wire style, not a gazetteer: an unknown place still makes a dateline.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Case is ignored; an agency outside this list counts only after a place in capitals.
AGENCIES = _words(
    """
    aa aap adnkronos afp agi anadolu ani ansa antara ap apa apf apn aps ats azertac bbc belga
    bernama bloomberg bna bta cna cnn cp ctk dpa dw efe epa fars fena gna gnn hina ians ina interfax
    irib irna isna itar-tass jiji kcna kna kuna kyodo lusa map mehr mna mti nan nna npr ntb pa pap
    petra pna pti qna reuters rfi ria rsf sana sda spa sputnik sta stt tap tass tasnim ukrinform upi
    vna voa wafa wam xinhua yonhap
    """
) | {"anadolu agency", "associated press", "mehr news", "mehr news agency"}

# Capitals that open a text and are no place; nor is a place in capitals that holds one of them,
# unless an agency, a date or a region stands beside it (KEY WEST, Fla.).
LABELS = _words(
    """
    ADVISORY ALERT ANALYSIS ANNOUNCEMENT AUDIO BACKGROUNDER BLOG BREAKING BRIEF BRIEFING BUSINESS
    CHART CHARTS COLUMN COMMENT COMMENTARY CORRECTED CORRECTION COVID CRICKET CULTURE DEBATE DIARY
    DISPATCH DOCUMENT DRAFT ECONOMY EDITORIAL EDITORS EDITOR EMBARGO EMBARGOED EXCLUSIVE EXPLAINED
    EXPLAINER EXPLORE FACT FACTBOX FEATURE FILE FIRST FLASH FOCUS FOOTBALL FOREX GALLERY GRAPHIC
    HEADLINES HEALTH HIGHLIGHTS INFOGRAPHIC INSIGHT INTERVIEW INVESTIGATION JUST KEY KICKER LATEST
    LEAD LETTER LETTERS LISTEN LIVE LIVEBLOG MAP MARKET MARKETS MORE MUST NEWS NEWSLETTER
    NOTE NOTEBOOK NOTICE OBITUARY OPINION PHOTO PHOTOS PICTURE PICTURES PODCAST POLITICS POLL PRESS
    PREVIEW PROFILE QUESTION QUIZ QUOTES RADIO READ RECAP RELEASE REPEAT REPORT REVIEW REVIEWS
    ROUNDUP SCIENCE SPECIAL SPOILER SPONSORED SPORT SPORTS STATEMENT STOCKS STORY SUMMARY TECH
    TECHNOLOGY TENNIS TIMELINE TOP TRANSCRIPT UPDATE UPDATED UPDATES URGENT VIDEO VIEW VIEWPOINT
    VIEWS WARNING WATCH WEATHER WEEKEND WORLD WRAPUP
    ACTUALITE ANALYSE DIRECT ENQUETE ENTRETIEN EXCLUSIF INFO INTERVIEWS MISE PORTRAIT REPORTAGE
    TRIBUNE VIDEOS VIDÉO
    """
)

# Abbreviations of five letters and more that open a text as themselves.
NO_PLACES = _words(
    "ASEAN BRICS FACTS INTERPOL JCPOA POTUS REUTERS SCOTUS UNESCO UNHCR UNICEF UNRWA"
)

# Four capitals are mostly an abbreviation: without agency, date or region only these are places.
SHORT_PLACES = _words(
    """
    ADEN AGRA APIA BAKU BALI BARI BATH BERN BONN CALI CEBU CORK CUBA DILI DOHA ERIE FEZ
    GAZA GOMA GRAZ HOMS IRAN IRAQ JUBA KIEV KYIV LIMA LINZ LODZ LOME LOMÉ LVIV LYON MALE MALI METZ
    NICE NIS NUUK OMAN OSLO PAU PERM PISA PUNE QOM RENO RIGA ROME SUVA TOGO UFA
    ULM UTAH WACO YAZD YORK
    """
)

# Names of two and more words: what begins and what ends most of them.
PLACE_BEGINNINGS = _words(
    """
    ABU ADDIS AIN AL BAD BANDA BANDAR BEIT BELO BUENOS CAMP CAPE CHIANG CIUDAD COX'S DA DAR DEIR
    DES DIEGO EAST EL FORT FRANKFURT FT GRAND GREAT GUANTANAMO GUATEMALA GULF HO HONG ISLE JEBEL
    JOINT KHAN KOTA KUALA KUWAIT LA LAC LAKE LAS LE LES LITTLE LONG LOS LUXEMBOURG MAR MEXICO MONT
    MONTE MOUNT MT NEW NIZHNY NORTH NOVA OLD PALM PANAMA PHNOM PORT PORTO PUERTO QUEZON RAS RIO
    ROSTOV SAINT SALT SAN SANTA SANTIAGO SANTO SAO SÃO SHARM SIERRA SOUTH SRI ST STE TEL THE UNITED
    UPPER VATICAN VILA VILLA WASHINGTON WEST WHITE
    """
)
PLACE_ENDINGS = _words(
    """
    AIRPORT BAY BEACH BORDER CITY COUNTY CREEK FALLS HARBOR HARBOUR HEIGHTS HILL HILLS HOUSE ISLAND
    ISLANDS LAKE NATIONS PARK POINT PRINCE PROVINCE RAPIDS RIVER ROUGE SPRINGS STATION STRIP TOWN
    VALLEY VILLAGE
    """
)

LOWERCASE_PARTICLES = _words(
    "AL AN AND AU AUX DA DE DEL DES DI DO DOS DU EL EN ES ET IN LA LE LES OF ON SUR THE UPON"
)

# English and French, long and as agencies shorten them; a stop may follow.
MONTHS = _words(
    """
    January February March April May June July August September October November December
    Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    janv févr avr juil déc
    """
)
