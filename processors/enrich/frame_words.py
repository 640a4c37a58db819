"""Hold the words that open a line that is no part of the story: links, calls, credits.

Closed classes of web and wire style in the languages of the licence lexicon. Case is ignored.
"""

from __future__ import annotations


def _lines(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.strip().splitlines())


# A short paragraph that begins so is a link or a call, whatever follows.
FRAME_OPENINGS = _lines(
    """
    read more
    read also
    read next
    read the full
    also read
    see also
    more on this
    click here
    follow us
    subscribe to
    subscribe now
    sign up for
    sign up to
    share this
    share on
    download our
    join our
    lire aussi
    à lire aussi
    lire la suite
    à lire également
    voir aussi
    cliquez ici
    abonnez-vous
    suivez-nous
    inscrivez-vous
    lesen sie auch
    lesen sie mehr
    lesen sie hier
    mehr zum thema
    siehe auch
    hier klicken
    folgen sie uns
    lea también
    lee también
    leer más
    ver también
    te puede interesar
    haga clic
    haz clic
    síguenos
    suscríbete
    leggi anche
    leggi tutto
    vedi anche
    clicca qui
    seguici
    iscriviti
    leia também
    leia mais
    veja também
    saiba mais
    clique aqui
    siga-nos
    inscreva-se
    lees ook
    lees meer
    lees verder
    zie ook
    klik hier
    volg ons
    читайте также
    читайте ещё
    читайте еще
    смотрите также
    подписывайтесь
    ayrıca okuyun
    devamını oku
    haberin devamı
    bizi takip edin
    اقرأ أيضا
    اقرأ أيضاً
    اقرأ المزيد
    للمزيد
    تابعونا
    بیشتر بخوانید
    همچنین بخوانید
    ما را دنبال کنید
    """
)

# These are ordinary words too: only before a colon, or alone.
FRAME_LABELS = _lines(
    """
    related
    related articles
    related news
    related stories
    related topics
    read
    more
    more from
    watch
    listen
    photo
    photos
    file photo
    tags
    source
    sources
    share
    comments
    advertisement
    sur le même sujet
    vidéo
    zum thema
    mehr dazu
    quelle
    foto
    fuente
    fonte
    bron
    подробнее
    источник
    фото
    kaynak
    المصدر
    منبع
    برچسب ها
    """
)

# Who wrote, edited or owns it.
FRAME_CREDITS = _lines(
    """
    reporting by
    additional reporting by
    writing by
    editing by
    compiled by
    edited by
    translated by
    with inputs from
    with agencies
    with agency inputs
    copyright
    all rights reserved
    this material may not be
    this article was originally published
    this story was originally published
    tous droits réservés
    avec agences
    avec afp
    alle rechte vorbehalten
    todos los derechos reservados
    con información de
    tutti i diritti riservati
    riproduzione riservata
    todos os direitos reservados
    com informações de
    alle rechten voorbehouden
    все права защищены
    tüm hakları saklıdır
    جميع الحقوق محفوظة
    """
)
