"""Invented player names and the lookups the vendors' loaders would make of them.

No name is a real player's on purpose; a chance likeness means nothing. Two players never share
a lookup, with or without their suffix.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

_FIRST = """
    Abram Adrik Alonzo Amari Anders Ansel Ariel Aurel Bastien Benoit Bram Brody Caius Callum
    Casimir Cedric Cyril Dacre Dario Darnell Davor Deacon Demari Desmond Donte Eamon Edmund Eero
    Elias Emeric Enzo Ezra Fabian Felix Finley Florian Gareth Gideon Goran Gregor Hakeem Hamza
    Harlan Hector Hollis Ignatius Ilya Imari Isidro Ivo Jabez Jareth Jericho Joaquim Jovan Julius
    Kacper Kalani Kasimir Keaton Kellan Kofi Kwame Lachlan Laurent Leandro Lionel Lorcan Ludovic
    Magnus Malachi Malik Marcel Matteo Milan Mordecai Nahuel Nestor Nikolai Nolan Obadiah Octavio
    Olivier Omar Orlando Osman Otis Pascal Percival Quade Quincy Rafael Ramon Reuben Roland Roscoe
    Ruben Salvador Samson Sergio Silas Soren Stefan Tadeo Tarek Teodor Thaddeus Tobias Ugo
    Valentin Vance Viggo Wallace Wendell Xavi Yannick Yusuf Zander Zoran T.J. D'Marcus
    Jean-Luc
"""
_LAST = """
    Abernathy Achterberg Alderton Amadi Ashgrove Ballantine Barrowman Bellweather Birchall
    Blackwood Bonaventure Braithwaite Brightwell Burkhalter Calloway Carrow Castellan Chatterton
    Claiborne Colquitt Copperfield Cranston Dacosta Dalrymple Danvers Delacroix Devereaux
    Drummond Dunleavy Eastlake Ellsworth Endicott Everhart Fairbairn Falconer Farnsworth
    Featherston Fitzalan Forsythe Gainsborough Galloway Garrick Glenister Goodfellow Grantham
    Greenhalgh Hadley Halloran Hargrove Hartigan Hathaway Hawksworth Heatherly Hollingsworth
    Huckaby Iverleigh Jessop Kenilworth Kilbride Kingsolver Lamarque Langford Larkspur Lindqvist
    Lockhart Lovelace Macalister Mainwaring Marchetti Markovitz Maynard Mbaye Merriweather
    Middlebrook Montclair Moorcroft Mountjoy Nakamura Ndiaye Netherby Nightingale Northcote
    Okonjo Oakeshott Okafor-Hale Oldfield Oliveira Ormsby Osgood Paddington Pemberton Penhallow
    Pettigrew Pickersgill Pomeroy Prendergast Quartermain Radcliffe Ravenhill Redfern Rivington
    Rockwell Rosewood Rutherglen Sandoval Satterfield Sheffield Silverton Skelton Somerville
    Stanhope Stirling Stonebridge Summerhill Tavernier Templeton Thackeray Thornbury Tillman
    Traore Trevelyan Underhill Vandermeer Vasquez-Lund Venables Wainwright Wakefield Waverly
    Westbury Whitcombe Winterbourne Wolcott Woolsey Yarborough Youngblood Zabriskie O'Farrell
    Sivers Srivastan Ivanhoe Jrade
"""
_ACCENTED_FIRST = "André Čedo Éloi Jörn Luís Maël Márton Ramón Štěpán Žan Tomás Rüdiger"
_ACCENTED_LAST = """
    Ağaoğlu Björkman Brajković Cissé Dvořák Escalón Făgăraș Grzelański Håkansson Ibáñez Jurišić
    Kovačević Lindström Łukasik Mladenović Nowotný Ødegård Petrušić Quiñones Règnier Šarović
    Sjöholm Tóth Vukčević Zvonarić Đurović Şahinler
"""
FIRST, LAST = _FIRST.split(), _LAST.split()
ACCENTED_FIRST, ACCENTED_LAST = _ACCENTED_FIRST.split(), _ACCENTED_LAST.split()
SUFFIXES = ("Jr.", "III", "II", "IV", "Sr.")
UNDECOMPOSED = str.maketrans("øłđıØŁĐ", "oldiOLD")
"""Letters that Unicode does not take apart into a base letter and a mark."""


def lookup_of(name: str) -> str:
    """Lower-case, diacritics folded, only [a-z0-9] kept: the intent of every lookup."""
    folded = unicodedata.normalize("NFKD", name.translate(UNDECOMPOSED).lower())
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())


def unfolded_lookup(name: str) -> str:
    """The lookup of BDL and BigDataBall: letters outside ASCII are dropped, not folded."""
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())


def injury_lookup(name: str) -> str:
    """The injury loader's lookup: suffix letters are deleted anywhere in the name."""
    found = lookup_of(name)
    for part in ("jr", "sr", "iii", "ii", "iv"):
        found = found.replace(part, "")
    return found


class NameSource:
    """Draws names nobody has had; the same generator state gives the same names."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def draw(self, rng: np.random.Generator) -> str:
        """One new name: about one in ten with diacritics, one in twenty with a suffix."""
        while True:
            accented = rng.random(2) < (0.05, 0.09)
            firsts = ACCENTED_FIRST if accented[0] else FIRST
            lasts = ACCENTED_LAST if accented[1] else LAST
            plain = f"{firsts[rng.integers(len(firsts))]} {lasts[rng.integers(len(lasts))]}"
            suffix = ""
            if rng.random() < 0.05:
                suffix = " " + SUFFIXES[min(int(rng.exponential(0.9)), len(SUFFIXES) - 1)]
            # All three spellings, so that no vendor's lookup can belong to two players.
            forms = {lookup_of(plain), unfolded_lookup(plain), injury_lookup(plain)}
            if not forms & self._taken:
                self._taken |= forms
                return plain + suffix


def name_variants(names: Sequence[str]) -> dict[str, str]:
    """How the props vendor prints some names: suffixes dropped, first names cut to a letter.

    A variant whose lookup is somebody's own is not used.
    """
    taken = {lookup_of(name) for name in names}
    found: dict[str, str] = {}
    for n, name in enumerate(names):
        parts = name.split()
        if parts[-1] in SUFFIXES and n % 2:
            variant = " ".join(parts[:-1])
        elif n % 41 == 5:
            variant = " ".join([f"{parts[0][0]}.", *parts[1:]])
        else:
            continue
        if lookup_of(variant) not in taken:
            taken.add(lookup_of(variant))
            found[name] = variant
    return found
