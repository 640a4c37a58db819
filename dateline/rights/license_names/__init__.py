"""Find the licences that running text names, in any of the registry's languages.

- ``finder``: looks through a text for the places where a name may begin.
- ``creative_commons``: names composed of elements ("Creative Commons Attribution 4.0").
- ``listed``: names that the registry lists ("Open Government Licence", "MIT").
- ``address``: addresses in running text.
- ``heads``: which first words of names stand in a text at all, fast.
- ``version``: the version and port behind a name.
- ``words``: the words of a language, and how patterns are made of them.
"""

from dateline.rights.license_names.finder import NameFinder
from dateline.rights.license_names.words import LanguageWords, ListedName

__all__ = ["LanguageWords", "ListedName", "NameFinder"]
