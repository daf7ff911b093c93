"""The store of people's decisions on one connection."""

from sqlalchemy import Connection

from sql.stores.decisions.intents import IntentWrites
from sql.stores.decisions.reads import DecisionReads
from sql.stores.decisions.writes import DecisionWrites


class Decisions(DecisionReads, DecisionWrites, IntentWrites):
    """`nlp.ports.DecisionStore` in the transaction of a connection, which the caller ends."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
