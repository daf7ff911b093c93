"""Postal addresses as people write them, drawn for `python -m bench personal`."""

import random

from bench.personal_digits import digits, letters


def address_gb(rng: random.Random) -> str:
    """Return a British address."""
    street = street_gb(rng)
    town = rng.choice(["Harwick", "Little Marlow", "Penrith", "Norwich", "Bath", "Kirkby Lonsdale"])
    return rng.choice(
        [
            f"{street}, {town} {postcode(rng)}",
            f"{street}, {town}, {postcode(rng)}",
            f"Flat {rng.randrange(1, 40)}, {street}, {town} {postcode(rng)}",
        ]
    )


def street_gb(rng: random.Random) -> str:
    """Return a house number and a street."""
    name = rng.choice(
        [
            "Tanner's",
            "Old Mill",
            "St Anne's",
            "Beechwood",
            "Queen Adelaide",
            "Priory",
            "High",
            "Larch",
        ]
    )
    return f"{rng.randrange(1, 240)}{rng.choice(['', '', 'a'])} {name} {rng.choice(['Road', 'Lane', 'Street', 'Close', 'Crescent', 'Avenue', 'Gardens'])}"


def postcode(rng: random.Random) -> str:
    """Return a British postcode."""
    area = rng.choice(["HX", "NR", "SW", "B", "EH", "LA", "M", "CT"])
    return f"{area}{rng.randrange(1, 20)} {rng.randrange(1, 10)}{rng.choice('ABDEFGH')}{rng.choice('JLNPQRS')}"


def address_us(rng: random.Random) -> str:
    """Return an address in the United States."""
    street = f"{rng.randrange(10, 9900)} {rng.choice(['Maple', 'N Lincoln', 'Cedar Ridge', 'Martin Luther King', 'W 43rd', 'Juniper'])} {rng.choice(['St', 'Ave', 'Blvd', 'Drive', 'Court', 'Ln'])}"
    unit = rng.choice(["", "", " Apt 4B", ", Suite 210"])
    town = rng.choice(
        ["Springfield, IL 62704", "Boise, ID 83702", "Santa Fe, NM 87501", "Albany, NY 12207-1234"]
    )
    return f"{street}{unit}, {town}"


def address_de(rng: random.Random) -> str:
    """Return a German address."""
    street = rng.choice(
        [
            "Lindenstraße",
            "Am Alten Markt",
            "Goethestr.",
            "Kaiser-Wilhelm-Ring",
            "Schulweg",
            "Marktplatz",
        ]
    )
    return f"{street} {rng.randrange(1, 160)}{rng.choice(['', 'a', ''])}, {rng.randrange(10000, 99000)} {rng.choice(['Köln', 'Halle', 'Bad Homburg', 'Erfurt'])}"


def address_fr(rng: random.Random) -> str:
    """Return a French address."""
    street = rng.choice(
        [
            "rue des Lilas",
            "avenue Victor Hugo",
            "boulevard de la République",
            "impasse du Moulin",
            "rue Saint-Jacques",
        ]
    )
    return f"{rng.randrange(1, 140)}{rng.choice(['', ' bis'])} {street}, {rng.randrange(10000, 95000)} {rng.choice(['Lyon', 'Nantes', 'Aix-en-Provence'])}"


def address_in(rng: random.Random) -> str:
    """Return an Indian address."""
    start = rng.choice(["Flat 12B, Sunrise Apartments, ", "H.No. 4-21, ", "Plot 88, ", ""])
    return f"{start}{rng.randrange(1, 90)} {rng.choice(['MG', 'Station', 'Gandhi', 'Temple'])} Road, {rng.choice(['Indiranagar, Bengaluru', 'Andheri West, Mumbai', 'Anna Nagar, Chennai'])} {rng.randrange(110, 700)}0{rng.randrange(10, 99)}"


def address_au(rng: random.Random) -> str:
    """Return an Australian address."""
    street = rng.choice(
        ["Wattle Grove", "Kangaroo Road", "The Esplanade", "Bligh Street", "Tamar Parade"]
    )
    town = rng.choice(["Fremantle WA 6160", "Parramatta NSW 2150", "Geelong VIC 3220"])
    return f"{rng.choice(['', '3/', 'Unit 5, '])}{rng.randrange(1, 200)} {street}, {town}"


def address_nl(rng: random.Random) -> str:
    """Return a Dutch address."""
    street = rng.choice(["Keizersgracht", "Dorpsstraat", "Burgemeester Reigerstraat", "Zeeweg"])
    return f"{street} {rng.randrange(1, 300)}{rng.choice(['', '-2', 'B'])}, {digits(rng, 4)} {letters(rng, 2)} {rng.choice(['Utrecht', 'Haarlem', 'Den Haag'])}"


def address_ca(rng: random.Random) -> str:
    """Return a Canadian address."""
    street = rng.choice(["Rue Sherbrooke", "Yonge St", "Maple Leaf Cres", "4th Ave"])
    town = rng.choice(["Toronto ON M4C 1B5", "Montréal, QC H2X 1Y4", "Calgary, AB T2P 5H1"])
    return f"{rng.choice(['', '204-'])}{rng.randrange(10, 4000)} {street}, {town}"


def address_gb_lower(rng: random.Random) -> str:
    """Return a British address in lower case."""
    street = rng.choice(
        ["station road", "church lane", "victoria avenue", "the green", "mill close"]
    )
    return f"{rng.randrange(1, 200)} {street}, {rng.choice(['wigan', 'stroud', 'little paxton'])}"


def eircode(rng: random.Random) -> str:
    """Return an Irish postcode."""
    return f"{rng.choice(['D0', 'T1', 'H9', 'A6'])}{rng.randrange(1, 9)} {rng.choice('XYFPR')}{digits(rng, 2)}{rng.choice('ACDEF')}"
