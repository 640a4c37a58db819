"""Hold English words of titles, bodies and states that say what stands beside a name.

They are closed classes of news style, not a gazetteer.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Before a person's name.
TITLES = _words(
    """
    acting ambassador american analyst and ayatollah british candidate ceo cfo chair chairman
    chairwoman chancellor col colonel coo correspondent dame democrat deputy director doctor
    dr editor elect father first for foreign former french gen general gov governor imam
    iranian judge justice king lady leader lord mayor minister ministers mp mr mrs ms of
    officials pm pope premier president president-elect prime prince princess prof professor
    queen rep reporter representative republican russian saint secretary sen senator sheikh
    sir spokesman spokesperson spokeswoman state the to u.s us vice
    """
)
# A capitalised word of these after a place makes it a part of the body's name.
BODIES = _words(
    """
    academy agency air airlines airport airways arena army assembly association authority
    award awards ballet bank board bridge bureau business cathedral center centre chamber
    championship championships church city club college commission committee company
    conference constitution cooperation corp corporation council county court courts cup daily
    department dept district division embassy exchange federation festival films fire
    foundation fund gallery gazette globe group guard hall herald hospital hotel house inc
    inquirer institute international island islands journal laboratory league library ltd
    magazine marathon mercury ministry museum navy network news office open opera orchestra
    organisation organization park party patrol police post press prize project radio railway
    register review road school service services society stadium standard star state states
    street studios summit symphony team telegraph television theater theatre times tower
    treaty tribune trust tv union united university valley weekly
    """
)
# After a town, in small letters: "Vienna township".
DISTRICTS = _words("avenue boulevard county parish road street township")
# Words that are capitalised for another reason than being part of a name.
FREE = _words(
    """
    a after an and april are as at august before but by december february for friday from has
    have he her his how i if in is it its january july june march may monday mr mrs ms my no
    not november october of on or our saturday says september she since so sunday than that
    the their then there these they this those thursday to today tomorrow tuesday under until
    we wednesday what when where which while who why will with would yesterday you your
    """
)
# How the wires (Associated Press style) and letters shorten the states of the USA after a city.
STATES = {
    "Ala.": "us-al", "Ariz.": "us-az", "Ark.": "us-ar", "Calif.": "us-ca", "Colo.": "us-co",
    "Conn.": "us-ct", "Del.": "us-de", "Fla.": "us-fl", "Ga.": "us-ga", "Ill.": "us-il",
    "Ind.": "us-in", "Kan.": "us-ks", "Ky.": "us-ky", "La.": "us-la", "Md.": "us-md",
    "Mass.": "us-ma", "Mich.": "us-mi", "Minn.": "us-mn", "Miss.": "us-ms", "Mo.": "us-mo",
    "Mont.": "us-mt", "Neb.": "us-ne", "Nev.": "us-nv", "N.C.": "us-nc", "N.D.": "us-nd",
    "N.H.": "us-nh", "N.J.": "us-nj", "N.M.": "us-nm", "N.Y.": "us-ny", "Okla.": "us-ok",
    "Ore.": "us-or", "Pa.": "us-pa", "R.I.": "us-ri", "S.C.": "us-sc", "S.D.": "us-sd",
    "Tenn.": "us-tn", "Tex.": "us-tx", "Vt.": "us-vt", "Va.": "us-va", "Wash.": "us-wa",
    "W.Va.": "us-wv", "Wis.": "us-wi", "Wyo.": "us-wy",
} | {
    code: f"us-{code.lower()}"
    for code in _words(
        """
    AK AL AR AZ CA CO CT DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH
    NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY
        """
    )
}  # fmt: skip
