"""The store of erasures on one connection."""

from sqlalchemy import Connection

from sql.stores.erasures.reads import ErasureReads
from sql.stores.erasures.writes import ErasureWrites
from sql.stores.seal import Seal


class Erasures(ErasureReads, ErasureWrites):
    """`nlp.ports.ErasureStore` in the transaction of a connection, which the caller ends."""

    def __init__(self, connection: Connection, seal: Seal) -> None:
        self.connection = connection
        self.seal = seal
